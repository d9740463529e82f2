import { FOLDER, readFromHome } from './homes/folder.ts';
import { KEEP, readKeep } from './homes/keep-file.ts';
import { aboutText, lastStopText, outOfMemoryText } from './homes/texts.ts';
import { type Note, writeNote } from './homes/write.ts';
import type { Clock } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Lull } from './lib/lull.ts';
import type { Lease } from './model/idle.ts';
import type { About, News, Noted, Voice } from './model/notes.ts';
import type { Runtime } from './model/runtime.ts';
import type { OwnersEnd } from './model/status.ts';
import type { EventLog, IntentStore } from './model/store.ts';
import { toldEnd } from './reconcilers/workspace/intents.ts';

type Deps = {
  runtime: Pick<Runtime, 'homeFolder'>;
  intents: Pick<IntentStore, 'update'>;
  events: EventLog;
  clock: Clock;
  /** What holds for a workspace is written when nobody has to be started: a note is a process of its own. */
  lull: Lull;
  maxKeepMs: number;
};

type Told = { name: string; by: Voice };

/** About the last dozen ends. */
const EARLIER_ENDS_BYTES = 6_000;
const ABOUT = { name: 'about.txt', mostBytes: 4_096 };
/** A home that took no note is tried again; its disk may have been full. */
const RETRY_MS = 300_000;

/** What workdock and the owner of a home tell each other in its folder `.workdock`. */
export function makeHomeNotes({ runtime, intents, events, clock, lull, maxKeepMs }: Deps) {
  /** One after the other for each workspace: an end is told before what holds after it. */
  const queues = new Map<string, Promise<void>>();
  const about = new Map<string, { text: string; notBefore: number }>();
  const ends = new Map<string, { at: string; notBefore: number }>();
  const keepProblems = new Map<string, string>();

  const put = async (noted: Noted, note: Pick<Note, 'name' | 'text' | 'keepBytes'>) => {
    const home = await runtime.homeFolder(noted);
    if (home !== null) await writeNote({ home, identity: noted.identity, ...note });
  };
  const putEntry = (noted: Noted, text: string) =>
    put(noted, { name: 'last-stop.txt', text, keepBytes: EARLIER_ENDS_BYTES });
  const putAbout = async (noted: Noted, text: string) => {
    const home = await runtime.homeFolder(noted);
    if (home === null) return;
    const now = await readFromHome(home, noted.identity, ABOUT).catch(() => undefined);
    if (now?.text !== text) await put(noted, { name: ABOUT.name, text, keepBytes: 0 });
  };
  /** Never fails: no note is worth a pass. `after` says whether it was written. */
  const later = ({ name, by }: Told, write: () => Promise<void>, after: (written: boolean) => void | Promise<void>) => {
    const turn = async () => {
      try {
        await write();
        await after(true);
      } catch (error) {
        await after(false);
        if (!(error instanceof WorkdockError)) return by.log.error({ err: error }, 'a note in a home failed');
        by.events.emit({ name, type: 'Warning', reason: 'HomeNote', message: `${error.message}; ${error.hint}` });
      }
    };
    queues.set(name, (queues.get(name) ?? Promise.resolve()).then(turn));
  };

  const tellEnd = (noted: Noted, end: OwnersEnd, by: Voice) => {
    const { name } = noted;
    const known = ends.get(name);
    if (known?.at === end.at && known.notBefore > clock.monotonic()) return;
    ends.set(name, { at: end.at, notBefore: Number.POSITIVE_INFINITY });
    later(
      { name, by },
      () => putEntry(noted, lastStopText(end, noted)),
      async (written) => {
        if (written) await intents.update(name, toldEnd(end));
        else ends.set(name, { at: end.at, notBefore: clock.monotonic() + RETRY_MS });
      },
    );
  };
  const tellAbout = (noted: Noted, news: About, by: Voice) => {
    const { name } = noted;
    const text = aboutText(noted, news, { maxKeepMs, keepProblem: keepProblems.get(name) ?? '' });
    const key = `${news.run}\n${text}`;
    const known = about.get(name);
    if (known?.text === key && known.notBefore > clock.monotonic()) return;
    about.set(name, { text: key, notBefore: Number.POSITIVE_INFINITY });
    later(
      { name, by },
      () => lull.come().then(() => putAbout(noted, text)),
      (written) => void (written || about.set(name, { text: key, notBefore: clock.monotonic() + RETRY_MS })),
    );
  };

  return {
    /** Whatever comes of it is told by `by`. */
    tellOwner: (noted: Noted, { end, outOfMemory, about: news }: News, by: Voice): void => {
      if (end) tellEnd(noted, end, by);
      if (outOfMemory) {
        const text = outOfMemoryText(outOfMemory, noted);
        later(
          { name: noted.name, by },
          () => putEntry(noted, text),
          () => undefined,
        );
      }
      if (news) tellAbout(noted, news, by);
    },
    /** What `~/.workdock/keep` asks for; fails when the home cannot be looked at. A wrong one is an event, once. */
    leaseFromHome: async (
      noted: Pick<Noted, 'name' | 'home' | 'homeSource' | 'identity'>,
    ): Promise<Lease | undefined> => {
      const home = await runtime.homeFolder(noted);
      const kept = home === null ? undefined : await readKeep(home, noted.identity, clock.now());
      const problem = kept?.ok === false && kept.message !== '' ? `~/${FOLDER}/${KEEP}: ${kept.message}` : '';
      if (problem !== '' && keepProblems.get(noted.name) !== problem) {
        events.emit({ name: noted.name, type: 'Warning', reason: 'KeepUnusable', message: problem });
      }
      keepProblems.set(noted.name, problem);
      return kept?.ok ? kept.lease : undefined;
    },
    /** Resolves when everything told so far is written or was found unwritable. */
    flush: async (): Promise<void> => {
      lull.end();
      await Promise.all(queues.values());
    },
  };
}

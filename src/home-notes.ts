import { FOLDER, readFromHome } from './homes/folder.ts';
import { KEEP, readKeep } from './homes/keep-file.ts';
import { aboutText, lastStopText } from './homes/texts.ts';
import { type Note, writeNote } from './homes/write.ts';
import type { Clock } from './lib/clock.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Log } from './lib/log.ts';
import type { Fitted } from './model/fitted.ts';
import type { Lease } from './model/idle.ts';
import type { Runtime } from './model/runtime.ts';
import type { LastEnd } from './model/status.ts';
import type { EventLog } from './model/store.ts';

type Deps = { runtime: Pick<Runtime, 'homeFolder'>; events: EventLog; clock: Clock; log: Pick<Log, 'error'> };

/** About the last dozen ends. */
const EARLIER_ENDS_BYTES = 6_000;
const MOST_ABOUT_BYTES = 4_096;

/** What workdock and the owner of a home tell each other in its folder `.workdock`. */
export function makeHomeNotes({ runtime, events, clock, log }: Deps) {
  const about = new Map<string, string>();
  /** One after the other for each workspace: an end is told before what holds after it. */
  const queues = new Map<string, Promise<void>>();
  const told = new Map<string, string>();

  const put = async (fitted: Fitted, note: Pick<Note, 'name' | 'text' | 'keepBytes'>) => {
    const home = await runtime.homeFolder(fitted);
    if (home !== null) await writeNote({ home, identity: fitted.identity, ...note });
  };
  const putAbout = async (fitted: Fitted, text: string) => {
    const home = await runtime.homeFolder(fitted);
    if (home === null) return;
    const now = await readFromHome(home, 'about.txt', MOST_ABOUT_BYTES).catch(() => undefined);
    if (now?.text !== text) await put(fitted, { name: 'about.txt', text, keepBytes: 0 });
  };
  const later = (name: string, write: () => Promise<void>) => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(write).catch((error: unknown) => {
      if (!(error instanceof WorkdockError)) return log.error({ err: error, name }, 'a note in a home failed');
      events.emit({ name, type: 'Warning', reason: 'HomeNote', message: `${error.message}; ${error.hint}` });
    });
    queues.set(name, turn);
  };

  return {
    tellOwner: (fitted: Fitted, { end }: { end?: LastEnd }): void => {
      const { name } = fitted;
      if (end) {
        later(name, () =>
          put(fitted, { name: 'last-stop.txt', text: lastStopText(end), keepBytes: EARLIER_ENDS_BYTES }),
        );
      }
      const text = aboutText(fitted);
      if (about.get(name) === text) return;
      about.set(name, text);
      later(name, () => putAbout(fitted, text));
    },
    /** What `~/.workdock/keep` asks for; fails when the home cannot be looked at. A wrong one is an event, once. */
    leaseFromHome: async (fitted: Fitted): Promise<Lease | undefined> => {
      const home = await runtime.homeFolder(fitted);
      const kept = home === null ? undefined : await readKeep(home, clock.now());
      const problem = kept?.ok === false ? kept.message : '';
      if (problem !== '' && told.get(fitted.name) !== problem) {
        const message = `~/${FOLDER}/${KEEP}: ${problem}`;
        events.emit({ name: fitted.name, type: 'Warning', reason: 'KeepUnusable', message });
      }
      told.set(fitted.name, problem);
      return kept?.ok ? kept.lease : undefined;
    },
    /** Resolves when everything told so far is written or was found unwritable. */
    flush: async (): Promise<void> => {
      await Promise.all(queues.values());
    },
  };
}

import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Scan, SourceTrouble, SpecSource } from '../../model/source.ts';
import { makeAlarm } from '../alarm.ts';
import { type GitDeadlines, type MirrorOptions, makeMirror } from './mirror.ts';
import { type Commit, makeCommitReader } from './read-commit.ts';

/** A transfer may be long, but not silent; what is on our own disk is quick. */
const usualDeadlines: GitDeadlines = { askMs: 60_000, fetchMs: 1_200_000, silenceMs: 60_000, localMs: 60_000 };

/** Fetches, after which the mirror is packed as a whole: git guesses from a sample of its objects, and may be wrong. */
const TIDY_EVERY = 25;

/** The repository in `Scan.roots`: another one, or another branch of it, is another root. */
const gitRootName = 'source.git';

export type GitSourceOptions = Pick<MirrorOptions, 'folder' | 'remote' | 'branch' | 'key' | 'knownHosts' | 'env'> & {
  /** Folders of the tree; null: `workspaces`, or the root when there is none. */
  folders: readonly string[] | null;
  intervalMs: number;
  clock: Clock;
  log: Log;
  deadlines?: Partial<GitDeadlines>;
};

/**
 * Spec files of one branch of a repository, fetched every `intervalMs`, always those of one commit as a whole. Whatever
 * goes wrong on the way (no network, no branch, a commit that cannot be read) leaves the commit in force, also over a
 * restart, and is told.
 */
export function makeGitSource(options: GitSourceOptions): SpecSource {
  const { remote, branch, folders, intervalMs, clock, log } = options;
  const roots = { [gitRootName]: `${remote.url} ${branch}` };
  const ended = new AbortController();
  const deadlines = { ...usualDeadlines, ...options.deadlines };
  const mirror = makeMirror({ ...options, deadlines, signal: ended.signal });
  const read = makeCommitReader(mirror.git, folders);
  let listener: (scan: Scan) => Promise<void> = async () => {};
  let current: Commit | undefined;
  let trouble: SourceTrouble | undefined;
  let told = '';
  let fetches = 0;
  let tidied = 0;
  let telling: Promise<void> = Promise.resolve();
  let running: Promise<void> = Promise.resolve();

  const scanNow = (): Scan | undefined => {
    if (current !== undefined) {
      const from = `commit ${current.id.slice(0, 12)} of ${branch}`;
      return { kind: 'settled', files: current.files, from, roots, ...(trouble && { trouble }) };
    }
    return trouble && { kind: 'unreadable', ...trouble };
  };
  const tell = (again: boolean): void => {
    telling = telling.then(async () => {
      const scan = scanNow();
      const key = `${current?.id} ${trouble?.reason} ${trouble?.message}`;
      if (scan === undefined || ended.signal.aborted || (key === told && !again)) return;
      told = key;
      await listener(scan).catch((error: unknown) => log.error({ err: error }, 'the listener of the specs failed'));
    });
  };

  const beginAnew = async (reason: string): Promise<SourceTrouble> => {
    if (!ended.signal.aborted) {
      log.warn({ reason }, 'the mirror is damaged and is made anew');
      await mirror.putAside().catch((error: unknown) => log.warn({ err: error }, 'the mirror cannot be put aside'));
    }
    return { reason: 'MirrorUnusable', message: `${reason}; it is fetched anew` };
  };
  /** Once for each row of failures: a damaged object of ours makes git fail as a bad line does. */
  const whoseFault = async (failed: SourceTrouble): Promise<SourceTrouble> => {
    if (failed.reason !== 'FetchFailed' || trouble?.reason === failed.reason || (await mirror.sound())) return failed;
    return beginAnew('objects of the mirror are missing or damaged');
  };
  /** Reads a commit and puts it in force; a damaged mirror is begun anew. */
  const take = async (id: string): Promise<SourceTrouble | undefined> => {
    const result = await read(id);
    if (result.kind === 'read') {
      if (current?.id !== id) log.info({ commit: id, branch, author: result.commit.author }, 'commit taken');
      current = result.commit;
      return undefined;
    }
    if (result.kind === 'unusable') return { reason: 'CommitUnusable', message: result.message };
    return beginAnew(result.message);
  };
  const resume = async (): Promise<void> => {
    await mirror.endOrphans();
    trouble = await mirror.open();
    const id = trouble === undefined ? await mirror.inForce() : undefined;
    if (id !== undefined) trouble = await take(id);
  };
  const update = async (): Promise<SourceTrouble | undefined> => {
    const unusable = await mirror.open();
    if (unusable !== undefined) return unusable;
    const asked = await mirror.ask();
    if ('reason' in asked) return asked;
    if (asked.id === current?.id) return undefined;
    if (!(await mirror.suits(asked.id))) {
      await mirror.putAside();
      const unmade = await mirror.open(asked.id);
      if (unmade !== undefined) return unmade;
    }
    if ((await mirror.fetched()) !== asked.id) {
      fetches += 1;
      const failed = await mirror.fetch();
      if (failed !== undefined) return whoseFault(failed);
    }
    const id = await mirror.fetched();
    if (id === undefined) return { reason: 'MirrorUnusable', message: 'what was fetched is not there; tried again' };
    const wrong = await take(id);
    if (wrong !== undefined) return wrong;
    await mirror.takeOver(id);
    return undefined;
  };
  const look = async (): Promise<void> => {
    try {
      trouble = await update();
      // Begun anew, so that a damaged mirror costs one more fetch and not an interval without the newest commit.
      if (trouble?.reason === 'MirrorUnusable') trouble = await update();
    } catch (error) {
      log.error({ err: error }, 'looking at the repository failed');
    }
    if (ended.signal.aborted) return;
    tell(false);
    alarm.within(intervalMs);
    if (trouble !== undefined || tidied === fetches) return;
    tidied = fetches;
    await mirror.tidy(fetches % TIDY_EVERY === 0);
  };
  const alarm = makeAlarm(clock, () => {
    running = running.then(look);
  });

  return {
    onScan: (next) => {
      listener = next;
    },
    start: async () => {
      running = resume()
        .catch((error: unknown) => log.error({ err: error }, 'the mirror cannot be opened'))
        .then(() => {
          if (ended.signal.aborted) return;
          // What was in force before goes on at once, however long the remote takes to answer.
          if (current !== undefined) tell(false);
          alarm.within(0);
        });
    },
    poke: () => tell(true),
    close: async () => {
      alarm.cancel();
      ended.abort();
      await running;
      alarm.cancel();
      await telling;
    },
  };
}

import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { adviceFor, busyText, type GitSign } from './git-signs.ts';
import { isHalfDone } from './half-done.ts';

/** A sign this old was left by a git that was killed, or a person rebases over lunch. */
const MAX_BUSY_MS = 300_000;
/** Asking costs a few calls of git. */
const ASK_EVERY_MS = 3_000;

/** A work tree, or the part of it that counts, with a sign that git is in the way. */
export type Busy = { top: string; gitFolder: string; sign: GitSign };
/** `wait`: why the tree is not read; `in spite of`: that it may be read, although. */
export type Verdict = { wait: string } | { inSpiteOf: string };

/**
 * Waits for git, but not for ever: what the sign is of may have ended without it. After five minutes the files are read
 * when they are those of the commit that was there before, apart from edits by hand; half a checkout never is.
 */
export function makePatience(clock: Clock, log: Log) {
  let held: { id: string; sinceMs: number } | undefined;
  let asked: { atMs: number; half: boolean } | undefined;

  return {
    judge: async (folder: string, { top, gitFolder, sign }: Busy): Promise<Verdict> => {
      const nowMs = clock.monotonic();
      if (held?.id !== sign.id) {
        held = { id: sign.id, sinceMs: nowMs };
        asked = undefined;
      }
      if (nowMs - held.sinceMs < MAX_BUSY_MS) return { wait: busyText(folder, sign) };
      const first = asked === undefined;
      if (asked === undefined || nowMs - asked.atMs >= ASK_EVERY_MS) {
        asked = { atMs: nowMs, half: await isHalfDone(top, gitFolder) };
      }
      const since = `${folder}: ${sign.path} exists for more than 5 minutes`;
      const verdict = asked.half
        ? { wait: `${since}, and the files are in the middle of it, so they are not read: ${adviceFor(sign)}` }
        : { inSpiteOf: `${since}; edits are read in spite of it, but nothing is removed: ${adviceFor(sign)}` };
      if (first) log.warn({ reason: Object.values(verdict)[0] }, 'git is in the way of the specs');
      return verdict;
    },
    forget: (): void => {
      held = undefined;
    },
  };
}

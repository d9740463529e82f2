import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';

const DEADLINE_MS = 600_000;
const KIB = 1024;
const LEAST_PRIORITY = 19;

/** Counts that were killed and hang on: a disk that does not answer holds them in the kernel. */
let hanging = 0;

/** Least of the processors' time: a count is never urgent. */
function yieldTo({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, LEAST_PRIORITY);
  } catch {
    // It has ended already.
  }
}

/**
 * Disk space that a folder takes on its own disk, in bytes, as `du` counts it: each hard link once, holes not at all,
 * links not followed. Undefined when it cannot be counted within ten minutes. A process of its own, because a disk that
 * hangs would hold a thread of ours; while one hangs no other is begun.
 */
export const countSpace = async (folder: string, signal: AbortSignal): Promise<number | undefined> => {
  const kib = await du('-skxH', folder, signal);
  return kib === undefined ? undefined : kib * KIB;
};

/** Files, folders, links and whatever else is in a folder; each hard link once. As above. */
export const countFiles = async (folder: string, signal: AbortSignal): Promise<number | undefined> => {
  const inodes = await du('--inodes', folder, signal);
  return inodes === undefined ? undefined : inodes - 1;
};

function du(what: '-skxH' | '--inodes', folder: string, signal: AbortSignal): Promise<number | undefined> {
  if (hanging > 0 || signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let text = '';
    let isGivenUp = false;
    let isOver = false;
    const child = spawn('du', [what, '-sxH', '--', folder], { stdio: ['ignore', 'pipe', 'ignore'] });
    yieldTo(child);
    const giveUp = () => {
      if (isOver || isGivenUp) return;
      isGivenUp = true;
      hanging += 1;
      child.kill('SIGKILL');
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, DEADLINE_MS);
    timer.unref();
    signal.addEventListener('abort', giveUp, { once: true });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const end = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      if (isGivenUp) hanging -= 1;
      // Files that went during the count make it fail with 1; the sum is still said.
      const sum = /^(\d+)\s/.exec(text)?.[1];
      resolve(sum === undefined ? undefined : Number(sum));
    };
    child.once('error', end);
    child.once('close', end);
  });
}

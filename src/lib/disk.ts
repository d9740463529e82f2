import { dirname } from 'node:path';
import { mountPoints } from './mount-points.ts';

/** Calls at once on one disk. Each that hangs holds one of the few threads that all files of this process share. */
const WIDTH = 2;
const DEADLINE_MS = 3_000;
const MOUNTS_FRESH_MS = 30_000;

/** What a call on a disk that does not answer fails with. */
const slow = () => Object.assign(new Error('the disk does not answer'), { code: 'ETIMEDOUT' });

function makeGate() {
  const waiting: { go: () => void; fail: () => void }[] = [];
  let running = 0;
  let overdue = 0;
  const next = () => {
    while (running < WIDTH && waiting.length > 0) {
      running += 1;
      waiting.shift()!.go();
    }
    if (overdue >= WIDTH) for (const { fail } of waiting.splice(0)) fail();
  };

  return async <T>(call: () => Promise<T>, ms: number): Promise<T> => {
    if (overdue >= WIDTH) throw slow();
    await new Promise<void>((go, reject) => {
      waiting.push({ go, fail: () => reject(slow()) });
      next();
    });
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true;
        overdue += 1;
        next();
        reject(slow());
      }, ms);
    });
    const done = call().finally(() => {
      clearTimeout(timer);
      running -= 1;
      if (isLate) overdue -= 1;
      next();
    });
    return Promise.race([done, late]);
  };
}

let mounts = { at: Number.NEGATIVE_INFINITY, points: [''] };

function freshPoints(): string[] {
  if (performance.now() - mounts.at < MOUNTS_FRESH_MS) return mounts.points;
  let points: string[] = [];
  try {
    points = mountPoints();
  } catch {
    // Another kernel: folders alone tell disks apart.
  }
  mounts = { at: performance.now(), points };
  return points;
}

/** Paths with one key are most likely on one disk; a link on the way may lead elsewhere, hence also by folder. */
function diskOf(path: string): string {
  let longest = '';
  for (const point of freshPoints()) {
    if (point.length > longest.length && (path === point || path.startsWith(`${point}/`))) longest = point;
  }
  return `${longest} ${dirname(path)}`;
}

const gates = new Map<string, ReturnType<typeof makeGate>>();

/**
 * Runs a call that touches `path`, which may lie on a disk that hangs (a network disk whose server is gone): it fails
 * with the errno code ETIMEDOUT after `ms`, and a disk with calls that still hang gets no more of them. Without this
 * four such calls would end all file access of the process.
 */
export function onDisk<T>(path: string, call: () => Promise<T>, ms = DEADLINE_MS): Promise<T> {
  const key = diskOf(path);
  const gate = gates.get(key) ?? makeGate();
  gates.set(key, gate);
  return gate(call, ms);
}

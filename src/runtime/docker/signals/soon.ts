import { readFile } from 'node:fs/promises';
import type { CgroupRoots } from '../cgroup.ts';

const SOON_MS = 1_000;

export type ReadSoon = (path: string) => Promise<string>;
export type Sources = { roots: CgroupRoots; readSoon: ReadSoon };

/**
 * Reads files of processes that may be stuck (`cmdline`, `environ` wait for one that waits for a dead disk). A read is
 * given up after a second, and not begun again while it hangs: it holds one of the few threads that read files.
 * The read fails with what the system says, or that it took too long.
 */
export function makeReadSoon(): ReadSoon {
  const hanging = new Set<string>();
  return async (path) => {
    const stuck = () => new Error(`${path}: the process is stuck, it could not be read`);
    if (hanging.has(path)) throw stuck();
    hanging.add(path);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(stuck()), SOON_MS);
    });
    const read = readFile(path, 'utf8').finally(() => hanging.delete(path));
    try {
      return await Promise.race([read, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}

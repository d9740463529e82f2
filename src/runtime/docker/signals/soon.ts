import { readFile } from 'node:fs/promises';

const SOON_MS = 1_000;

/**
 * A file of a process that may be stuck (`cmdline`, `environ`): it is given up after a second.
 * @throws what the system says, or that it took too long.
 */
export async function readSoon(path: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${path}: the process is stuck, it could not be read`)), SOON_MS);
  });
  try {
    return await Promise.race([readFile(path, 'utf8'), late]);
  } finally {
    clearTimeout(timer);
  }
}

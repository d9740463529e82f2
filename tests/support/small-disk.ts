import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Mounts an ext4 file system of so many MiB, kept in the file `image`; the returned function unmounts it. */
export async function mountDisk(image: string, folder: string, sizeMib: number): Promise<() => Promise<unknown>> {
  await run('truncate', ['-s', `${sizeMib}M`, image]);
  await run('mkfs.ext4', ['-q', '-m', '0', image]);
  await run('mount', ['-o', 'loop', image, folder]);
  return () => run('umount', ['-l', folder]);
}

const freeBytes = (folder: string) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Fills a disk until nothing more can be written; the returned function gives the space back. */
export async function fillDisk(folder: string): Promise<() => void> {
  const fillers = join(folder, 'fillers');
  mkdirSync(fillers);
  for (let rest = freeBytes(folder); rest > 0; rest = Math.floor(rest / 2)) {
    await run('fallocate', ['-l', String(rest), join(fillers, String(rest))]).catch(() => undefined);
  }
  // What is too scattered for fallocate.
  for (let size = 1 << 16; size > 0; size >>= 1) {
    try {
      for (;;) writeFileSync(join(fillers, 'last'), 'x'.repeat(size), { flag: 'a' });
    } catch {
      // No room for so much at once.
    }
  }
  return () => rmSync(fillers, { recursive: true });
}

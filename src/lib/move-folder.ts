import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WorkdockError } from './errors.ts';

/** Makes what was renamed in a folder last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const reasons: Record<string, string> = {
  EXDEV: 'they are on two file systems or mounts, and nothing is ever copied',
  EBUSY: 'it is a mount point',
  EPERM: 'the system forbids it, as for what chattr made immutable',
  ENOSPC: 'the disk is full',
  EDQUOT: 'a quota is used up',
  EROFS: 'its disk is read-only',
};

/**
 * Gives a folder another name on its file system, at once and for good: a crash leaves it under one of the two. The
 * new name must be free. Nothing is ever copied.
 * @throws HOME_UNUSABLE when it cannot be done; the folder is where it was then.
 */
export async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const hint = 'it stays where it is; see to that, and it is done at the next try';
    const message = `cannot move ${from} to ${dirname(to)}: ${reasons[code] ?? code}`;
    throw new WorkdockError('HOME_UNUSABLE', message, { hint, cause });
  }
  for (const folder of new Set([dirname(to), dirname(from)])) await syncFolder(folder);
}

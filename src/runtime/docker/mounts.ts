import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onDisk } from '../../lib/disk.ts';
import type { Mount } from '../../model/desired.ts';

export const isInside = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);

const OTHERS_MAY_WRITE = 0o022;

/** Folders from `root` down to the parent of `path`, which lies inside it. */
function between(root: string, path: string): string[] {
  const folders: string[] = [];
  for (let at = path; at !== root && at !== '/'; ) {
    at = dirname(at);
    folders.push(at);
  }
  return folders;
}

/**
 * Why a host path cannot be mounted now, or null. After all symlinks it must lie inside one of `roots`; and nobody but
 * root and the root folder's owner may be able to swap a folder on the way to it for a symlink.
 */
export const mountProblem = (source: string, roots: readonly string[]): Promise<string | null> =>
  onDisk(source, () => problemOf(source, roots)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ETIMEDOUT') throw error;
    return `the disk of ${source} does not answer`;
  });

async function problemOf(source: string, roots: readonly string[]): Promise<string | null> {
  const real = await realpath(source).catch(() => null);
  if (real === null) return `${source} is not there`;
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => null)));
  const root = realRoots.find((candidate) => candidate !== null && isInside(real, candidate));
  if (!root) return `${source} leads to ${real}, which is outside mountRoots`;
  const { uid: keeper } = await stat(root);
  for (const folder of between(root, real)) {
    const { uid, mode } = await lstat(folder);
    if ((uid !== 0 && uid !== keeper) || (mode & OTHERS_MAY_WRITE) !== 0)
      return `${folder} can be changed by others than root, so ${source} could be led elsewhere: chmod go-w it`;
  }
  return null;
}

/** The sources that cannot be mounted now, each with the reason. */
export async function missingMounts(mounts: readonly Mount[], roots: readonly string[]) {
  const problems = await Promise.all(mounts.map(({ source }) => mountProblem(source, roots)));
  return mounts.flatMap(({ source }, index) => {
    const message = problems[index];
    return message ? [{ source, message }] : [];
  });
}

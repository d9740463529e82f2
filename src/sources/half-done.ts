import { lstat, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errnoOf } from './errno.ts';
import { isSpecName } from './walk.ts';
import { git } from './work-tree.ts';

/** Where git keeps the commit, or the branch, that the tree had before a person began to change it. */
const starts = ['rebase-merge/orig-head', 'rebase-apply/orig-head', 'BISECT_START'];

async function commitBefore(folder: string, gitFolder: string): Promise<string> {
  const found = await Promise.all(starts.map((name) => readFile(join(gitFolder, name), 'utf8').catch(() => null)));
  const name = found.find((text) => text !== null)?.trim() ?? 'HEAD';
  return (await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])).trim();
}

const split = (output: string): string[] => output.split('\0').filter((path) => path !== '');

/** Contents that lie in the repository came out of it; what a person types is in no repository yet. */
async function isFromGit(folder: string, paths: string[]): Promise<boolean> {
  if (paths.length === 0) return false;
  if (paths.some((path) => path.includes('\n'))) return true;
  const ids = await git(folder, ['hash-object', '--no-filters', '--stdin-paths'], `${paths.join('\n')}\n`);
  const known = await git(folder, ['cat-file', '--batch-check=%(objecttype)'], ids);
  return known.split('\n').some((line) => line === 'blob');
}

/**
 * Whether the spec files are in the middle of something that only git does: they are not those of the commit before it,
 * and what differs is missing, empty, or from another commit. Edits by hand are no such thing. Where git cannot tell
 * (it is not installed, or the repository is another account's), it is not said.
 */
export async function isHalfDone(folder: string, gitFolder: string): Promise<boolean> {
  try {
    const commit = await commitBefore(folder, gitFolder);
    const root = (await git(folder, ['rev-parse', '--show-toplevel'])).replace(/\n$/, '');
    const how = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules'];
    const changed = split(await git(folder, ['diff', ...how, commit, '--', '.']));
    const untracked = split(await git(folder, ['ls-files', '-z', '--others', '--full-name', '--', '.']));
    const specs = [...changed, ...untracked].filter((path) => isSpecName(basename(path)));
    const paths = specs.map((path) => join(root, path));
    const sizes = await Promise.all(
      paths.map((path) =>
        lstat(path)
          .then(({ size }) => size)
          .catch(() => 0),
      ),
    );
    if (sizes.includes(0)) return true;
    return await isFromGit(folder, paths);
  } catch (error) {
    return (error as { killed?: boolean }).killed === true && errnoOf(error) !== 'ENOENT';
  }
}

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** Something git has while it changes the tree. `id` is another one when git made it anew, or went on. */
export type GitSign = { path: string; id: string; what: string };

/** While git writes; also what a git leaves that was killed. */
const LOCK = 'index.lock';
/** While a person is in the middle of it. */
const unfinished: Record<string, string> = {
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  MERGE_HEAD: 'merge',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  BISECT_START: 'bisect',
};
const names = [LOCK, ...Object.keys(unfinished)];

/** The first sign that a tree is not what somebody means it to be; null when there is none. Costs seven stats. */
export async function signIn(gitFolder: string): Promise<GitSign | null> {
  const paths = names.map((name) => join(gitFolder, name));
  const found = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(() => null)));
  const at = found.findIndex((one) => one !== null);
  if (at < 0) return null;
  const { ino, mtimeNs } = found[at]!;
  return { path: paths[at]!, id: `${paths[at]} ${ino} ${mtimeNs}`, what: unfinished[names[at]!] ?? 'lock' };
}

/** Why nothing is read now. */
export const busyText = (folder: string, sign: GitSign): string =>
  sign.what === 'lock'
    ? `${folder}: git is at work (${sign.path} exists)`
    : `${folder}: a ${sign.what} is not finished (${sign.path} exists): ${adviceFor(sign)}`;

/** What a person can do about it. */
export const adviceFor = ({ path, what }: GitSign): string => {
  if (what === 'lock') return `when no git is running there, rm ${path}, and see git status`;
  if (what === 'bisect') return 'git bisect reset ends it';
  return `git ${what} --continue or --abort ends it`;
};

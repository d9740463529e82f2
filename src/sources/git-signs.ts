import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Something git has while it changes the tree. `id` is another one when git made it anew, or went on. */
export type GitSign = { path: string; id: string; what: string };

type Sign = {
  name: string;
  what: string;
  /** Where git keeps which of two verbs it is; the first word that is found there, or that the file is there at all. */
  other?: { file: string; begins: string; what: string };
};

/** While git writes; also what a git leaves that was killed. */
const lock: Sign = { name: 'index.lock', what: 'lock' };
/** While a person is in the middle of it. */
const unfinished: Sign[] = [
  { name: 'rebase-merge', what: 'rebase' },
  { name: 'rebase-apply', what: 'rebase', other: { file: 'rebase-apply/applying', begins: '', what: 'am' } },
  { name: 'MERGE_HEAD', what: 'merge' },
  { name: 'CHERRY_PICK_HEAD', what: 'cherry-pick' },
  { name: 'REVERT_HEAD', what: 'revert' },
  // Of a row of commits, also after one that a person committed by hand.
  { name: 'sequencer', what: 'cherry-pick', other: { file: 'sequencer/todo', begins: 'revert', what: 'revert' } },
  { name: 'BISECT_START', what: 'bisect' },
];
const signs = [lock, ...unfinished];

async function verbOf(gitFolder: string, { what, other }: Sign): Promise<string> {
  if (other === undefined) return what;
  const text = await readFile(join(gitFolder, other.file), 'utf8').catch(() => null);
  return text?.startsWith(other.begins) ? other.what : what;
}

/** The first sign that a tree is not what somebody means it to be; null when there is none. Costs eight stats. */
export async function signIn(gitFolder: string): Promise<GitSign | null> {
  const paths = signs.map(({ name }) => join(gitFolder, name));
  const found = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(() => null)));
  const at = found.findIndex((one) => one !== null);
  if (at < 0) return null;
  const { ino, mtimeNs } = found[at]!;
  return { path: paths[at]!, id: `${paths[at]} ${ino} ${mtimeNs}`, what: await verbOf(gitFolder, signs[at]!) };
}

/** Why nothing is read now. */
export function busyText(folder: string, sign: GitSign): string {
  const { path, what } = sign;
  if (what === 'lock') return `${folder}: git is at work (${path} exists)`;
  return `${folder}: ${what === 'am' ? 'an' : 'a'} ${what} is not finished (${path} exists): ${adviceFor(sign)}`;
}

/** What a person can do about it. */
export const adviceFor = ({ path, what }: GitSign): string => {
  if (what === 'lock') return `when no git is running there, rm ${path}, and see git status`;
  if (what === 'bisect') return 'git bisect reset ends it';
  return `git ${what} --continue or --abort ends it`;
};

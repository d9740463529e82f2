import { posix } from 'node:path';
import { MAX_SPEC_BYTES, tooLarge } from '../content.ts';
import { isSpecName } from '../walk.ts';
import type { TreeEntry } from './listing.ts';

/** A path of the tree that may hold specs: what to read, or why it is not read. */
export type Chosen = { path: string; id: string } & ({ read: true } | { read: false; error: string });

const inFolder = (path: string, folder: string): string | null =>
  folder === '' ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;

const isHidden = (relative: string): boolean => relative.split('/').some((part) => part.startsWith('.'));

/** The path below the first of `folders` (`''`: the root) that has it, when nothing on the way is hidden. */
const belowOne = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => {
    const relative = inFolder(path, folder);
    return relative !== null && !isHidden(relative);
  });

const refuse = ({ path, id }: TreeEntry, error: string): Chosen => ({ path, id, read: false, error });

/**
 * What of a tree counts as spec files, by the rules that folders have. What cannot be read like a file is an entry with
 * an error, so that nobody believes it was: a link, another repository, a path that is not text.
 */
export function choose(entries: readonly TreeEntry[], folders: readonly string[]): Chosen[] {
  return entries.flatMap((entry): Chosen[] => {
    if (!belowOne(entry.path, folders)) return [];
    if (entry.kind === 'submodule')
      return [refuse(entry, 'is a submodule: its files are not read, put the specs into this repository')];
    if (!isSpecName(posix.basename(entry.path))) return [];
    if (!entry.readable) return [refuse(entry, 'has a name that is not UTF-8: rename it')];
    if (entry.kind === 'symlink')
      return [refuse(entry, 'is a symlink: from git only files are read, put the text itself here')];
    if (entry.bytes > MAX_SPEC_BYTES) return [refuse(entry, tooLarge)];
    return [{ path: entry.path, id: entry.id, read: true }];
  });
}

/** Links below the folders that are not named like specs; where they lead to a folder, specs would be missed. */
export const otherLinks = (entries: readonly TreeEntry[], folders: readonly string[]): TreeEntry[] =>
  entries.filter(
    ({ path, kind }) => kind === 'symlink' && belowOne(path, folders) && !isSpecName(posix.basename(path)),
  );

/** A link to a folder of the same tree: its specs would count in a folder, and do not here. */
export function linkToFolder(link: TreeEntry, target: string, entries: readonly TreeEntry[]): Chosen[] {
  const leads = posix.join(posix.dirname(link.path), target);
  const prefix = leads === '.' ? '' : `${leads.replace(/\/$/, '')}/`;
  if (target.startsWith('/') || leads.startsWith('../')) return [];
  if (!entries.some(({ path }) => path.startsWith(prefix))) return [];
  return [refuse(link, 'is a symlink to a folder: from git links are not followed, move the files')];
}

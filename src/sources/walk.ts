import type { BigIntStats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { rootText } from '../model/roots.ts';
import { errnoOf } from './errno.ts';
import { rootOf } from './root.ts';

/** A file that may hold specs. `real` is what to open: the file itself, or where a link inside the folder leads. */
export type Found = { path: string; real: string; mark: string; modifiedMs: number } | { path: string; error: string };

export type Walk =
  | {
      kind: 'listed';
      real: string;
      root: string;
      files: Found[];
      /** Real paths of the folders that are repositories of their own: clones, submodules, work trees. */
      repositories: string[];
    }
  | { kind: 'unreadable'; message: string };

const STATS_AT_ONCE = 64;

/** Hidden files, backups and editors' temporary files never end like this or begin with a dot. */
export const isSpecName = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.');

/** Differs after every write, rename into place, or change of owner and mode. */
const markOf = (found: BigIntStats): string =>
  `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;

const advice: Record<string, string> = {
  ENOENT: 'does not exist: create it, or mount its disk',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read: give the controller read and search permission',
  ELOOP: 'is a loop of symlinks',
  ESTALE: 'is on a network file system that has gone: mount it again',
  ETIMEDOUT: 'does not answer: its disk hangs, as a network disk does whose server is gone',
  EIO: 'is on a disk that does not answer: mend or mount it',
  EMFILE: 'cannot be opened, the controller has too many files open: raise its limit (LimitNOFILE)',
  ENFILE: 'cannot be opened, this host has too many files open: raise fs.file-max',
};
/** `error.place`: what could not be read, when it is not `folder`. */
export const unreadable = (folder: string, error: unknown): Extract<Walk, { kind: 'unreadable' }> => {
  const path = (error as { place?: string }).place ?? folder;
  return { kind: 'unreadable', message: `${path} ${advice[errnoOf(error)] ?? `cannot be read (${errnoOf(error)})`}` };
};

type Entry = { name: string; found: BigIntStats };

/** Removed since it was listed is fine; anything else says nothing about what is there. */
const goneOr =
  (path: string) =>
  (error: unknown): null => {
    if (errnoOf(error) !== 'ENOENT') throw Object.assign(error as Error, { place: path });
    return null;
  };

function whyNotFollowed(path: string, error: unknown): string {
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is a symlink to nothing';
  if (code === 'ELOOP') return 'is a symlink that leads to itself';
  if (code === 'EACCES' || code === 'EPERM') return 'is a symlink that may not be followed';
  throw Object.assign(error as Error, { place: path });
}

/** A link that leads nowhere may have led to a folder of specs, unless it is named like another kind of file. */
const mayLeadToSpecs = (name: string): boolean => isSpecName(name) || !/\.[A-Za-z]\w*$/.test(name);

/** The entries of one folder that matter; what vanishes in between is left out. */
async function entriesOf(folder: string): Promise<{ entries: Entry[]; isRepository: boolean }> {
  const all = await readdir(folder);
  const names = all.filter((name) => !name.startsWith('.')).sort();
  const entries: Entry[] = [];
  for (let i = 0; i < names.length; i += STATS_AT_ONCE) {
    const some = names.slice(i, i + STATS_AT_ONCE);
    const stats = await Promise.all(
      some.map((name) => lstat(join(folder, name), { bigint: true }).catch(goneOr(join(folder, name)))),
    );
    stats.forEach((found, at) => {
      if (found !== null) entries.push({ name: some[at]!, found });
    });
  }
  return { entries, isRepository: all.includes('.git') };
}

/**
 * Every file below `folder` that may hold specs, each real file once. Links count when they lead to a place inside the
 * folder's real path, also into hidden folders (`..data` of a ConfigMap). Opens nothing.
 */
export async function walk(folder: string): Promise<Walk> {
  const files: Found[] = [];
  const seen = new Set<string>();
  const links: { path: string; real: string }[] = [];
  const repositories: string[] = [];

  const addFile = (path: string, real: string, found: BigIntStats): void => {
    if (seen.has(real)) return;
    seen.add(real);
    if (found.isFile()) files.push({ path, real, mark: markOf(found), modifiedMs: Number(found.mtimeMs) });
    else files.push({ path, error: 'is not a regular file' });
  };
  const visit = async (path: string, real: string): Promise<void> => {
    if (seen.has(real)) return;
    seen.add(real);
    const { entries, isRepository } = await entriesOf(real);
    if (isRepository) repositories.push(real);
    for (const { name, found } of entries) {
      const here = { path: join(path, name), real: join(real, name) };
      if (found.isSymbolicLink()) links.push(here);
      else if (found.isDirectory()) await visitBelow(here.path, here.real);
      else if (isSpecName(name)) addFile(here.path, here.real, found);
    }
  };
  const visitBelow = (path: string, real: string): Promise<void> =>
    visit(path, real).catch((error) => {
      if (errnoOf(error) !== 'ENOENT') throw Object.assign(error, { place: error.place ?? path });
    });
  const follow = async (path: string, from: string, root: string): Promise<void> => {
    const name = basename(path);
    const real = await realpath(from).catch((error: unknown) => ({ error: whyNotFollowed(path, error) }));
    if (typeof real !== 'string') {
      if (mayLeadToSpecs(name)) files.push({ path, ...real });
      return;
    }
    const inside = real.startsWith(root + sep);
    const found = inside ? await stat(real, { bigint: true }).catch(goneOr(path)) : null;
    if (found?.isDirectory()) await visitBelow(path, real);
    else if (found && isSpecName(name)) addFile(path, real, found);
    else if (!inside && isSpecName(name)) files.push({ path, error: 'is a symlink to a place outside the folder' });
  };

  try {
    const root = await realpath(folder);
    const itself = await rootOf(folder, root, await stat(root, { bigint: true }));
    await visit(folder, root);
    for (let link = links.shift(); link !== undefined; link = links.shift()) await follow(link.path, link.real, root);
    return { kind: 'listed', real: root, root: rootText(itself), files, repositories };
  } catch (error) {
    return unreadable(folder, error);
  }
}

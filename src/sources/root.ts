import type { BigIntStats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Root, RootLink } from '../model/roots.ts';

/** As many as Linux follows on one path. */
const MAX_LINKS = 40;

const idOf = async (path: string): Promise<string> => {
  const { dev, ino } = await lstat(path, { bigint: true });
  return `${dev}:${ino}`;
};

/** Every link on the way to `path`, in the order in which they are followed. */
async function linksOn(path: string): Promise<RootLink[]> {
  const links: RootLink[] = [];
  let at: string = sep;
  let rest = resolve(path).split(sep).filter(Boolean);
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = join(at, part);
    if (!(await lstat(next)).isSymbolicLink()) {
      at = next;
      continue;
    }
    if (links.length === MAX_LINKS) return links;
    const target = await readlink(next);
    links.push({ place: `${await idOf(at)}/${part}`, parent: dirname(target), name: basename(target) });
    const way = resolve(at, target);
    rest = [...way.split(sep).filter(Boolean), ...rest];
    at = sep;
  }
  return links;
}

let known: Promise<boolean> | undefined;
/** Whether this system tells times of birth. Where it does not, Node gives the time of the last change as one. */
const tellsBirth = (): Promise<boolean> => {
  known ??= Promise.all(['/', '/etc', process.execPath].map((path) => lstat(path, { bigint: true }))).then(
    (found) => found.some(({ birthtimeNs, ctimeNs }) => birthtimeNs !== 0n && birthtimeNs !== ctimeNs),
    () => false,
  );
  return known;
};

/**
 * What `folder` is, whatever is in it. `real` and the numbers are those of its real path. An inode is given out again
 * at once (ext4), hence the time of birth; zero on a file system that keeps none.
 */
export async function rootOf(folder: string, real: string, found: BigIntStats): Promise<Root> {
  const { dev, ino, birthtimeNs } = found;
  const links = resolve(folder) === real ? [] : await linksOn(folder);
  const birth = (await tellsBirth()) ? `:${birthtimeNs}` : '';
  return { device: `${dev}`, id: `${dev}:${ino}${birth}`, real, links };
}

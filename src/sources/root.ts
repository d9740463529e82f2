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

/** What `folder` is, whatever is in it. `real` and the numbers are those of its real path. */
export async function rootOf(folder: string, real: string, found: { dev: bigint; ino: bigint }): Promise<Root> {
  const links = resolve(folder) === real ? [] : await linksOn(folder);
  return { device: `${found.dev}`, id: `${found.dev}:${found.ino}`, real, links };
}

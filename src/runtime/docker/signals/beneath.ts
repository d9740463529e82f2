import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Names a file without opening it: no device wakes up, no pipe waits. The same number on x86-64 and ARM. */
const O_PATH = 0x200000;
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

const through = ({ fd }: FileHandle, name = ''): string => `/proc/self/fd/${fd}/${name}`.replace(/\/$/, '');

/**
 * Finds `path` below `root`, a container's root folder as the host sees it, and calls `use` with a path that leads to
 * exactly what was found. Users own what lies there: a link at any step would lead anywhere on the host, so each step
 * is taken from the folder before it, and a link is an error.
 */
async function beneath<T>(root: string, path: string, use: (exact: string, stats: Stats) => Promise<T>): Promise<T> {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  if (!path.startsWith('/') || steps.length === 0 || steps.includes('..') || path.includes('\0'))
    throw new Error(`${path}: not a path from the root of the container`);
  let at = await open(root, O_PATH | constants.O_DIRECTORY);
  try {
    for (const [index, step] of steps.entries()) {
      const last = index === steps.length - 1;
      const next = await open(through(at, step), last ? O_PATH | constants.O_NOFOLLOW : folderFlags).catch(
        (error: unknown) => {
          throw named(error, `/${steps.slice(0, index + 1).join('/')}`);
        },
      );
      await at.close();
      at = next;
    }
    return await use(through(at), await at.stat());
  } finally {
    await at.close();
  }
}

/** The same failure with the path people know, and not the number of an open file. */
function named(error: unknown, path: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTDIR' || code === 'ELOOP')
    return new Error(`${path}: a link or no folder, and links are not followed`);
  if (code === 'ENOENT') return new Error(`${path}: it is not there`);
  return Object.assign(new Error(code ?? String(error)), { code, path });
}

/**
 * Text of a small regular file of a container.
 * @throws when it is a link, lies behind one, is no regular file, or is larger than `limit` bytes.
 */
export const readBeneath = (root: string, path: string, limit: number): Promise<string> =>
  beneath(root, path, async (exact, stats) => {
    if (!stats.isFile()) throw new Error(`${path}: not a regular file`);
    if (stats.size > limit) throw new Error(`${path}: larger than ${limit} bytes`);
    const file = await open(exact, readFlags);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(limit + 1), 0, limit + 1, 0);
      if (bytesRead > limit) throw new Error(`${path}: larger than ${limit} bytes`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  });

/** Calls `use` with a path at which exactly this socket of a container can be connected to. */
export const socketBeneath = <T>(root: string, path: string, use: (exact: string) => Promise<T>): Promise<T> =>
  beneath(root, path, (exact, stats) => {
    if (!stats.isSocket()) throw new Error(`${path}: not a socket`);
    return use(exact);
  });

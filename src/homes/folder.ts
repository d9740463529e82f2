import { constants, type FileHandle, open } from 'node:fs/promises';
import { onDisk } from '../lib/disk.ts';

/** Files that workdock and the owner of a home leave for each other. */
export const FOLDER = '.workdock';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

export type Found = { text: string; mtimeMs: number };

async function withHandle<T>(path: string, flags: number, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** Opens the folder at `path`, which is no link, and closes it when `use` is through. */
export const withFolder = <T>(path: string, use: (folder: FileHandle) => Promise<T>): Promise<T> =>
  withHandle(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, use);

/**
 * A small file of `<home>/.workdock`, which its owner may fill with anything: neither the folder nor the file may be a
 * link, a pipe or a device, and `mostBytes` is read. Undefined when there is no such file; throws for anything odd,
 * with the code ETIMEDOUT when the disk does not answer.
 */
export async function readFromHome(home: string, name: string, mostBytes: number): Promise<Found | undefined> {
  // Each step starts from an open folder, so that nothing can be swapped for a link in between.
  const read = () =>
    withFolder(`${home}/${FOLDER}`, (folder) =>
      withHandle(`/proc/self/fd/${folder.fd}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, async (file) => {
        const stats = await file.stat();
        if (!stats.isFile()) throw Object.assign(new Error(`${name} is not a file`), { code: 'EINVAL' });
        const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
        return { text: buffer.toString('utf8', 0, bytesRead), mtimeMs: stats.mtimeMs };
      }),
    );
  try {
    return await onDisk(home, read);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

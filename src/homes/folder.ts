import { constants, type FileHandle, open } from 'node:fs/promises';

/** Files that workdock and the owner of a home leave for each other. */
export const FOLDER = '.workdock';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** A disk that does not answer holds up nobody but the one who asked. */
const DEADLINE_MS = 3_000;

export type Found = { text: string; mtimeMs: number };

async function withHandle<T>(path: string, flags: number, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/**
 * A small file of `<home>/.workdock`, which its owner may fill with anything: neither the folder nor the file may be a
 * link, a pipe or a device, and `mostBytes` is read. Undefined when there is no such file; throws for anything odd.
 */
export async function readFromHome(home: string, name: string, mostBytes: number): Promise<Found | undefined> {
  // Each step starts from an open folder, so that nothing can be swapped for a link in between.
  const read = withHandle(`${home}/${FOLDER}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, (folder) =>
    withHandle(`/proc/self/fd/${folder.fd}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, async (file) => {
      const stats = await file.stat();
      if (!stats.isFile()) throw Object.assign(new Error(`${name} is not a file`), { code: 'EINVAL' });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
      return { text: buffer.toString('utf8', 0, bytesRead), mtimeMs: stats.mtimeMs };
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('the disk is slow'), { code: 'ETIMEDOUT' })), DEADLINE_MS);
  });
  try {
    return await Promise.race([read, late]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

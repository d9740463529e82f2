import { constants, type FileHandle, open } from 'node:fs/promises';
import { onDisk } from '../lib/disk.ts';
import { type Owner, runAsOwner } from './as-owner.ts';

/** Files that workdock and the owner of a home leave for each other. */
export const FOLDER = '.workdock';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Names a place without opening it: needs no permission on the place itself. Linux; Node has no name for it. */
const O_PATH = 0o10000000;

export type Found = { text: string; mtimeMs: number };
type Wanted = { name: string; mostBytes: number };

async function withHandle<T>(path: string, flags: number, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/**
 * A descriptor of the folder at `path`, which is no link, for the time of `use`. Folders above may be closed to whoever
 * enters it, and it itself to us: root is nobody on a network disk with root_squash.
 */
export const withPlace = <T>(path: string, use: (folder: FileHandle) => Promise<T>): Promise<T> =>
  withHandle(path, O_PATH | O_DIRECTORY | O_NOFOLLOW, use);

/** The same for the owner, who alone may read on a disk with root_squash. Links lead to nothing that is not theirs. */
const script = `
cd -P /proc/self/fd/3 || exit 2
cd -P ${FOLDER} 2>/dev/null || exit 3
[ -e "$1" ] || exit 3
[ -f "$1" ] && [ ! -L "$1" ] || exit 4
stat -c %Y "$1" && head -c "$2" "$1"
`;

async function readAsOwner(home: string, owner: Owner, { name, mostBytes }: Wanted): Promise<Found | undefined> {
  const args = [name, String(mostBytes)];
  const { code, stdout } = await withPlace(home, ({ fd }) => runAsOwner(owner, fd, { script, args }));
  if (code === 3) return undefined;
  if (code !== 0) throw Object.assign(new Error(`${name} cannot be read`), { code: code === 4 ? 'EINVAL' : 'EACCES' });
  const end = stdout.indexOf('\n');
  return { text: stdout.slice(end + 1), mtimeMs: Number(stdout.slice(0, end)) * 1_000 };
}

// Each step starts from an open folder, so that nothing can be swapped for a link in between.
const readAsRoot = (home: string, { name, mostBytes }: Wanted): Promise<Found> =>
  withHandle(`${home}/${FOLDER}`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, (folder) =>
    withHandle(`/proc/self/fd/${folder.fd}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, async (file) => {
      const stats = await file.stat();
      if (!stats.isFile()) throw Object.assign(new Error(`${name} is not a file`), { code: 'EINVAL' });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
      return { text: buffer.toString('utf8', 0, bytesRead), mtimeMs: stats.mtimeMs };
    }),
  );

/**
 * A small file of `<home>/.workdock`, which its owner may fill with anything: neither the folder nor the file may be a
 * link, a pipe or a device, and `mostBytes` is read. Undefined when there is no such file; throws for anything odd,
 * with the code ETIMEDOUT when the disk does not answer.
 */
export async function readFromHome(home: string, owner: Owner, wanted: Wanted): Promise<Found | undefined> {
  const read = () =>
    readAsRoot(home, wanted).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error;
      return readAsOwner(home, owner, wanted);
    });
  try {
    return await onDisk(home, read);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

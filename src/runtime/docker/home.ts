import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from '../../lib/disk.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { HomeState } from '../../model/observed.ts';
import { mountProblem } from './mounts.ts';

export type HomeKey = Pick<Fitted, 'home' | 'homeSource' | 'identity'>;

/** A folder's state by what the host says about it; a symlink in its place is never followed. */
export async function folderState(path: string, { uid, gid }: Fitted['identity']): Promise<HomeState> {
  const found = await onDisk(path, () => lstat(path)).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    if (found.code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'unusable', message: `${path} cannot be looked at (${found.code}): see to its disk or permissions` };
  }
  if (!found.isDirectory()) return { kind: 'unusable', message: `${path} is not a folder: move it away` };
  if (found.uid !== uid) return { kind: 'wrongOwner', uid: found.uid, gid: found.gid, path };
  // A shared group on a home that someone gave us is their choice; only the uid decides who may write.
  void gid;
  return { kind: 'ready' };
}

/** The state of a home given as a host path, which must lie inside `roots` like any mount. */
export async function pathHomeState({ homeSource, identity }: HomeKey, roots: readonly string[]): Promise<HomeState> {
  const state = await folderState(homeSource, identity);
  if (state.kind === 'absent') return { kind: 'unusable', message: `${homeSource} is not there: mount its disk` };
  const problem = await mountProblem(homeSource, roots);
  return problem ? { kind: 'unusable', message: problem } : state;
}

/** Empty folders in which a controller that was killed had begun this home; what is not empty stays. */
async function sweepBegun(folder: string, home: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const prefix = `.${home}.`;
  const begun = names.filter((name) => name.startsWith(prefix) && /^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length)));
  await Promise.all(begun.map((name) => rmdir(join(folder, name)).catch(() => undefined)));
}

/**
 * Makes a home that is not there yet, complete or not at all: a crash leaves an empty hidden folder until the next try,
 * never a home with the wrong owner. The data folder itself is never made: a missing one is an unmounted disk.
 * @throws HOME_UNUSABLE when the data folder is not there or not writable.
 */
export function makeHomeFolder(path: string, identity: Fitted['identity']): Promise<void> {
  const begun = making.get(path) ?? make(path, identity).finally(() => making.delete(path));
  making.set(path, begun);
  return begun;
}

/** By path: whoever asks meanwhile waits for the same one, and sweeps nobody's beginning away. */
const making = new Map<string, Promise<void>>();

async function make(path: string, { uid, gid }: Fitted['identity']): Promise<void> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await sweepBegun(folder, basename(path));
    const fresh = await mkdtemp(join(folder, `.${basename(path)}.`));
    try {
      await chown(fresh, uid, gid);
      await chmod(fresh, 0o700);
      await rename(fresh, path); // fails when a home with files has appeared; replaces an empty one
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    const hint = 'mount the disk of the data folder, and run as root: homes belong to their owners';
    throw new WorkdockError('HOME_UNUSABLE', `cannot make the home ${path} (${code})`, { hint, cause });
  }
}

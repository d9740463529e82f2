import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WorkdockError } from '../../lib/errors.ts';
import { syncFolder } from '../../lib/move-folder.ts';
import type { Work } from '../../model/homes.ts';
import { lookAt } from './erase.ts';
import { changedSince, compare, pack } from './tar.ts';

export type Packed = { bytes: number; changed: string[]; moreChanged: boolean; notes: string[] };

const PART = '.part';
/** The kernel stamps files with the time of its last tick, which may be 10 ms ago. */
const GRAIN_MS = 20;
const notPersisted = (message: string, hint: string, cause?: unknown) =>
  new WorkdockError('NOT_PERSISTED', message, { hint, cause });

/** The folder for archives; nobody but root may look into it. */
export async function ensureArchives(folder: string, home: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw notPersisted(`cannot make ${folder}: ${error.code}`, 'see to its disk', error);
  });
  if (!(await stat(folder)).isDirectory()) throw notPersisted(`${folder} is not a folder`, 'move it away');
  // What an earlier try left when it was killed: it never was an archive.
  const left = (await readdir(folder)).filter((name) => name.startsWith(`.${home}@`) && name.endsWith(PART));
  for (const name of left) await unlink(join(folder, name));
}

/** @throws REFUSED when a file has the name: none is ever written over. */
async function giveName(part: string, file: string): Promise<void> {
  try {
    await link(part, file);
    await unlink(part);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(file);
    // A file system without hard links, as on a stick.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    if (await lookAt(file)) throw taken(file);
    await rename(part, file);
  }
  await syncFolder(dirname(file));
}
const taken = (file: string) =>
  new WorkdockError('REFUSED', `${file} is there already`, { hint: 'name another file with --to' });

/**
 * Packs a home into a file that has its name only once all of it is on disk and was read back and compared. What was
 * changed while it was read is said; what differs without having been changed is a failure, and leaves no file.
 * @throws NOT_PERSISTED, REFUSED when the file is there already.
 */
export async function packHome(home: string, file: string, { signal, tell }: Work): Promise<Packed> {
  if (await lookAt(file)) throw taken(file);
  const part = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}${PART}`);
  const begunAt = Date.now() - GRAIN_MS;
  const handle = await open(part, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'its folder is not there' : cause.code;
    throw notPersisted(`cannot write ${file}: ${why}`, 'name another file with --to', cause);
  });
  try {
    tell('packing');
    const packed = await pack({ home, signal }, handle.fd);
    if (!packed.ok) throw notPersisted(`cannot pack ${home}: ${packed.said[0]}`, 'nothing was moved; see to that');
    await handle.sync();
    tell('reading it back');
    const read = await compare({ home, signal }, part);
    const { paths, more } = await changedSince({ home, signal }, begunAt);
    if (!read.ok || (read.differs && paths.length === 0)) {
      const hint = 'nothing was moved; see to the disk it was written to';
      throw notPersisted(`the archive does not give back what was packed: ${read.said[0]}`, hint);
    }
    await giveName(part, file);
    return { bytes: (await stat(file)).size, changed: paths, moreChanged: more, notes: packed.said };
  } catch (error) {
    await unlink(part).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

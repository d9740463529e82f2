import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onDisk } from '../../lib/disk.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { moveFolder, syncFolder } from '../../lib/move-folder.ts';
import { ARCHIVE_ENDING, freeEntryName, type HomeMount, newestOf } from '../../model/homes.ts';

const OTHERS_MAY_WRITE = 0o022;
/** A rename waits for nothing but the disk. */
const DEADLINE_MS = 10_000;

const unusable = (message: string, hint: string): never => {
  throw new WorkdockError('HOME_UNUSABLE', message, { hint });
};
const look = (path: string): Promise<Stats | undefined> =>
  lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
const beside = (home: string, folder: string): string => join(dirname(dirname(home)), folder);

/** What a home that is absent left behind: its newest entry in the trash, or archive. */
export async function formerHome(home: string): Promise<string | undefined> {
  const list = (folder: string) => onDisk(folder, () => readdir(folder)).catch((): string[] => []);
  const [trash, archives] = await Promise.all(['trash', 'archives'].map((each) => list(beside(home, each))));
  return newestOf(basename(home), [...trash!, ...archives!.filter((name) => name.endsWith(ARCHIVE_ENDING))]);
}

/** Nobody but root comes through: what lies in it may be anything that an owner ever made. */
async function ensureTrash(trash: string): Promise<void> {
  const there = await look(trash);
  if (!there) {
    await mkdir(trash, { mode: 0o700 });
    return syncFolder(dirname(trash));
  }
  if (!there.isDirectory()) unusable(`${trash} is not a folder`, 'move it away');
  if ((there.mode & OTHERS_MAY_WRITE) !== 0) {
    unusable(`${trash} can be changed by others than root`, `chmod go-w ${trash}`);
  }
}

async function move(home: string, at: string): Promise<string | null> {
  const found = await look(home);
  const name = basename(home);
  const trash = beside(home, 'trash');
  if (!found) return newestOf(name, await readdir(trash).catch((): string[] => [])) ?? null;
  if (!found.isDirectory()) return unusable(`${home} is not a folder`, 'it stays; see what was put in its place');
  await ensureTrash(trash);
  const entry = await freeEntryName(name, Date.parse(at), (each) => look(join(trash, each)));
  await moveFolder(home, join(trash, entry));
  return entry;
}

/**
 * Renames `<data>/users/<home>` to `<data>/trash/<home>@<time>`, a second later when that is taken, and returns the
 * entry; for one that is gone the newest it left, or null.
 * @throws HOME_UNUSABLE while a container has it mounted, and when it cannot be moved; it stays then.
 */
export async function moveToTrash(home: string, at: string, mounts: readonly HomeMount[]): Promise<string | null> {
  const [mount] = mounts;
  if (mount) unusable(`${home} stays: container ${mount.container} has it mounted`, 'remove that container first');
  try {
    return await onDisk(home, () => move(home, at), DEADLINE_MS);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = 'it stays; see to the disk of the data folder';
    throw WorkdockError.wrap(cause, 'HOME_UNUSABLE', `cannot move ${home} to the trash (${code})`, hint);
  }
}

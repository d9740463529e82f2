import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { shareNext } from '../lib/async.ts';

/** Identifies the very file that was written; any later write, by whomever, gives another one. */
export type Stamp = { inode: bigint; size: bigint; modifiedNs: bigint };

const TEMPORARY = /^\..+\.[0-9]+-[0-9a-f]{12}\.tmp$/;

/** Never two writers on one temporary file, also not from another pid namespace. */
const temporaryOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`);

const stampFrom = ({ ino, size, mtimeNs }: BigIntStats): Stamp => ({ inode: ino, size, modifiedNs: mtimeNs });

export async function stampOf(path: string): Promise<Stamp | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found && stampFrom(found);
}

/** `sync` false: survives a kill, not a power cut. */
type Mode = { mode: number; sync?: boolean };

/**
 * Puts `text` in the place of `path` so that a reader sees the old file or the new one, also after a kill or a power
 * cut. The folder is synced by the caller, once for many files: see `syncFolder`.
 * @throws Node's error (ENOSPC, EROFS, ...) with the old file intact and no temporary file left.
 */
export async function replaceFile(path: string, text: string, { mode, sync = true }: Mode): Promise<Stamp> {
  const temporary = temporaryOf(path);
  const file = await open(temporary, 'wx', mode);
  let written: BigIntStats;
  try {
    try {
      await file.writeFile(text); // goes on after a short write until all is there or an error
      if (sync) await file.sync();
      written = await file.stat({ bigint: true });
      if ((Number(written.mode) & 0o777) !== mode) await file.chmod(mode); // open's mode is cut by the umask
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return stampFrom(written);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

async function syncOnce(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** By folder: there are few of them, and each is written for as long as the process lives. */
const syncs = new Map<string, () => Promise<void>>();

/** Makes the renames in a folder last through a power cut. Writers at the same time share one sync. */
export function syncFolder(path: string): Promise<void> {
  const sync = syncs.get(path) ?? shareNext(() => syncOnce(path));
  syncs.set(path, sync);
  return sync();
}

/** Removes what earlier crashes left; only for the one process that writes in the folder. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => TEMPORARY.test(name)).map((name) => unlink(join(folder, name)).catch(() => {})),
  );
}

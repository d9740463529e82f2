import { statfs } from 'node:fs/promises';
import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';

export type DiskState = { pressure: boolean | null; message: string };
export type Space = { freeBytes: number; sizeBytes: number };

const GIB = 2 ** 30;
const READ_MS = 10_000;
/** Leaving needs this much more than entering, so that the state does not flap. */
const RECOVERY = 1.2;

/** Below this a full disk is near: 1 GiB, or 5 % of a small disk. */
export const reserveBytes = (sizeBytes: number): number => Math.min(GIB, sizeBytes * 0.05);

/** Free space as an unprivileged writer has it. A dead network disk never answers: that is an error after 10 s. */
const readSpace = async (path: string): Promise<Space> => {
  const late = () => new WorkdockError('DISK_FULL', `${path} does not answer`, { hint: 'see to its disk' });
  const { bavail, bsize, blocks } = await withDeadline(READ_MS, () => statfs(path), late);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
};

const mib = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;

/** Watches folders whose fullness would break creates, starts, homes or status. `read` is the disk's own answer. */
export function makeDiskWatch(read: (path: string) => Promise<Space> = readSpace) {
  const pressed = new Set<string>();

  const look = async (path: string): Promise<{ path: string; low: boolean; text: string } | null> => {
    const space = await read(path).catch(() => null);
    if (space === null) return null;
    const reserve = reserveBytes(space.sizeBytes) * (pressed.has(path) ? RECOVERY : 1);
    const low = space.freeBytes < reserve;
    if (low) pressed.add(path);
    else pressed.delete(path);
    return { path, low, text: `${path} has ${mib(space.freeBytes)} free, needs ${mib(reserve)}` };
  };

  return async (paths: readonly string[]): Promise<DiskState> => {
    const found = await Promise.all([...new Set(paths)].map(look));
    const low = found.flatMap((entry) => (entry?.low ? [entry.text] : []));
    if (low.length > 0) return { pressure: true, message: `${low.join('; ')}: free space` };
    const unread = [...new Set(paths)].filter((_, index) => found[index] === null);
    if (unread.length > 0) return { pressure: null, message: `cannot read the free space of ${unread.join(', ')}` };
    return { pressure: false, message: 'enough free space' };
  };
}

export type DiskWatch = ReturnType<typeof makeDiskWatch>;

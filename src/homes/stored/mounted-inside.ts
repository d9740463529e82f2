import { realpath } from 'node:fs/promises';
import { WorkdockError } from '../../lib/errors.ts';
import { mountTable, seenElsewhere } from '../../lib/mount-points.ts';

/**
 * What is mounted in a folder lies on another disk, or elsewhere on this one: it is no part of what is packed or
 * deleted.
 * @throws REFUSED when something is mounted there, or it is a mount point itself, unless it may be.
 */
export async function refuseMounted(folder: string, { itself = false } = {}): Promise<void> {
  const real = await realpath(folder);
  const points = mountTable().map(({ point }) => point);
  const inside = points.find((point) => (point === real && !itself) || point.startsWith(`${real}/`));
  if (inside === undefined) return;
  throw new WorkdockError('REFUSED', `${inside} is a mount point`, { hint: `umount ${inside} first` });
}

/**
 * Somebody mounted the folder, or a part of it, at another place as well, such as a volume that is a bind.
 * @throws REFUSED
 */
export async function refuseSeenElsewhere(folder: string): Promise<void> {
  const point = seenElsewhere(await realpath(folder), mountTable());
  if (point === undefined) return;
  const hint = `see who uses it there, and umount ${point} first`;
  throw new WorkdockError('REFUSED', `${folder} is mounted at ${point} as well`, { hint });
}

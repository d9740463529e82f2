import { realpath } from 'node:fs/promises';
import { WorkdockError } from '../../lib/errors.ts';
import { mountPoints } from '../../lib/mount-points.ts';

/**
 * What is mounted in a folder lies on another disk, or elsewhere on this one: it is no part of what is packed or
 * deleted.
 * @throws REFUSED when something is mounted there, or it is a mount point itself, unless it may be.
 */
export async function refuseMounted(folder: string, { itself = false } = {}): Promise<void> {
  const real = await realpath(folder);
  const inside = mountPoints().find((point) => (point === real && !itself) || point.startsWith(`${real}/`));
  if (inside === undefined) return;
  throw new WorkdockError('REFUSED', `${inside} is a mount point`, { hint: `umount ${inside} first` });
}

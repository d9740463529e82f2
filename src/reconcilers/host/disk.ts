import { statfs } from 'node:fs/promises';

/** Free bytes below this, or below 5 % of a small disk, are pressure. */
const RESERVE_BYTES = 2 ** 30;
const RESERVE_SHARE = 0.05;
/** Pressure ends only with a quarter more than the reserve free, so that it does not flicker. */
const RELIEF = 1.25;

type Space = { bytes: number; freeBytes: number };

export const reserveOf = ({ bytes }: Space): number => Math.min(RESERVE_BYTES, bytes * RESERVE_SHARE);

/** Whether a disk is under pressure now, given whether it was before. */
export const isUnderPressure = (space: Space, before: boolean): boolean =>
  space.freeBytes < reserveOf(space) * (before ? RELIEF : 1);

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** Watches the file systems of the given folders. A folder that is not there has no say. */
export function makeDiskWatch() {
  const pressed = new Set<string>();
  return async (folders: readonly string[]): Promise<string | undefined> => {
    for (const folder of folders) {
      const facts = await statfs(folder).catch(() => undefined);
      if (!facts) continue;
      const space = { bytes: facts.blocks * facts.bsize, freeBytes: facts.bavail * facts.bsize };
      if (isUnderPressure(space, pressed.has(folder))) pressed.add(folder);
      else pressed.delete(folder);
      if (pressed.has(folder))
        return `only ${gib(space.freeBytes)} are free at ${folder}: free some, or enlarge the disk`;
    }
    return undefined;
  };
}

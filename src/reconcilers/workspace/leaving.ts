import type { Desired, Origins } from '../../model/desired.ts';
import type { Intent, Tombstone } from '../../model/intent.ts';
import type { Observed } from '../../model/observed.ts';
import type { Decision, Target } from '../../model/target.ts';
import type { World } from './world.ts';

type Leaving = NonNullable<Target['leaving']>;

/** What is in its last good spec and cannot be had here any more is no reason to keep it up, or for ever. */
export const originsOf = ({ lastGood }: Intent, tombstone: Tombstone | undefined): Origins =>
  tombstone?.ripeAt ? {} : (lastGood?.origins ?? {});

/** That it is on its way out, and whether its home goes along. Somebody else's home stays, whatever its policy says. */
export function leavingOf(
  tombstone: Tombstone | undefined,
  { desired, run, at }: { desired: Desired; run: Extract<Decision, { kind: 'run' }>['run']; at: string },
  world: Pick<World, 'homeOfOthers'>,
): { leaving?: Leaving } {
  if (!tombstone?.ripeAt) return {};
  const goes = run === 'Absent' && desired.deletionPolicy === 'Trash' && desired.home.place.kind === 'folder';
  return { leaving: goes && !world.homeOfOthers(desired) ? { trashAt: at } : {} };
}

/** What is to go along is what it was when its pass began: others may have left the home to it, or want it, since. */
export const isAsPlanned = (planned: Leaving | undefined, now: Leaving | undefined): boolean =>
  (planned?.trashAt === undefined) === (now?.trashAt === undefined);

/** Nothing is left of it that a removal would take. */
export const isRemoved = ({ current, aside, strays, home }: Observed, leaving: Leaving | undefined): boolean =>
  !current && !aside && strays.length === 0 && (leaving?.trashAt === undefined || home.kind === 'absent');

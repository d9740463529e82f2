import type { Declaration } from './model/desired.ts';
import { placeText } from './model/home-place.ts';
import { isTakenBy } from './model/instance.ts';
import type { Intent } from './model/intent.ts';
import type { RemovalFacts } from './reconcilers/guard/removals.ts';
import type { Case, Watch } from './reconcilers/removal/judge.ts';
import { isBraked } from './reconcilers/workspace/holds.ts';

export type Site = {
  instanceName: string;
  allSuspended: boolean;
  /** Wall clock, for brakes that end. */
  now: number;
  declared: (name: string) => boolean;
};

/** Somebody misses its file, and it is not removed yet. */
export const isLive = ({ name, tombstone, removedAt, lastGood }: Intent, { declared }: Site): boolean =>
  tombstone !== undefined && lastGood !== undefined && removedAt === undefined && !declared(name);

const isElsewhere = ({ lastGood }: Intent, { instanceName }: Site): boolean =>
  !isTakenBy(lastGood?.desired, instanceName);

/** What its removal depends on, from what is remembered of it. */
export function caseOf(intent: Intent, watch: Watch | undefined, site: Site): Case {
  const { name, tombstone, lastGood, suspend } = intent;
  const { home, deletionPolicy, deletionProtection, suspend: bySpec } = lastGood!.desired;
  const trashed = deletionPolicy === 'Trash' && home.place.kind === 'folder';
  return {
    ...{ name, tombstone: tombstone!, watch },
    isProtected: deletionProtection,
    suspended: bySpec || isBraked(suspend, site.now) || site.allSuspended,
    elsewhere: isElsewhere(intent, site),
    home: `home ${placeText(home.place)} ${trashed ? 'goes to the trash, unless another workspace uses it' : 'stays'}`,
  };
}

/** What the guard counts: workspaces of this instance that had a good spec. */
export function factsOf(
  all: readonly Intent[],
  declared: readonly Declaration[],
  { site, strange }: { site: Site; strange: readonly string[] },
): RemovalFacts {
  const ours = all.filter((intent) => !isElsewhere(intent, site));
  const known = new Map(ours.flatMap((intent) => (intent.lastGood ? [[intent.name, intent]] : [])));
  const missing = ours
    .filter((intent) => isLive(intent, site))
    .map((intent) => {
      const { name, tombstone, isProtected, suspended } = caseOf(intent, undefined, site);
      const { since, from, ripeAt, approvedAt } = tombstone;
      return { name, since, from, ripe: !!ripeAt, approved: !!approvedAt, kept: isProtected || suspended };
    });
  const removed = all.flatMap(({ removedAt, tombstone }) =>
    removedAt && tombstone && !tombstone.approvedAt ? [tombstone.since] : [],
  );
  const inForce = declared.filter((each) => {
    if (each.kind !== 'valid') return known.has(each.name);
    return isTakenBy(each.desired, site.instanceName);
  });
  return { missing, removed, declared: inForce.length, strange };
}

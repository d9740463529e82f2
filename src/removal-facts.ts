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
  const missing = ours
    .filter((intent) => isLive(intent, site))
    .map((intent) => {
      const { name, tombstone, isProtected, suspended } = caseOf(intent, undefined, site);
      const { since, from, of, ripeAt, approvedAt } = tombstone;
      return { name, since, from, of, ripe: !!ripeAt, approved: !!approvedAt, kept: isProtected || suspended };
    });
  return { missing, removed: removedOf(all), declared: inForce(ours, declared, site), strange };
}

/** When those that are removed vanished. */
const removedOf = (all: readonly Intent[]): string[] =>
  all.flatMap(({ removedAt, tombstone }) => (removedAt && tombstone && !tombstone.approvedAt ? [tombstone.since] : []));

/** Workspaces of this instance that files declare. */
function inForce(ours: readonly Intent[], declared: readonly Declaration[], { instanceName }: Site): number {
  const known = new Set(ours.flatMap(({ name, lastGood }) => (lastGood ? [name] : [])));
  return declared.filter((each) =>
    each.kind === 'valid' ? isTakenBy(each.desired, instanceName) : known.has(each.name),
  ).length;
}

/** How many workspaces of this instance there are: declared, missed, or removed since `recentMs`. */
export function countOf(
  all: readonly Intent[],
  declared: readonly Declaration[],
  { site, recentMs }: { site: Site; recentMs: number },
): number {
  const ours = all.filter((intent) => !isElsewhere(intent, site));
  const missed = ours.filter(({ name, lastGood, removedAt }) => lastGood && !removedAt && !site.declared(name));
  const removed = removedOf(all).filter((since) => Date.parse(since) >= recentMs);
  return inForce(ours, declared, site) + missed.length + removed.length;
}

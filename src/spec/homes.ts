import type { Desired, HomePlace } from '../model/desired.ts';
import { placeText } from '../model/home-place.ts';

/** A home that a workspace has now, whatever the files say: of its last good spec, or of its container. */
export type HeldHome = { name: string; place: HomePlace; shared: boolean };

/** `name` may not use `place`, because `other` writes there or may. */
export type HomeClash = { name: string; other: string; place: string; held: boolean };

type Claim = { name: string; key: string; shared: boolean; held: boolean; mount: boolean };

/** Names that claim one place, at most two of each sort: enough to find one that is not me. */
type Claimants = { any: string[]; private: string[]; heldAny: string[]; heldPrivate: string[] };

/** Only host paths start with `/`, and only they can lie in one another. */
const withParents = (key: string): string[] =>
  key.startsWith('/') ? key.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/') || '/') : [key];

/**
 * Who may not use the home, or the writable mount, that its spec names: one home has one writer, unless all that claim
 * it say `shared: true`. The only one that holds a home already keeps it; of several newcomers nobody gets it. Host
 * paths that lie in one another are one place. Mounts clash with homes, not with each other.
 */
export function homeClashes(wanted: Pick<Desired, 'name' | 'home' | 'mounts'>[], heldHomes: HeldHome[]): HomeClash[] {
  const claims = wanted.flatMap(claimsOf);
  const held = heldHomes.map(({ name, place, shared }) => claim(name, placeText(place), { shared, held: true }));
  const at = index([...claims, ...held], ({ key }) => [key]);
  const below = index([...claims, ...held], ({ key }) => withParents(key));
  const homesAt = index([...claims, ...held].filter(isHome), ({ key }) => [key]);
  const homesBelow = index([...claims, ...held].filter(isHome), ({ key }) => withParents(key));
  const holds = new Set(held.map(({ name, key }) => `${name} ${key}`));
  const clashes = new Map<string, HomeClash>();
  for (const mine of claims) {
    const above = withParents(mine.key).map((parent) => (mine.mount ? homesAt : at).get(parent));
    const holder = holds.has(`${mine.name} ${mine.key}`);
    const [other] = [(mine.mount ? homesBelow : below).get(mine.key), ...above].flatMap((claimants) =>
      rival(claimants, mine, holder),
    );
    if (other === undefined || clashes.has(mine.name)) continue;
    clashes.set(mine.name, { name: mine.name, other, place: mine.key, held: holds.has(`${other} ${mine.key}`) });
  }
  return [...clashes.values()];
}

const isHome = ({ mount }: Claim): boolean => !mount;

const claim = (name: string, key: string, rest: Partial<Claim>): Claim => ({
  name,
  key,
  shared: false,
  held: false,
  mount: false,
  ...rest,
});

/** A mount accepts every neighbour; the home that it reaches into must be a shared one. */
const claimsOf = ({ name, home, mounts }: Pick<Desired, 'name' | 'home' | 'mounts'>): Claim[] => [
  claim(name, placeText(home.place), { shared: home.shared }),
  ...mounts.filter(({ readOnly }) => !readOnly).map(({ source }) => claim(name, source, { shared: true, mount: true })),
];

function index(claims: Claim[], keysOf: (claim: Claim) => string[]): Map<string, Claimants> {
  const found = new Map<string, Claimants>();
  for (const each of claims) {
    for (const key of keysOf(each)) {
      const claimants = found.get(key) ?? { any: [], private: [], heldAny: [], heldPrivate: [] };
      found.set(key, claimants);
      note(claimants.any, each.name);
      if (!each.shared) note(claimants.private, each.name);
      if (each.held) note(claimants.heldAny, each.name);
      if (each.held && !each.shared) note(claimants.heldPrivate, each.name);
    }
  }
  return found;
}

const note = (names: string[], name: string) => {
  if (names.length < 2 && !names.includes(name)) names.push(name);
};

/** Somebody else with whom the place cannot be shared. A holder yields only to another holder. */
function rival(claimants: Claimants | undefined, { name, shared }: Claim, holder: boolean): string[] {
  if (!claimants) return [];
  const [any, own] = holder ? [claimants.heldAny, claimants.heldPrivate] : [claimants.any, claimants.private];
  return (shared ? own : any).filter((other) => other !== name);
}

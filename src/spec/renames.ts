import type { Declaration, Desired } from '../model/desired.ts';
import { placeText } from '../model/home-place.ts';
import { isTakenBy } from '../model/instance.ts';
import type { Problem } from '../model/problem.ts';
import { type Entry, placeOf, problemAt } from './document.ts';

/** What is known of names besides the files. */
export type KnownNames = {
  /** There is a workspace of this name, whether or not a file has it. */
  has: (name: string) => boolean;
  /** It has a container of its own, or had one. */
  made: (name: string) => boolean;
  /** The name it had before, once that was seen to: the line that asked for it may stay in its file for ever. */
  renamedFrom: (name: string) => string | undefined;
  /** Who had this name last, of the same owner and on the same home. */
  nowNamed: (desired: Desired) => string | undefined;
};

/** Of files alone: a checkout without the data folder of a controller. */
export const nobodyKnown: KnownNames = {
  has: () => false,
  made: () => false,
  renamedFrom: () => undefined,
  nowNamed: () => undefined,
};

/** Whether a spec can be what another one was before: the same person on the same home. */
export const isSamePlace = (one: Desired, other: Desired): boolean =>
  one.owner === other.owner && placeText(one.home.place) === placeText(other.home.place);

type Deps = { instance: string; known: KnownNames; unnamed: readonly string[] };
type Asked = { name: string; from: string };
type Objection = Pick<Problem, 'message' | 'suggestion'>;

/** What `renamedFrom` asks for, as far as it can be read and was not seen to yet. */
const askedBy = ({ document }: Entry, { known }: Deps): Asked[] => {
  const { name = '', kind } = document;
  const from = document.ok ? document.kind === 'Workspace' && document.body.metadata.renamedFrom : document.renamedFrom;
  return typeof from === 'string' && kind === 'Workspace' && known.renamedFrom(name) !== from ? [{ name, from }] : [];
};

/**
 * Who takes over whose home and container: old name to new. One that may not becomes `invalid`, or `conflict` when
 * several want the same; its own last good spec stays in force, as does that of the name it wants.
 */
export function claimNames(
  declarations: Map<string, Declaration>,
  entries: Map<string, Entry[]>,
  deps: Deps,
): Map<string, string> {
  const asked = [...entries.values()].flat().flatMap((entry) => askedBy(entry, deps));
  const byFrom = Map.groupBy(asked, ({ from }) => from);
  const byName = new Map(asked.map((each) => [each.name, each]));
  const claims = new Map<string, string>();
  for (const { name, from } of asked) {
    const [entry] = entries.get(name) ?? [];
    const declaration = declarations.get(name);
    if (declaration?.kind !== 'valid' || !entry?.document.ok) continue;
    const { document } = entry;
    if (!isTakenBy(declaration.desired, deps.instance)) continue;
    const objection = objectionTo({ name, from }, { byFrom, byName, entries, deps });
    if (objection) {
      const problems = [problemAt(document, 'metadata.renamedFrom', objection)];
      const kind = objection.twice ? 'conflict' : 'invalid';
      declarations.set(name, { kind, name, problems, source: declaration.source });
    } else if (deps.known.has(from)) claims.set(from, name);
  }
  takeBack(declarations, entries, { claims, deps });
  return claims;
}

/**
 * A file that comes back under the name it had before the last rename takes that rename back, as a revert of the commit
 * does: nobody has either name otherwise, and the person and the home are the same.
 */
function takeBack(
  declarations: Map<string, Declaration>,
  entries: Map<string, Entry[]>,
  { claims, deps }: { claims: Map<string, string>; deps: Deps },
): void {
  const { known, unnamed, instance } = deps;
  if (unnamed.length > 0) return;
  const claimed = new Set(claims.values());
  for (const declaration of declarations.values()) {
    const { name } = declaration;
    if (declaration.kind !== 'valid' || claimed.has(name) || known.has(name)) continue;
    if (!isTakenBy(declaration.desired, instance)) continue;
    const later = known.nowNamed(declaration.desired);
    if (later === undefined || entries.has(later) || claims.has(later) || !known.has(later)) continue;
    claims.set(later, name);
    declarations.set(name, { ...declaration, renamedFrom: later });
  }
}

type Around = {
  byFrom: Map<string, Asked[]>;
  byName: Map<string, Asked>;
  entries: Map<string, Entry[]>;
  deps: Deps;
};

function objectionTo({ name, from }: Asked, around: Around): (Objection & { twice?: true }) | undefined {
  const { byFrom, byName, entries, deps } = around;
  const rivals = (byFrom.get(from) ?? []).filter((other) => other.name !== name);
  const place = (of: string) => entries.get(of)?.map(placeOf).join(' and ') ?? '';
  if (from === name) {
    return { message: `is ${name} itself`, suggestion: 'write the name it had before, or remove the line' };
  }
  if (entries.has(from)) {
    if (byName.get(from)?.from === name) {
      const message = `${name} and ${from} cannot swap their names at once: ${from} is declared in ${place(from)}`;
      return { message, suggestion: 'give one of them a third name first' };
    }
    const message = `${from} is still declared in ${place(from)}, so ${name} cannot go on with its home and container`;
    return { message, suggestion: `remove ${from} there, or remove this line` };
  }
  if (rivals.length > 0) {
    const others = rivals.map((rival) => `${rival.name} (${place(rival.name)})`).join(' and ');
    const message = `the home and container of ${from} are also claimed by ${others}`;
    return { message, suggestion: 'keep the line in one of them', twice: true };
  }
  const [unread] = deps.unnamed;
  if (deps.known.has(from) && unread !== undefined) {
    return {
      message: `${from} may still be declared at ${unread}, which cannot be read`,
      suggestion: 'mend that first',
    };
  }
  if (deps.known.has(from) && deps.known.made(name)) {
    const [onward] = byFrom.get(name) ?? [];
    const message = `${name} has a container of its own already, and ${from} is not merged into it`;
    const chain = onward && `first rename ${name} to ${onward.name}, in a commit of its own`;
    return { message, suggestion: chain ?? `remove this line, or give ${from} a name that is free` };
  }
  return undefined;
}

/**
 * Drops the claims of those that came to nothing after all, and keeps the names they wanted: nobody's workspace is
 * taken for removed because of a mistake in the file that it went to.
 */
export function spareFormer(
  declarations: Map<string, Declaration>,
  entries: Map<string, Entry[]>,
  { claims, deps }: { claims: Map<string, string>; deps: Deps },
): void {
  for (const { name, from } of [...entries.values()].flat().flatMap((entry) => askedBy(entry, deps))) {
    const declaration = declarations.get(name);
    if (!declaration || declaration.kind === 'valid') {
      // A claim says where it went, also when the file it was in cannot be read.
      if (claims.get(from) === name) declarations.delete(from);
      continue;
    }
    if (claims.get(from) === name) claims.delete(from);
    if (entries.has(from) || !deps.known.has(from)) continue;
    const { problems, source } = declaration;
    declarations.set(from, { kind: 'invalid', name: from, problems, source });
  }
}

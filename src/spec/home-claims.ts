import type { Declaration } from '../model/desired.ts';
import { isTakenBy } from '../model/instance.ts';
import { type Entry, placeOf, problemAt } from './document.ts';
import { type HeldHome, homeClashes } from './homes.ts';
import type { KnownNames } from './renames.ts';

/** Turns valid declarations that may not use their home into conflicts. Only workspaces of this controller have one. */
export function claimHomes(
  declarations: Map<string, Declaration>,
  entries: Entry[],
  { instance, known, held }: { instance: string; known: KnownNames; held: HeldHome[] },
): void {
  const wanted = [...declarations.values()].flatMap((declaration) => {
    const here = declaration.kind === 'valid' && isTakenBy(declaration.desired, instance);
    return here ? [declaration.desired] : [];
  });
  const homes = new Map(wanted.map(({ name, home }) => [name, home.place]));
  const byName = new Map(entries.map((entry) => [entry.document.name, entry]));
  for (const { name, other, place, held: inUse } of homeClashes(wanted, held)) {
    const document = byName.get(name)?.document;
    const source = declarations.get(name)?.source;
    if (!document?.ok || !source) continue;
    const rival = byName.get(other);
    const who = `${other} (${rival ? placeOf(rival) : 'which no file declares'})`;
    const message = `home ${place} is ${inUse ? 'in use by' : 'also claimed by'} ${who}`;
    // What a rename without the line looks like.
    const former = inUse && !rival && known.has(other) && !known.made(name);
    const suggestion = former
      ? `metadata.renamedFrom: ${other} keeps its home and container`
      : 'give each its own storage.home.name, or write shared: true in both';
    const path = Object.hasOwn(document.spots, 'spec.storage.home') ? 'spec.storage.home' : 'spec.owner';
    const problems = [problemAt(document, path, { message, suggestion })];
    const claimed = homes.get(name);
    declarations.set(name, { kind: 'conflict', name, problems, source, ...(claimed && { home: claimed }) });
  }
}

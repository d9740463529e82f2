import type { Listing, ObserveKey, Runtime, RuntimeHint } from './model/runtime.ts';
import type { IntentStore } from './model/store.ts';

type Intents = Pick<IntentStore, 'all' | 'get'>;

/** Whose the containers are that were made under other names or by hand, by full id. Mostly empty. */
export function adoptersOf(intents: Pick<Intents, 'all'>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  // A plain loop over all there are: it runs with every look, and nearly always finds nothing.
  for (const { name, adopted } of intents.all()) if (adopted) for (const id of adopted) owners.set(id, name);
  return owners;
}

/**
 * The engine with every container at the workspace whose it is: a label says under which name it was made, and after a
 * rename that is another one; one made by hand has none. Everything above the runtime knows names of today.
 */
export function withAdoptions(runtime: Runtime, intents: Intents): Runtime {
  const keyOf = (key: ObserveKey): ObserveKey => {
    const owners = adoptersOf(intents);
    if (owners.size === 0) return key;
    const given = [...owners].flatMap(([id, name]) => (name === key.name ? [] : [id]));
    const adopted = [...(key.adopted ?? []), ...(intents.get(key.name)?.adopted ?? [])];
    return { ...key, ...(adopted.length > 0 && { adopted }), ...(given.length > 0 && { given }) };
  };
  const told = (hint: RuntimeHint): RuntimeHint => {
    const name = hint.kind === 'workspace' && hint.id !== undefined ? adoptersOf(intents).get(hint.id) : undefined;
    return hint.kind === 'workspace' && name !== undefined ? { ...hint, name } : hint;
  };
  return {
    ...runtime,
    list: async () => regrouped(await runtime.list(adoptersOf(intents)), adoptersOf(intents)),
    hangUpLeftovers: () => runtime.hangUpLeftovers(adoptersOf(intents)),
    observe: (key, seen) => runtime.observe(keyOf(key), seen),
    watch: (onHint) => runtime.watch((hint) => onHint(told(hint))),
  };
}

/** The same containers, those that were adopted under the name that has them. */
export function regrouped(listing: Listing, owners: ReadonlyMap<string, string>): Listing {
  if (owners.size === 0) return listing;
  const rows = [...listing].flatMap(([name, found]) => found.map((row) => ({ name: owners.get(row.id) ?? name, row })));
  return new Map([...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => [name, own.map(({ row }) => row)]));
}

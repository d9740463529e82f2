import type { Listing, ObserveKey, Runtime, RuntimeHint } from './model/runtime.ts';
import type { IntentStore } from './model/store.ts';

/**
 * The engine with every container at the workspace whose it is: a label says under which name it was made, and after a
 * rename that is another one. Everything above the runtime knows workspaces by their names of today.
 */
export function withAdoptions(runtime: Runtime, intents: Pick<IntentStore, 'all' | 'get'>): Runtime {
  const ownerOf = (id: string): string | undefined => intents.all().find(({ adopted }) => adopted?.includes(id))?.name;
  const keyOf = (key: ObserveKey): ObserveKey => {
    const given = intents.all().flatMap(({ name, adopted = [] }) => (name === key.name ? [] : adopted));
    const adopted = [...(key.adopted ?? []), ...(intents.get(key.name)?.adopted ?? [])];
    return { ...key, ...(adopted.length > 0 && { adopted }), ...(given.length > 0 && { given }) };
  };
  const told = (hint: RuntimeHint): RuntimeHint => {
    const name = hint.kind === 'workspace' && hint.id !== undefined ? ownerOf(hint.id) : undefined;
    return hint.kind === 'workspace' && name !== undefined ? { ...hint, name } : hint;
  };
  return {
    ...runtime,
    list: async () => regrouped(await runtime.list(), ownerOf),
    observe: (key, seen) => runtime.observe(keyOf(key), seen),
    watch: (onHint) => runtime.watch((hint) => onHint(told(hint))),
  };
}

/** The same containers, those that were adopted under the name that has them. */
export function regrouped(listing: Listing, ownerOf: (id: string) => string | undefined): Listing {
  const rows = [...listing].flatMap(([name, found]) => found.map((row) => ({ name: ownerOf(row.id) ?? name, row })));
  return new Map([...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => [name, own.map(({ row }) => row)]));
}

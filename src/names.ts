import { adoptersOf, regrouped } from './adoptions.ts';
import type { CatalogState } from './catalog-state.ts';
import type { Intent } from './model/intent.ts';
import type { Listing, Runtime } from './model/runtime.ts';
import type { IntentStore } from './model/store.ts';

type Deps = { catalog: CatalogState; intents: IntentStore; runtime: Pick<Runtime, 'list'> };

/** What was removed is only remembered, and what never had a good spec is only what its file says. */
const known = ({ name, lastGood }: Intent): string[] => (lastGood ? [name] : []);

/** Every name there is anything about: declared, remembered, or a container of ours on the engine. */
export function makeNames({ catalog, intents, runtime }: Deps) {
  let listing: Listing = new Map();
  /** By the names of now: one may have got another since it was listed. */
  const listed = () => regrouped(listing, adoptersOf(intents));
  return {
    all: (): Set<string> => new Set([...catalog.names(), ...intents.all().flatMap(known), ...listed().keys()]),
    /** As the engine was listed last. */
    listing: listed,
    /** It had a container when the engine was last listed. */
    onEngine: (name: string): boolean => listed().has(name),
    /** Lists the engine; an engine that does not answer leaves the last listing in force, and is `false`. */
    refresh: async (): Promise<boolean> =>
      runtime.list().then(
        (found) => {
          listing = found;
          return true;
        },
        () => false,
      ),
  };
}
export type Names = ReturnType<typeof makeNames>;

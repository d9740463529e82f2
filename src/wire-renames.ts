import type { CatalogState } from './catalog-state.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { InstanceStore } from './model/store.ts';
import { makeTakeOver, type RenameDeps } from './reconcilers/workspace/rename.ts';
import { formerOf, makeMoveAddress, makeRenamedTo, takeAll } from './renames.ts';

type Deps = {
  catalog: Pick<CatalogState, 'get' | 'renamedTo' | 'renames'>;
  intents: RenameDeps['intents'];
  instance: InstanceStore;
  log: Log;
  clock: Clock;
  /** Asks for a look at the files. */
  poke: () => void;
};

/** Renames as a scan finds them, and as a pass does them that comes before one. */
export function wireRenames({ catalog, intents, instance, log, clock, poke }: Deps) {
  const to = makeRenamedTo(intents, catalog.renamedTo);
  const move = makeMoveAddress(instance);
  let owed = false;
  return {
    /** The name under which a workspace is to go on. */
    to,
    /** The name that a workspace has until it is taken over. */
    former: (name: string) => formerOf(catalog.get(name), to),
    /** Changes are judged by the names of now: after a rename outside of a scan all is read once more. */
    moveAddress: async (from: string, heir: string): Promise<void> => {
      await move(from, heir);
      owed = true;
      poke();
    },
    /**
     * Does what the last scan asks for, before anything is judged by it.
     * True when anybody was renamed since before.
     */
    take: async (deps: Omit<RenameDeps, 'intents' | 'clock'>): Promise<boolean> => {
      const takeOver = makeTakeOver({ ...deps, intents, clock });
      await takeAll({ claims: catalog.renames(), declaration: catalog.get, takeOver, clock, log });
      const was = owed;
      owed = false;
      return was;
    },
  };
}

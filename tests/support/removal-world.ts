import { silentLog } from '../../src/lib/log.ts';
import type { Declaration } from '../../src/model/desired.ts';
import type { Scan } from '../../src/model/source.ts';
import { makeRemovals } from '../../src/removals.ts';
import type { FakeClock } from './fake-clock.ts';
import { type memoryEvents, memoryInstance, type memoryIntents } from './memory-stores.ts';

type Settled = Extract<Scan, { kind: 'settled' }>;
type Deps = {
  clock: FakeClock;
  intents: ReturnType<typeof memoryIntents>;
  events: ReturnType<typeof memoryEvents>;
  declarations: Map<string, Declaration>;
  renamedTo: (name: string) => string | undefined;
  allSuspended: () => boolean;
};

export const removalTimes = {
  deletion: { graceMs: 60_000, removeAfterMs: 600_000 },
  guard: { windowMs: 600_000, removals: 0.2, disruptions: 0.2 },
};

/** Removals over stores in memory; a scan that they ask for comes as soon as it is due. */
export function makeRemovalWorld({ clock, intents, events, declarations, renamedTo, allSuspended }: Deps) {
  const instance = memoryInstance();
  const knobs = { unnamed: [] as string[], dataProblem: undefined as string | undefined, roots: { specs: 'a' } };
  const begin = () =>
    makeRemovals({
      catalog: {
        get: (name) => declarations.get(name),
        all: () => [...declarations.values()],
        unnamed: () => knobs.unnamed,
      },
      ...{ renamedTo, clock, events: events.store, intents: intents.store, log: silentLog },
      instance: { ...instance, get: () => ({ ...instance.get(), ...(allSuspended() && { suspend: { at: '' } }) }) },
      config: { instance: 'test', resyncMs: 30_000, ...removalTimes },
      dataProblem: () => knobs.dataProblem,
      poke: () => void scan(),
      changed: () => undefined,
    });
  let removals = begin();
  const scan = (over: Partial<Settled> = {}) =>
    removals.afterScan({ kind: 'settled', files: [], roots: knobs.roots, ...over });
  return {
    knobs,
    scan,
    now: () => removals,
    unreadable: () => removals.afterScan({ kind: 'unreadable', message: 'gone' }),
    restart: () => {
      removals.stop();
      removals = begin();
    },
  };
}

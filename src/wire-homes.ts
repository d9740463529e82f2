import { basename } from 'node:path';
import { holdHomes } from './hold-homes.ts';
import { makePlaces } from './homes/stored/places.ts';
import { makeAlone, makeHomesService } from './homes-service.ts';
import { makeLeftHomes } from './left-homes.ts';
import type { Clock } from './lib/clock.ts';
import { makeLocks } from './lib/keyed-lock.ts';
import type { Config } from './model/config.ts';
import type { HomesService } from './model/homes.ts';
import type { Runtime } from './model/runtime.ts';
import type { HeldHome } from './spec/homes.ts';

/** Between two looks for what there is to count. */
const LEFT_MS = 30_000;

type Deps = { config: Config; engine: Runtime; held: () => HeldHome[]; clock: Clock };
type Rest = Pick<
  Parameters<typeof makeHomesService>[0],
  'catalog' | 'status' | 'events' | 'ownerOf' | 'bytesOf' | 'dataProblem' | 'changed' | 'log'
>;

/** Homes as the loop and as people's verbs meet them: one lock for both. */
export function wireHomes({ config, engine, held, clock }: Deps) {
  const locks = makeLocks();
  const { alone, doing } = makeAlone();
  const places = makePlaces(config.data);
  const everyMs = Math.min(LEFT_MS, config.idle.intervalMs);
  return {
    /** What the loop acts through. */
    runtime: holdHomes(engine, { locks, atWork: (homeSource) => doing(`home ${basename(homeSource)}`) }),
    /** All there is to count. */
    others: makeLeftHomes({ places, clock, everyMs }),
    service: (rest: Rest): HomesService =>
      makeHomesService({ ...rest, places, runtime: engine, clock, locks, alone, held }),
  };
}

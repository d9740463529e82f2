import { join } from 'node:path';
import type { Places } from './homes/stored/places.ts';
import type { Countable } from './homes/use-watch.ts';
import type { Clock } from './lib/clock.ts';

type Deps = { places: Places; clock: Pick<Clock, 'monotonic'>; everyMs: number };

/**
 * What can be counted: all folders of homes and of the trash. They are looked for now and then behind whoever asks,
 * because a disk may hang; each look is what later ones give.
 */
export function makeLeftHomes({ places, clock, everyMs }: Deps) {
  let known: Countable[] = [];
  let notBefore = Number.NEGATIVE_INFINITY;
  const look = async () => {
    const [homes, trash] = await Promise.all([places.homes(), places.trashed()]);
    const of = (folder: string, name: string): Countable => ({
      name: `${folder}/${name}`,
      folder: async () => join(places.data, folder, name),
      restsSince: 0,
    });
    known = [...homes.map((home) => of('users', home)), ...trash.map(({ entry }) => of('trash', entry))];
  };
  return (): Countable[] => {
    if (clock.monotonic() >= notBefore) {
      notBefore = clock.monotonic() + everyMs;
      void look().catch(() => undefined);
    }
    return known;
  };
}

import { WorkdockError } from './lib/errors.ts';
import type { Locks } from './lib/keyed-lock.ts';
import type { Runtime } from './model/runtime.ts';

type Deps = { locks: Locks; atWork: (homeSource: string) => string | undefined };

/**
 * The same runtime, where whatever makes, mounts or moves a home waits for its turn on it: a home never moves under a
 * container that is being started. Verbs on homes hold the lock for a rename only.
 */
export function holdHomes(runtime: Runtime, { locks, atWork }: Deps): Runtime {
  return {
    ...runtime,
    ensureHome: (fitted) => locks(fitted.homeSource, () => runtime.ensureHome(fitted)),
    create: (fitted, generation) => locks(fitted.homeSource, () => runtime.create(fitted, generation)),
    start: (id, fitted) => locks(fitted.homeSource, () => runtime.start(id, fitted)),
    trashHome: async (key, at, ...rest) => {
      const doing = atWork(key.homeSource);
      if (doing === undefined) return locks(key.homeSource, () => runtime.trashHome(key, at, ...rest));
      const hint = 'it goes to the trash when that is through';
      throw new WorkdockError('HOME_UNUSABLE', `home ${key.homeSource} is being ${doing}`, { hint });
    },
  };
}

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './lib/clock.ts';
import type { Desired } from './model/desired.ts';
import { isTakenBy } from './model/instance.ts';
import type { InstanceStore } from './model/store.ts';
import { brakeHold } from './reconcilers/workspace/holds.ts';
import type { Hold } from './reconcilers/workspace/world.ts';

type Deps = { dataDir: string; instanceName: string; instance: InstanceStore; clock: Clock };

/** Why no workspace, or not this one, gets a step from this controller. */
export function makeHolds({ dataDir, instanceName, instance, clock }: Deps) {
  const marker = join(dataDir, '.workdock', 'instance.json');
  /** The disk may be unmounted under a running controller: its marker is gone then, and every home with it. */
  const dataProblem = (): string | undefined => {
    try {
      statSync(marker);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const todo = `mount the disk of ${dataDir}; nothing is created or started until then`;
      return `${marker} cannot be seen (${code}): ${todo}`;
    }
  };
  const of = (desired: Desired | undefined): Hold[] => {
    const holds: Hold[] = [];
    const missing = dataProblem();
    if (missing) holds.push({ reason: 'DataFolderMissing', message: missing });
    if (desired && !isTakenBy(desired, instanceName)) {
      holds.push({ reason: 'Elsewhere', message: `it belongs to instance ${desired.instance}` });
    }
    const { suspend } = instance.get();
    const words = { who: 'everything is suspended', lift: 'workdock resume --all' };
    holds.push(...brakeHold(suspend, words, clock.now()));
    return holds;
  };
  return { of, dataProblem };
}

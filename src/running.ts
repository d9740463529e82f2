import { isTakenBy } from './model/instance.ts';
import type { Intent } from './model/intent.ts';
import type { Listing } from './model/runtime.ts';
import type { IntentStore } from './model/store.ts';
import type { Running } from './reconcilers/guard/judge.ts';
import { decide } from './reconcilers/workspace/decide.ts';

type Deps = {
  intents: Pick<IntentStore, 'all'>;
  instanceName: string;
  /** Asks the engine; undefined when it does not answer. */
  list: () => Promise<Listing | undefined>;
};

const up = ['running', 'paused', 'restarting'];

/** By what was decided it is up, whatever came between. */
function shouldRun({ lastGood, mark, tombstone }: Intent): boolean {
  if (!lastGood) return false;
  const decision = decide({ settled: true, holds: [], specState: lastGood.desired.state, mark, tombstone });
  return decision.kind === 'run' && (decision.run === 'Running' || decision.run === 'Frozen');
}

/**
 * Who runs: by the engine, or by what was decided while it does not answer. After a reboot of the host everything is
 * down and about to come back, so for a controller that has `justBegun` a container that should run counts as running.
 */
export function makeRunning({ intents, instanceName, list }: Deps): (justBegun: boolean) => Promise<Running> {
  return async (justBegun) => {
    const listing = await list();
    const ours = intents.all().filter(({ lastGood }) => isTakenBy(lastGood?.desired, instanceName));
    const should = new Set(ours.filter(shouldRun).map(({ name }) => name));
    const names = new Set([...should, ...(listing?.keys() ?? [])]);
    const runs = (name: string): boolean => {
      const containers = listing?.get(name) ?? [];
      if (!listing) return should.has(name);
      return (
        containers.some(({ state }) => up.includes(state)) || (justBegun && containers.length > 0 && should.has(name))
      );
    };
    const running = new Set([...names].filter(runs));
    return { count: running.size, runs: (name) => running.has(name) };
  };
}

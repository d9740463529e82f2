import { makeActivity } from '../../src/activity.ts';
import type { Lease } from '../../src/model/idle.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import type { EventLog, IdleMemories, IntentStore, StatusStore } from '../../src/model/store.ts';
import { makeRunning } from '../../src/reconcilers/idle/running.ts';
import { makeSampler } from '../../src/reconcilers/idle/sample.ts';
import type { IdleWatch, World } from '../../src/reconcilers/workspace/world.ts';
import type { FakeClock } from './fake-clock.ts';

type Deps = { runtime: Runtime; world: World; clock: FakeClock; intents: IntentStore; events: EventLog };

/** Memories that outlive a controller, as the file does. */
export function keptMemories(): IdleMemories & { all: Map<string, unknown> } {
  const all = new Map<string, Parameters<IdleMemories['set']>[1]>();
  return {
    all,
    get: (name) => all.get(name),
    set: (name, memory) => void all.set(name, memory),
    forget: (name) => void all.delete(name),
    close: async () => undefined,
  };
}

/** Watching for idleness over a fake engine. Nothing looks by itself: tests ask for each look. */
export function makeIdleWorld({ runtime, world, clock, intents, events }: Deps) {
  const memories = keptMemories();
  const log: string[] = [];
  const homes = new Map<string, Lease>();
  const settings = { intervalMs: 10_000, maxKeepMs: 7 * 24 * 3_600_000 };
  let activity = makeActivity(clock);
  const note = (facts: object, message: string) => void log.push(`${message} ${JSON.stringify(facts)}`);
  return {
    memories,
    log,
    homes,
    settings,
    activity: () => activity,
    /** A controller begins: what was in memory is gone. */
    begin: (status: StatusStore) => {
      activity = makeActivity(clock);
      const running = makeRunning({ running: () => undefined, down: (name) => sampler.forget(name) });
      const sampler = makeSampler({
        ...{ runtime, world, clock, intents, events, status, memories, running, activity, ...settings },
        leaseFromHome: async ({ name }) => homes.get(name),
        log: { warn: note, error: note },
        changed: () => undefined,
        news: () => undefined,
      });
      activity.onUse(sampler.used);
      const watch: IdleWatch = { see: running.see, view: (name) => sampler.entry(name)?.view };
      return { running, sampler, watch };
    },
  };
}

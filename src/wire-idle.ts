import { makeIdleService } from './idle-service.ts';
import type { Clock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Config } from './model/config.ts';
import type { RunningContainer, Runtime } from './model/runtime.ts';
import type { IdleService } from './model/service.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { Activity } from './model/stream.ts';
import type { IdleDeps } from './reconcilers/idle/deps.ts';
import { cpuSecondsOf, quietSecondsOf } from './reconcilers/idle/entry.ts';
import { makeLoop } from './reconcilers/idle/loop.ts';
import { makeRunning } from './reconcilers/idle/running.ts';
import { makeSampler } from './reconcilers/idle/sample.ts';
import { withIdleView } from './reconcilers/workspace/idle-view.ts';
import { watchProcesses } from './reconcilers/workspace/process-watch.ts';
import type { IdleWatch, World } from './reconcilers/workspace/world.ts';
import { openIdleMemories } from './store/idle-memories.ts';
import type { Stores } from './stores.ts';

/** What is newer is lost with a kill. With shorter looks, as in tests, shorter too. */
const FLUSH_MS = 60_000;
const FLUSH_LOOKS = 10;

const workedMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

type Deps = {
  config: Config;
  runtime: Runtime;
  world: World;
  stores: Pick<Stores, 'intents' | 'status' | 'events'>;
  activity: Pick<Activity, 'of' | 'onUse'>;
  leaseFromHome: IdleDeps['leaseFromHome'];
  /** What runs in it is noted. */
  seen: (container: RunningContainer) => Promise<void>;
  clock: Clock;
  log: Log;
  names: () => Iterable<string>;
  changed: IdleDeps['changed'];
  news: IdleDeps['news'];
};

/**
 * Watching for idleness: passes tell who runs, the loop looks at those, and what it decides is a mark in the intents.
 * It runs from the first sight on, until `stop`.
 */
export async function wireIdle({ config, runtime, world, stores, clock, log, names, seen, ...rest }: Deps) {
  const { intervalMs, maxKeepMs } = config.idle;
  const { intents, status, events } = stores;
  const memories = await openIdleMemories(config.state, {
    clock,
    flushMs: Math.min(FLUSH_MS, FLUSH_LOOKS * intervalMs),
    onProblem: (problem) => log.warn({ problem }, 'the memory of quiet stretches cannot be written'),
  });
  const running = makeRunning({ running: (name) => loop.begin(name), down: (name) => sampler.forget(name) });
  const sampler = makeSampler({
    ...{ runtime, world, intents, status, events, memories, clock, log, intervalMs, maxKeepMs, running },
    ...rest,
  });
  rest.activity.onUse(sampler.used);
  const endProcesses = watchProcesses({ containers: running.containers, seen, clock, workedMs });
  const loop = makeLoop({ look: sampler.look, clock, random: Math.random, log, intervalMs });
  const watch: IdleWatch = { see: running.see, view: (name) => sampler.entry(name)?.view };
  const service: IdleService = makeIdleService({
    ...{ runtime, sampler, running, intents, status, events, clock, names, maxKeepMs, changed: rest.changed },
  });
  const stop = async (): Promise<void> => {
    await loop.stop();
    await endProcesses();
    await memories.close();
  };
  /** What is so at this moment; the status has it as of when an answer last changed. */
  const live = async (found: WorkspaceStatus): Promise<WorkspaceStatus> => {
    const { verdict, view } = found.verdict ? await sampler.peek(found.name) : {};
    return verdict && view ? { ...withIdleView(found, view, clock.now()), verdict } : found;
  };
  const figures = {
    cpuSeconds: (name: string) => cpuSecondsOf(sampler.entry(name)),
    quietSeconds: (name: string) => quietSecondsOf(sampler.entry(name)),
  };
  return { watch, service, live, figures, stop };
}

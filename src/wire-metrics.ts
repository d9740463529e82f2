import { countSpace } from './homes/use.ts';
import { type Countable, watchUse } from './homes/use-watch.ts';
import type { Clock } from './lib/clock.ts';
import type { Lull } from './lib/lull.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { WorkspaceSources } from './metrics/workspaces.ts';
import type { Config } from './model/config.ts';
import type { EngineAges, LoopState } from './model/loop.ts';
import type { Runtime } from './model/runtime.ts';
import { isDown } from './model/status.ts';
import type { IntentStore, StatusStore } from './model/store.ts';
import type { Deps as Reconciling } from './reconcilers/workspace/world.ts';

const HOUR_MS = 3_600_000;
/** An hour unless configured; with shorter looks, as in tests, shorter too. */
const USE_EVERY_LOOKS = 120;

type Watched = Pick<Reconciling, 'oom' | 'idle' | 'status'>;
type Noting = Watched & Pick<Reconciling, 'onDrift'>;

/** The same parts of a reconciler; what they are told is noted besides. */
export const noting = ({ figures, drift }: Metrics, { oom, idle, status }: Watched): Noting => ({
  onDrift: drift,
  oom: (name, ...rest) => {
    const found = oom(name, ...rest);
    if (found.fresh > 0) figures.killed(name, found.fresh);
    return found;
  },
  idle: {
    ...idle,
    see: (name, sight) => {
      figures.see(name, sight.current);
      idle.see(name, sight);
    },
  },
  status: {
    ...status,
    publish: (next) => {
      figures.published(next);
      status.publish(next);
    },
  },
});

type Deps = {
  metrics: Metrics;
  config: Config;
  runtime: Pick<Runtime, 'homeFolder'>;
  intents: IntentStore;
  status: StatusStore;
  clock: Clock;
  /** Homes are counted in one. */
  lull: Pick<Lull, 'isBusy'>;
  loop: () => LoopState;
  engineAges: () => EngineAges;
  /** All homes, and what lies in the trash. */
  others: () => Iterable<Countable>;
} & Pick<WorkspaceSources, 'declared' | 'known' | 'held' | 'cpuSeconds' | 'quietSeconds'>;

/** What is told at a scrape, and the count of homes behind it, until `stop`. */
export function wireMetrics({ metrics, config, runtime, intents, status, clock, lull, others, ...rest }: Deps) {
  function* homes(): Generator<Countable> {
    const counted = new Set<string>();
    for (const name of rest.declared()) {
      const now = status.get(name);
      const desired = intents.get(name)?.lastGood?.desired;
      if (!now?.home || !desired) continue;
      const { home: homeSource, lastEnd } = now;
      if (desired.home.place.kind === 'folder') counted.add(`users/${desired.home.place.name}`);
      const ended = lastEnd && Date.parse(lastEnd.at);
      yield {
        name,
        folder: () => runtime.homeFolder({ home: desired.home, homeSource }),
        restsSince: isDown(now) ? (ended ?? 0) : undefined,
      };
    }
    for (const other of others()) if (!counted.has(other.name)) yield other;
  }
  const everyMs = Math.min(HOUR_MS, USE_EVERY_LOOKS * config.idle.intervalMs);
  const use = watchUse({ homes, count: countSpace, clock, everyMs, isBusy: lull.isBusy });
  const sources = {
    ...{ parallel: config.limits.parallel, status: status.get, summary: status.summary, homeBytes: use.get },
    ...rest,
  };
  return {
    scrape: () => metrics.scrape(sources),
    /** Of the home of a workspace, or of one of `others`. */
    homeBytes: (name: string) => use.get(name)?.value,
    stop: use.stop,
  };
}

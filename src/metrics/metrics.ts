import type { Clock } from '../lib/clock.ts';
import type { EngineAges, LoopState } from '../model/loop.ts';
import { makeDriftMetrics } from './drift.ts';
import { makeEngineMetrics } from './engine.ts';
import { makeEngineSightMetrics } from './engine-sight.ts';
import { makeFigures } from './figures.ts';
import { type HostSources, makeHostMetrics } from './host.ts';
import { makeLoopMetrics } from './loop.ts';
import { makeRegistry } from './registry.ts';
import { makeWorkspaceMetrics, type WorkspaceSources } from './workspaces.ts';

export type Sources = Omit<WorkspaceSources, 'clock' | 'figures'> & {
  parallel: number;
  loop: () => LoopState;
  engineAges: () => EngineAges;
  summary: () => HostSources;
};

/**
 * Everything that is counted of one controller. A scrape reads what the loop, the looks for idleness and the count of
 * homes have left behind: it asks neither the engine nor a disk.
 */
export function makeMetrics(clock: Pick<Clock, 'monotonic'>) {
  const registry = makeRegistry();
  const figures = makeFigures(clock);
  const workspaces = makeWorkspaceMetrics(registry);
  const loop = makeLoopMetrics(registry);
  const measured = makeEngineMetrics(registry, clock);
  const sight = makeEngineSightMetrics(registry);
  const drift = makeDriftMetrics(registry);
  const host = makeHostMetrics(registry);
  return {
    figures,
    /** For the loop, to tell what it does. */
    loop: loop.watch,
    /** The same runtime with its calls counted. */
    measured,
    names: registry.names,
    /** An event of the engine came, so much later than it happened. */
    lagged: sight.lagged,
    drift,
    /** Text format 0.0.4. */
    scrape: (sources: Sources): Promise<string> => {
      workspaces({ ...sources, clock, figures });
      loop.refresh(sources.loop(), sources.parallel);
      sight.refresh(sources.engineAges());
      host(sources.summary());
      return registry.text();
    },
  };
}
export type Metrics = ReturnType<typeof makeMetrics>;

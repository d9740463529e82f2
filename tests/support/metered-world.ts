import type { Families } from '../../src/metrics/families.ts';
import { type Metrics, makeMetrics } from '../../src/metrics/metrics.ts';
import type { Taken } from '../../src/metrics/workspaces.ts';
import { cpuSecondsOf, quietSecondsOf } from '../../src/reconcilers/idle/entry.ts';
import { noting } from '../../src/wire-metrics.ts';
import { seriesIn } from './exposition.ts';
import { makeWorld } from './world.ts';

/** A loop that does nothing at the moment. */
export const resting = { waiting: { change: 0, event: 0, resync: 0 }, active: 0, away: 0, inFlightMs: [] };

const controller = { version: '0', instance: 'test', startedAt: '2026-01-01T00:00:00Z' };

/** The workspace reconciler on a fake engine, with the metrics that the controller has around it. */
export function makeMeteredWorld() {
  let metrics: Metrics | undefined;
  const homes = new Map<string, Taken>();
  const w = makeWorld({
    around: (parts) => {
      metrics = makeMetrics(parts.clock);
      return { ...parts, runtime: metrics.measured(parts.runtime), ...noting(metrics, parts) };
    },
  });
  const text = () =>
    metrics!.scrape({
      parallel: 8,
      loop: () => resting,
      engineAges: () => ({ listMs: 1_500, streamMs: 500 }),
      summary: () => ({ controller, host: w.parts().status.summary().host }),
      status: w.status,
      declared: () => w.declarations.keys(),
      known: () => w.intents.store.all().map(({ name }) => name),
      cpuSeconds: (name) => cpuSecondsOf(w.idleWatch().sampler.entry(name)),
      quietSeconds: (name) => quietSecondsOf(w.idleWatch().sampler.entry(name)),
      homeBytes: (name) => homes.get(name),
      held: () => [],
    });
  /** What Prometheus would read now: the series of each family. */
  const scrape = async () => seriesIn(await text());
  return { ...w, homes, text, scrape, series: async (family: keyof Families) => (await scrape())(family) };
}

import type { EngineAges } from '../model/loop.ts';
import type { MetricsRegistry } from './registry.ts';

/** How far what is known of the engine is behind it. */
export function makeEngineSightMetrics({ gauge, histogram }: MetricsRegistry) {
  const list = gauge('workdock_engine_list_age_seconds');
  const stream = gauge('workdock_engine_events_age_seconds');
  const lag = histogram('workdock_engine_event_lag_seconds');
  lag.zero({});
  return {
    lagged: (lagMs: number): void => lag.observe(lagMs / 1_000),
    refresh: ({ listMs, streamMs }: EngineAges): void => {
      list.set(listMs / 1_000);
      stream.set(streamMs / 1_000);
    },
  };
}

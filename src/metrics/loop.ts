import { type LoopState, type LoopWatch, lanes } from '../model/loop.ts';
import type { Result } from '../model/result.ts';
import type { MetricsRegistry } from './registry.ts';

/** There is one loop; its name in the labels of controller-runtime. */
const controller = 'workspace';
const queue = { name: controller, controller };
/** As controller-runtime gives it: its own initial list and resync is -100, what happens is 0. */
const priorities = { change: '100', event: '0', resync: '-100' };

const resultOf = (result: Result) => {
  if (result.kind === 'failed') return 'error';
  if (result.kind === 'settled') return 'success';
  return result.afterMs > 0 ? 'requeue_after' : 'requeue';
};

/** The loop's own metrics: `watch` goes to the loop, `refresh` takes over its state before a scrape. */
export function makeLoopMetrics({ counter, gauge, histogram }: MetricsRegistry) {
  const total = counter('controller_runtime_reconcile_total');
  const errors = counter('controller_runtime_reconcile_errors_total');
  const terminal = counter('controller_runtime_terminal_reconcile_errors_total');
  const panics = counter('controller_runtime_reconcile_panics_total');
  const timeouts = counter('controller_runtime_reconcile_timeouts_total');
  const time = histogram('controller_runtime_reconcile_time_seconds');
  const active = gauge('controller_runtime_active_workers');
  const most = gauge('controller_runtime_max_concurrent_reconciles');
  const depth = gauge('workqueue_depth');
  const adds = counter('workqueue_adds_total');
  const waited = histogram('workqueue_queue_duration_seconds');
  const worked = histogram('workqueue_work_duration_seconds');
  const unfinished = gauge('workqueue_unfinished_work_seconds');
  const longest = gauge('workqueue_longest_running_processor_seconds');
  const retries = counter('workqueue_retries_total');
  const away = gauge('workdock_away_passes');

  // From the start on all are there, so that an alert sees the first failure as a rise.
  for (const result of ['success', 'error', 'requeue', 'requeue_after']) total.inc({ controller, result }, 0);
  for (const each of [errors, terminal, panics, timeouts]) each.inc({ controller }, 0);
  for (const each of [adds, retries]) each.inc(queue, 0);
  time.zero({ controller });
  for (const each of [waited, worked]) each.zero(queue);

  const watch: LoopWatch = {
    queued: () => adds.inc(queue),
    taken: (waitedMs) => waited.observe(queue, waitedMs / 1_000),
    planned: () => retries.inc(queue),
    overdue: () => timeouts.inc({ controller }),
    passed: (result, tookMs) => {
      total.inc({ controller, result: resultOf(result) });
      time.observe({ controller }, tookMs / 1_000);
      worked.observe(queue, tookMs / 1_000);
      if (result.kind !== 'failed') return;
      errors.inc({ controller });
      if (result.error.policy.retry === 'never') terminal.inc({ controller });
      if (result.error.code === 'INTERNAL') panics.inc({ controller });
    },
  };
  const refresh = (state: LoopState, parallel: number): void => {
    active.set({ controller }, state.active);
    away.set({}, state.away);
    most.set({ controller }, parallel);
    for (const lane of lanes) depth.set({ ...queue, priority: priorities[lane] }, state.waiting[lane]);
    unfinished.set(queue, state.inFlightMs.reduce((sum, ms) => sum + ms, 0) / 1_000);
    longest.set(queue, Math.max(0, ...state.inFlightMs) / 1_000);
  };
  return { watch, refresh };
}

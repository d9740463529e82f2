import { expect, test } from 'vitest';
import { makeController } from '../../src/controller/controller.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import { loopFamilies } from '../../src/metrics/families.ts';
import { makeMetrics } from '../../src/metrics/metrics.ts';
import type { Reconcile, Result } from '../../src/model/result.ts';
import { seriesIn } from '../support/exposition.ts';
import { makeFakeClock } from '../support/fake-clock.ts';

/** The loop on a fake clock, and what Prometheus would read of it. */
function meteredLoop(reconcile: Reconcile, { parallel = 8, deadlineMs = 600_000 } = {}) {
  const clock = makeFakeClock();
  const metrics = makeMetrics(clock);
  const controller = makeController({
    ...{ reconcile, parallel, deadlineMs, clock, random: () => 0.5, resyncMs: 3_600_000, names: () => ['ada'] },
    ...{ log: silentLog, watch: metrics.loop },
  });
  const none = () => undefined;
  const scrape = async () =>
    seriesIn(
      await metrics.scrape({
        ...{
          parallel,
          loop: controller.state,
          engineAges: () => ({ listMs: 0, streamMs: 0 }),
          declared: () => [],
          known: () => [],
        },
        ...{ status: none, cpuSeconds: none, quietSeconds: none, homeBytes: none, held: () => [] },
        summary: () => ({
          controller: { version: '0', instance: 'test', startedAt: '2026-01-01T00:00:00Z' },
          host: { conditions: [] },
        }),
      }),
    );
  const one = async (family: keyof typeof loopFamilies) => (await scrape())(family);
  return { clock, controller, scrape, one };
}
const failure = (code: 'ENGINE_FAILED' | 'NAME_TAKEN' | 'INTERNAL'): Result => ({
  kind: 'failed',
  error: new WorkdockError(code, 'no', { hint: '' }),
});
const key = '{controller=workspace}';
const queueKey = '{controller=workspace,name=workspace}';

test('everything is there at 0 before the first pass', async () => {
  const { scrape } = meteredLoop(async () => ({ kind: 'settled' }));
  const scraped = await scrape();
  for (const family of Object.keys(loopFamilies)) {
    const values = Object.entries(scraped(family as keyof typeof loopFamilies));
    expect(values.length, family).toBeGreaterThan(0);
    const wanted = family === 'controller_runtime_max_concurrent_reconciles' ? 8 : 0;
    expect(values.filter(([, value]) => value !== wanted)).toEqual([]);
  }
});

test('passes by result, as controller-runtime names them, and what each of them costs', async () => {
  const outcomes: Result[] = [
    { kind: 'settled' },
    { kind: 'again', afterMs: 0, why: '' },
    { kind: 'again', afterMs: 5_000, why: '' },
    failure('ENGINE_FAILED'),
    failure('INTERNAL'),
    failure('NAME_TAKEN'),
  ];
  const { clock, controller, scrape, one } = meteredLoop(async () => {
    await new Promise<void>((resolve) => clock.timer(250, resolve));
    return outcomes.shift() ?? { kind: 'settled' };
  });
  controller.start();
  controller.changed('ada', '');
  await clock.advance(250);
  controller.changed('ada', '');
  await clock.advance(500);
  expect(await one('workqueue_retries_total'), 'the one that is asked for later').toEqual({ [queueKey]: 1 });
  await clock.advance(5_250);
  await clock.advance(10_000);
  const scraped = await scrape();
  expect(scraped('controller_runtime_reconcile_total')).toEqual({
    '{controller=workspace,result=success}': 1,
    '{controller=workspace,result=requeue}': 1,
    '{controller=workspace,result=requeue_after}': 1,
    '{controller=workspace,result=error}': 3,
  });
  expect(scraped('controller_runtime_reconcile_errors_total')).toEqual({ [key]: 3 });
  expect(scraped('controller_runtime_terminal_reconcile_errors_total')).toEqual({ [key]: 1 });
  expect(scraped('controller_runtime_reconcile_panics_total')).toEqual({ [key]: 1 });
  expect(scraped('workqueue_retries_total'), 'and two failures that are tried again').toEqual({
    [queueKey]: 3,
  });
  expect(scraped('workqueue_adds_total')).toEqual({ [queueKey]: 6 });
  expect(scraped('controller_runtime_reconcile_time_seconds')).toMatchObject({
    'bucket{controller=workspace,le=0.2}': 0,
    'bucket{controller=workspace,le=0.25}': 6,
    'bucket{controller=workspace,le=+Inf}': 6,
    'sum{controller=workspace}': 1.5,
    'count{controller=workspace}': 6,
  });
  expect(scraped('workqueue_work_duration_seconds')).toMatchObject({
    [`sum${queueKey}`]: 1.5,
    [`count${queueKey}`]: 6,
  });
});

test('who waits, for how long, and who is at work', async () => {
  const gates = new Map<string, PromiseWithResolvers<Result>>();
  const reconcile: Reconcile = (name) => {
    gates.set(name, Promise.withResolvers());
    return gates.get(name)!.promise;
  };
  const { clock, controller, scrape, one } = meteredLoop(reconcile, { parallel: 1 });
  controller.start();
  controller.changed('ada', '');
  await clock.advance(1_000);
  controller.changed('bob', '');
  controller.event('cleo', '');
  controller.event('cleo', 'again');
  controller.changed('ada', 'while it is looked at');
  await clock.advance(2_000);
  const scraped = await scrape();
  const depth = (priority: number) => `{controller=workspace,name=workspace,priority=${priority}}`;
  expect(scraped('workqueue_depth')).toEqual({ [depth(100)]: 1, [depth(0)]: 1, [depth(-100)]: 0 });
  expect(scraped('workqueue_adds_total'), 'each name that waits once').toEqual({ [queueKey]: 3 });
  expect(scraped('controller_runtime_active_workers')).toEqual({ [key]: 1 });
  expect(scraped('controller_runtime_max_concurrent_reconciles')).toEqual({ [key]: 1 });
  expect(scraped('workqueue_unfinished_work_seconds')).toEqual({ [queueKey]: 3 });
  expect(scraped('workqueue_longest_running_processor_seconds')).toEqual({ [queueKey]: 3 });
  controller.changed('cleo', 'a person, which moves it up and not back in time');
  for (const name of ['ada', 'bob', 'cleo', 'ada']) {
    await clock.advance(0);
    gates.get(name)!.resolve({ kind: 'settled' });
  }
  await clock.advance(0);
  const waits = await one('workqueue_queue_duration_seconds');
  expect(waits[`count${queueKey}`]).toBe(4);
  expect(waits[`sum${queueKey}`], 'bob and cleo two seconds each').toBe(4);
  await controller.stop();
});

test('a pass that is away takes no place, is counted as away, and is still unfinished work', async () => {
  const pulled = Promise.withResolvers<void>();
  const reconcile: Reconcile = async (_, __, { away }) => {
    await away(() => pulled.promise);
    return { kind: 'settled' };
  };
  const { clock, controller, scrape } = meteredLoop(reconcile);
  controller.start();
  controller.changed('ada', '');
  await clock.advance(3_000);
  const scraped = await scrape();
  expect(scraped('controller_runtime_active_workers')).toEqual({ [key]: 0 });
  expect(scraped('workdock_away_passes')).toEqual({ '': 1 });
  expect(scraped('workqueue_unfinished_work_seconds')).toEqual({ [queueKey]: 3 });
  pulled.resolve();
  await controller.idle();
  expect((await scrape())('workdock_away_passes')).toEqual({ '': 0 });
});

test('a pass that outlives its deadline is counted, gives its place back, and stays visible', async () => {
  const stuck = Promise.withResolvers<Result>();
  const { clock, controller, scrape } = meteredLoop(() => stuck.promise, { deadlineMs: 60_000 });
  controller.start();
  controller.changed('ada', '');
  await clock.advance(90_000);
  const scraped = await scrape();
  expect(scraped('controller_runtime_reconcile_timeouts_total')).toEqual({ [key]: 1 });
  expect(scraped('controller_runtime_active_workers')).toEqual({ [key]: 0 });
  expect(scraped('workqueue_longest_running_processor_seconds')).toEqual({ [queueKey]: 90 });
  stuck.resolve({ kind: 'settled' });
  await controller.stop();
});

test('names, types and labels are those of controller-runtime', () => {
  const ofQueue = ['name', 'controller'];
  const wanted = {
    controller_runtime_reconcile_total: ['counter', 'controller', 'result'],
    controller_runtime_reconcile_errors_total: ['counter', 'controller'],
    controller_runtime_terminal_reconcile_errors_total: ['counter', 'controller'],
    controller_runtime_reconcile_panics_total: ['counter', 'controller'],
    controller_runtime_reconcile_time_seconds: ['histogram', 'controller'],
    controller_runtime_reconcile_timeouts_total: ['counter', 'controller'],
    controller_runtime_active_workers: ['gauge', 'controller'],
    controller_runtime_max_concurrent_reconciles: ['gauge', 'controller'],
    workqueue_depth: ['gauge', ...ofQueue, 'priority'],
    workqueue_adds_total: ['counter', ...ofQueue],
    workqueue_queue_duration_seconds: ['histogram', ...ofQueue],
    workqueue_work_duration_seconds: ['histogram', ...ofQueue],
    workqueue_unfinished_work_seconds: ['gauge', ...ofQueue],
    workqueue_longest_running_processor_seconds: ['gauge', ...ofQueue],
    workqueue_retries_total: ['counter', ...ofQueue],
  };
  const here = Object.entries(loopFamilies).map(([name, { type, labels }]) => [name, [type, ...labels]]);
  expect(Object.fromEntries(here)).toEqual(wanted);
});

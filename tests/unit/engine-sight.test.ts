import { expect, test } from 'vitest';
import { conditionCheck } from '../../src/commands/doctor-checks.ts';
import { makeEngineSight } from '../../src/engine-sight.ts';
import { makeMetrics } from '../../src/metrics/metrics.ts';
import { seriesIn } from '../support/exposition.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { resting } from '../support/metered-world.ts';

/** What is known of an engine under a fake clock, and what Prometheus would read of it. */
function makeSight(resyncMs = 30_000) {
  const clock = makeFakeClock();
  const metrics = makeMetrics(clock);
  const engine = { lists: 0, answers: true, takesMs: 0 };
  const list = async () => {
    engine.lists += 1;
    await new Promise<void>((resolve) => clock.timer(engine.takesMs, resolve));
    return engine.answers;
  };
  const sight = makeEngineSight({ clock, resyncMs, list, onLag: metrics.lagged });
  const none = () => undefined;
  const scrape = async () =>
    seriesIn(
      await metrics.scrape({
        ...{ parallel: 1, loop: () => resting, engineAges: sight.ages, declared: () => [], known: () => [] },
        ...{ status: none, cpuSeconds: none, quietSeconds: none, homeBytes: none, held: () => [] },
        summary: () => ({
          controller: { version: '0', instance: 'test', startedAt: '2026-01-01T00:00:00Z' },
          host: { conditions: [] },
        }),
      }),
    );
  const ages = async () => {
    const series = await scrape();
    return [series('workdock_engine_list_age_seconds')[''], series('workdock_engine_events_age_seconds')['']];
  };
  /** As the controller looks at its host: every 3 s. */
  const looks = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 3) {
      await Promise.all([sight.refreshIfDue(), clock.advance(3_000)]);
    }
  };
  return { clock, engine, sight, scrape, ages, looks };
}

test('the engine is listed once in a period, and the age is that of when a whole list began', async () => {
  const { clock, engine, sight, ages, looks } = makeSight();
  expect(await ages(), 'of the controller before anything was heard').toEqual([0, 0]);
  await looks(30);
  expect(engine.lists).toBe(0);
  engine.takesMs = 2_000;
  await looks(3);
  expect(await ages()).toEqual([3, 33]);
  expect(engine.lists).toBe(1);
  await looks(300);
  expect(engine.lists).toBe(11);
  engine.answers = false;
  const [listed = 0] = await ages();
  await looks(60);
  expect((await ages())[0], 'a list that failed is none').toBe(listed + 60);
  sight.sign();
  await clock.advance(1_000);
  expect((await ages())[1]).toBe(1);
});

test('who asks while a list is on its way gets one that began later, and all who wait the same one', async () => {
  const { clock, engine, sight } = makeSight();
  engine.takesMs = 100;
  const all = [sight.refresh()];
  await clock.advance(50);
  all.push(sight.refresh(), sight.refresh());
  await clock.advance(500);
  expect(await Promise.all(all)).toEqual([true, true, true]);
  expect(engine.lists).toBe(2);
});

test.each([
  [30_000, 90_000],
  [1_000, 60_000],
])(
  'with a resync of %d ms, what is older than %d ms is doubted, in the condition and by doctor',
  async (resyncMs, tooOldMs) => {
    const { clock, sight } = makeSight(resyncMs);
    await clock.advance(tooOldMs);
    expect(sight.doubt()).toBeUndefined();
    await clock.advance(1);
    sight.sign();
    expect(sight.doubt()).toMatchObject({ type: 'EngineReachable', status: 'Unknown', reason: 'ListTooOld' });
    const check = conditionCheck({ ...sight.doubt()!, lastTransitionTime: '' });
    expect(check.result).not.toBe('ok');
    expect(check.message).toMatch(/last listed its containers 1m\d*s? ago/);
    const listed = sight.refresh();
    await clock.advance(0);
    await listed;
    expect(sight.doubt()).toBeUndefined();
    await clock.advance(tooOldMs + 1);
    const again = sight.refresh();
    await clock.advance(0);
    await again;
    expect(sight.doubt(), 'listed, and no event heard').toMatchObject({ reason: 'EventsLost' });
    sight.sign();
    expect(sight.doubt()).toBeUndefined();
  },
);

test('lag is from the time of the event to now; a clock that goes ahead is none', async () => {
  const { clock, sight, scrape } = makeSight();
  for (const lagMs of [0, 40, 2_000, -500]) sight.sign(clock.now() - lagMs);
  sight.sign();
  expect((await scrape())('workdock_engine_event_lag_seconds')).toMatchObject({
    'bucket{le=0.001}': 2,
    'bucket{le=0.05}': 3,
    'bucket{le=2.5}': 4,
    count: 4,
    sum: 2.04,
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ControllerDeps, makeController } from '../../src/controller/controller.ts';
import { type ErrorCode, WorkdockError } from '../../src/lib/errors.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Reconcile, Result } from '../../src/model/result.ts';
import { drain, makeFakeClock } from '../support/fake-clock.ts';

const settled: Result = { kind: 'settled' };
const failed = (code: ErrorCode): Result => ({
  kind: 'failed',
  error: new WorkdockError(code, 'no', { hint: 'wait' }),
});

/** A controller on a fake clock, whose passes do what `reconcile` says and are written down with their time. */
function setup(reconcile: (name: string) => Result | Promise<Result>, rest: Partial<ControllerDeps> = {}) {
  const clock = makeFakeClock();
  const passes: { name: string; at: number; trigger: string; signal: AbortSignal; id: string }[] = [];
  const recorded: Reconcile = async (name, trigger, { signal, id }) => {
    passes.push({ name, at: clock.monotonic(), trigger, signal, id });
    return reconcile(name);
  };
  const controller = makeController({
    reconcile: recorded,
    parallel: 8,
    clock,
    random: () => 0.5,
    resyncMs: 3_600_000,
    names: () => ['ada'],
    log: silentLog,
    ...rest,
  });
  return { clock, passes, controller, times: () => passes.map(({ at }) => at) };
}

/** A promise and its key. */
const gate = () => Promise.withResolvers<Result>();

test('nothing runs before the start, and what was asked for then does', async () => {
  const { clock, passes, controller } = setup(() => settled);
  controller.changed('ada', 'spec changed');
  await clock.advance(1_000);
  expect(passes).toEqual([]);
  controller.start();
  await controller.idle();
  expect(passes).toMatchObject([{ name: 'ada', trigger: 'spec changed' }]);
});

test('backoff: 1, 2, 4, 8, 16, 30, 30 s after each failure', async () => {
  const { clock, controller, times } = setup(() => failed('ENGINE_FAILED'));
  controller.start();
  controller.changed('ada', 'spec changed');
  await clock.advance(95_000);
  expect(times()).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
  expect(controller.inspect('ada')).toMatchObject({ failures: 8, inFlight: false, queued: false });
  expect(controller.inspect('ada').nextAt).toBe(clock.now() + 26_000);
});

test('a change runs at once in the middle of a backoff, and the pauses start anew', async () => {
  const { clock, controller, times } = setup(() => failed('ENGINE_FAILED'));
  controller.start();
  controller.changed('ada', 'spec changed');
  await clock.advance(20_000);
  controller.changed('ada', 'spec changed');
  await clock.advance(1_500);
  expect(times().slice(-2)).toEqual([20_000, 21_000]);
});

test('hints do not undo a backoff, and are not lost either', async () => {
  const { clock, controller, times } = setup(() => failed('ENGINE_FAILED'));
  controller.start();
  controller.changed('ada', 'spec changed');
  for (let i = 0; i < 70; i += 1) {
    await clock.advance(100);
    controller.event('ada', 'die');
  }
  expect(times()).toEqual([0, 1_000, 3_000, 7_000]);
});

test('success resets the count', async () => {
  let fails = 3;
  const { clock, controller } = setup(() => (fails-- > 0 ? failed('ENGINE_FAILED') : settled));
  controller.start();
  controller.changed('ada', '');
  await clock.advance(10_000);
  expect(controller.inspect('ada').failures).toBe(0);
});

test('a refused spec is not retried, but an event or a change still looks', async () => {
  const { clock, controller, times } = setup(() => failed('ENGINE_REFUSED'));
  controller.start();
  controller.changed('ada', '');
  await clock.advance(600_000);
  expect(times()).toEqual([0]);
  controller.event('ada', 'die');
  await clock.advance(0);
  controller.changed('ada', '');
  await clock.advance(0);
  expect(times()).toEqual([0, 600_000, 600_000]);
});

test('what waits for something is looked at steadily, and sooner after a hint', async () => {
  const { clock, controller, times } = setup(() => failed('ENGINE_UNREACHABLE'));
  controller.start();
  controller.changed('ada', '');
  await clock.advance(12_000);
  expect(times()).toEqual([0, 5_000, 10_000]);
  controller.resyncAll('engine reconnected');
  await clock.advance(0);
  expect(times().slice(3)).toEqual([12_000]);
  controller.resyncAll('engine reconnected');
  await clock.advance(1_000);
  expect(times().slice(3)).toEqual([12_000, 13_000]);
});

test('a throw is a failure of that name only', async () => {
  const { clock, controller, passes } = setup((name) => {
    if (name === 'bad') throw new Error('boom');
    return settled;
  });
  controller.start();
  controller.changed('bad', '');
  controller.changed('ada', '');
  await clock.advance(3_500);
  expect(passes.map(({ name }) => name)).toEqual(['bad', 'ada', 'bad', 'bad']);
  expect(controller.inspect('bad').failures).toBe(3);
});

test('100 changes during one slow pass make exactly one more', async () => {
  const slow = gate();
  const results = [slow.promise];
  const { clock, controller, passes } = setup(() => results.shift() ?? settled);
  controller.start();
  controller.changed('ada', 'spec changed');
  await clock.advance(0);
  for (let i = 0; i < 100; i += 1) controller.changed('ada', `edit ${i}`);
  await clock.advance(1_000);
  expect(passes.length).toBe(1);
  slow.resolve(settled);
  await controller.idle();
  expect(passes.length).toBe(2);
});

test('a change made while a pass was failing runs at once', async () => {
  const slow = gate();
  const results = [slow.promise];
  const { clock, controller, times } = setup(() => results.shift() ?? settled);
  controller.start();
  controller.changed('ada', '');
  await clock.advance(100);
  controller.changed('ada', 'fixed');
  slow.resolve(failed('ENGINE_FAILED'));
  await clock.advance(100);
  expect(times()).toEqual([0, 100]);
});

test('an event during a pass makes exactly one more', async () => {
  const slow = gate();
  const results = [slow.promise];
  const { controller, passes, clock } = setup(() => results.shift() ?? settled);
  controller.start();
  controller.event('ada', 'create');
  await clock.advance(0);
  for (const action of ['start', 'die', 'start']) controller.event('ada', action);
  slow.resolve(settled);
  await controller.idle();
  expect(passes.map(({ trigger }) => trigger)).toEqual(['create', 'start']);
});

test('a look that settles a waiting name takes back its retry', async () => {
  const results = [failed('MOUNT_MISSING')];
  const { clock, controller, times } = setup(() => results.shift() ?? settled);
  controller.start();
  controller.changed('ada', '');
  await clock.advance(2_000);
  controller.event('ada', 'mounted');
  await clock.advance(60_000);
  expect(times()).toEqual([0, 2_000]);
});

test('"again" comes back after its time; an alarm asked for from outside survives the passes between', async () => {
  let looks = 0;
  const { clock, controller, times, passes } = setup(() => {
    looks += 1;
    return looks === 1 ? { kind: 'again', afterMs: 500, why: 'stop takes time' } : settled;
  });
  controller.start();
  controller.after('ada', 5_000, 'lease ends');
  controller.after('ada', 9_000, 'later');
  controller.changed('ada', '');
  await clock.advance(20_000);
  expect(times()).toEqual([0, 500, 5_000]);
  expect(passes.map(({ trigger }) => trigger).slice(1)).toEqual(['stop takes time', 'lease ends']);
});

test('every name is looked at once per period, spread over it, wherever it was added', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `user-${i}`);
  const { clock, controller, passes } = setup(() => settled, { resyncMs: 30_000, names: () => names });
  controller.start();
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(4_500);
    await controller.idle();
  }
  for (const name of names) {
    const at = passes.filter((pass) => pass.name === name).map((pass) => pass.at);
    expect(at.length).toBe(3);
    expect(at.slice(1).every((time, i) => time - at[i]! === 30_000)).toBe(true);
  }
  const perTick = Map.groupBy(passes, ({ at }) => at);
  expect(Math.max(...[...perTick.values()].map((list) => list.length))).toBeLessThan(30);
  const planned = controller.inspect('user-7').nextAt!;
  expect(planned - clock.now()).toBeGreaterThan(0);
  expect(planned - clock.now()).toBeLessThanOrEqual(30_000);
});

test('a pass past its deadline gets its signal, keeps its name and gives its place to others', async () => {
  const stuck = gate();
  const rest = { parallel: 1, deadlineMs: 60_000 };
  const { clock, controller, passes } = setup((name) => (name === 'stuck' ? stuck.promise : settled), rest);
  controller.start();
  controller.changed('stuck', '');
  controller.changed('ada', '');
  await clock.advance(59_000);
  expect(passes.length).toBe(1);
  await clock.advance(1_000);
  expect(passes.map(({ name }) => name)).toEqual(['stuck', 'ada']);
  expect(passes[0]!.signal.aborted).toBe(true);
  controller.changed('stuck', '');
  await clock.advance(60_000);
  expect(controller.inspect('stuck')).toMatchObject({ overdue: true, inFlight: true, queued: true });
  expect(passes.length).toBe(2);
  stuck.resolve(settled);
  await controller.idle();
  expect(passes.map(({ name }) => name)).toEqual(['stuck', 'ada', 'stuck']);
});

test('stop lets a pass end within its grace, and starts none', async () => {
  const slow = gate();
  const { clock, controller, passes } = setup(() => slow.promise);
  controller.start();
  controller.changed('ada', '');
  await clock.advance(0);
  controller.changed('bob', '');
  controller.changed('ada', 'again');
  await clock.advance(0);
  const stopped = controller.stop(10_000);
  slow.resolve(settled);
  expect(await stopped).toEqual([]);
  controller.changed('cleo', '');
  await clock.advance(60_000);
  expect(passes.map(({ name }) => name)).toEqual(['ada', 'bob']);
  expect(clock.pending()).toBe(0);
});

test('stop fires the signals after its grace and names what still hangs', async () => {
  const { clock, controller, passes } = setup(() => gate().promise);
  controller.start();
  controller.changed('ada', '');
  await clock.advance(0);
  const stopped = controller.stop(10_000);
  await clock.advance(9_999);
  expect(passes[0]!.signal.aborted).toBe(false);
  await clock.advance(1_001);
  expect(passes[0]!.signal.aborted).toBe(true);
  expect(await stopped).toEqual(['ada']);
});

test('1,000 names under random load: one flight per name, bounded width, every last wish is granted', async () => {
  const outcomes = ['settled', 'settled', 'again', 'ENGINE_FAILED', 'throw'] as const;
  // A few names get most of the asks, or hardly any would fall into a pass of the same name.
  const name = fc.oneof(fc.nat(5), fc.nat(999)).map((n) => `user-${n}`);
  const ask = fc.record({ name, lane: fc.constantFrom('changed' as const, 'event' as const), pauseMs: fc.nat(40) });
  const run = async (asks: { name: string; lane: 'changed' | 'event'; pauseMs: number }[], seed: number) => {
    let state = seed + 1;
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const clock = makeFakeClock();
    const flying = new Set<string>();
    const version = new Map<string, number>();
    const seen = new Map<string, number>();
    const broken: string[] = []; // an expect inside a pass would count as a failed pass
    const load = { calm: false as boolean };
    const reconcile: Reconcile = async (one) => {
      if (flying.has(one)) broken.push(`${one} twice in flight`);
      flying.add(one);
      if (flying.size > 8) broken.push(`${flying.size} in flight`);
      const read = version.get(one) ?? 0;
      await new Promise<void>((resolve) => clock.timer(Math.floor(random() * 50), resolve));
      flying.delete(one);
      const outcome = load.calm ? 'settled' : outcomes[Math.floor(random() * outcomes.length)];
      if (outcome === 'throw') throw new Error('boom');
      if (outcome === 'ENGINE_FAILED') return failed('ENGINE_FAILED');
      seen.set(one, read);
      return outcome === 'again' ? { kind: 'again', afterMs: 10, why: '' } : settled;
    };
    const names = Array.from({ length: 1_000 }, (_, i) => `user-${i}`);
    const deps = { reconcile, parallel: 8, clock, random, resyncMs: 3_600_000, names: () => names, log: silentLog };
    const controller = makeController(deps);
    controller.start();
    for (const { name: one, lane, pauseMs } of asks) {
      version.set(one, (version.get(one) ?? 0) + 1);
      controller[lane](one, lane);
      await clock.advance(pauseMs);
    }
    load.calm = true;
    await clock.advance(40_000);
    for (const [one, wanted] of version) expect(seen.get(one), one).toBe(wanted);
    await controller.stop();
    await drain();
    expect(broken).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(fc.array(ask, { maxLength: 150 }), fc.nat(1e6), run), { numRuns: 15 });
}, 60_000);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ControllerDeps, makeController } from '../../src/controller/controller.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Pass, Reconcile, Result } from '../../src/model/result.ts';
import { drain, type FakeClock, makeFakeClock } from '../support/fake-clock.ts';

const settled: Result = { kind: 'settled' };
const spend = (clock: FakeClock, ms: number) => new Promise<void>((resolve) => clock.timer(ms, resolve));

/** A loop of few places; what its passes do is up to `reconcile`, and `said` is what they say on their way. */
function setup(reconcile: (name: string, pass: Pass) => Promise<Result>, rest: Partial<ControllerDeps> = {}) {
  const clock = makeFakeClock();
  const said: string[] = [];
  const controller = makeController({
    ...{ reconcile: (name, _, pass) => reconcile(name, pass), parallel: 2, clock, random: () => 0.5 },
    ...{ resyncMs: 3_600_000, names: () => [], log: silentLog, ...rest },
  });
  controller.start();
  const ask = (...names: string[]) => {
    for (const name of names) controller.changed(name, '');
  };
  const places = () => [controller.state().active, controller.state().away];
  return { clock, controller, said, ask, places, at: (what: string) => said.push(`${clock.monotonic()} ${what}`) };
}
const gate = () => Promise.withResolvers<void>();

test('many that hang while they are away hold up nobody', async () => {
  const hung = gate();
  const quick: string[] = [];
  const lab = setup(async (name, { away }) => {
    if (name.startsWith('hung')) await away(() => hung.promise);
    else quick.push(name);
    return settled;
  });
  lab.ask(...Array.from({ length: 100 }, (_, i) => `hung-${i}`), 'ada', 'bob');
  await lab.clock.advance(0);
  expect(quick).toEqual(['ada', 'bob']);
  expect(lab.places()).toEqual([0, 100]);
  hung.resolve();
  await lab.controller.idle();
  expect(lab.places()).toEqual([0, 0]);
});

test('who comes back waits for a place, and goes before all that are new, in the order of coming back', async () => {
  const pulled = [gate(), gate()] as const;
  const lab = setup(async (name, { away }) => {
    lab.at(`${name} begins`);
    const turn = ['a', 'b'].indexOf(name);
    if (turn >= 0) {
      await away(() => pulled[turn as 0 | 1].promise);
      lab.at(`${name} is back`);
    }
    await spend(lab.clock, 100);
    return settled;
  });
  lab.ask('a', 'b', 'c', 'd', 'e', 'f');
  await lab.clock.advance(10);
  pulled[1].resolve();
  await drain();
  pulled[0].resolve();
  await lab.clock.advance(0);
  expect(lab.places(), 'both have their work done and no place').toEqual([2, 2]);
  await lab.clock.advance(1_000);
  expect(lab.said).toEqual([
    ...['0 a begins', '0 b begins', '0 c begins', '0 d begins'],
    ...['100 b is back', '100 a is back', '200 e begins', '200 f begins'],
  ]);
});

test('a name that is away is in flight: nobody else looks at it, and what is asked for comes after', async () => {
  const pulled = gate();
  const lab = setup(async (name, { away, news }) => {
    lab.at(`${name} begins`);
    if (lab.said.length === 1) await away(() => pulled.promise);
    lab.at(`${name} ends, ${news.aborted ? 'with news' : 'without news'}`);
    return settled;
  });
  lab.ask('ada');
  await lab.clock.advance(0);
  expect(lab.controller.inspect('ada')).toMatchObject({ inFlight: true, overdue: false });
  lab.controller.event('ada', 'engine');
  await lab.clock.advance(10);
  lab.ask('ada', 'ada');
  await lab.clock.advance(10);
  expect(lab.said).toEqual(['0 ada begins']);
  pulled.resolve();
  await lab.controller.idle();
  expect(lab.said.slice(1)).toEqual(['20 ada ends, with news', '20 ada begins', '20 ada ends, without news']);
});

test('an event is no news', async () => {
  const pulled = gate();
  const signals: AbortSignal[] = [];
  const lab = setup(async (_, { away, news }) => {
    signals.push(news);
    await away(() => pulled.promise);
    return settled;
  });
  lab.ask('ada');
  await lab.clock.advance(0);
  lab.controller.event('ada', 'engine');
  await lab.clock.advance(0);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  pulled.resolve();
  await lab.controller.idle();
});

test('work that throws gives nothing away: the place is taken again and given back once', async () => {
  const lab = setup(async (name, { away }) => {
    if (name === 'calm') return spend(lab.clock, 1_000).then(() => settled);
    await away(async () => Promise.reject(new Error('no registry')));
    return settled;
  });
  lab.ask('calm', 'a', 'b', 'c');
  await lab.clock.advance(10);
  expect(lab.places()).toEqual([1, 0]);
  expect(lab.controller.inspect('a')).toMatchObject({ failures: 1, inFlight: false });
  const stopped = lab.controller.stop();
  await lab.clock.advance(1_000);
  expect(await stopped).toEqual([]);
  expect(lab.places()).toEqual([0, 0]);
});

test('the deadline is of the time in place: neither long work nor the wait for a place uses it up', async () => {
  const pulled = gate();
  const rest = { parallel: 1, deadlineMs: 60_000 };
  const lab = setup(async (name, { away, signal }) => {
    await spend(lab.clock, 50_000);
    if (name === 'ada') {
      await away(() => pulled.promise);
      await spend(lab.clock, 9_000);
      lab.at(`ada ${signal.aborted ? 'late' : 'in time'}`);
      await spend(lab.clock, 2_000);
      lab.at(`ada ${signal.aborted ? 'late' : 'in time'}`);
    }
    return settled;
  }, rest);
  lab.ask('ada', 'bob', 'cleo');
  await lab.clock.advance(60_000);
  pulled.resolve();
  await lab.clock.advance(140_000);
  expect(lab.said, 'back when bob is through').toEqual(['109000 ada in time', '111000 ada late']);
  expect(lab.places()).toEqual([0, 0]);
  expect(lab.clock.pending(), 'the next tick of the resync').toBe(1);
});

test('a pass that is overdue has no place to give, and waits for none', async () => {
  const lab = setup(
    async (name, { away }) => {
      await spend(lab.clock, name === 'late' ? 61_000 : 40_000);
      await away(() => spend(lab.clock, 1_000));
      lab.at(`${name} is back`);
      return settled;
    },
    { parallel: 1, deadlineMs: 60_000 },
  );
  lab.ask('late', 'bob');
  await lab.clock.advance(60_500);
  expect(lab.controller.inspect('late').overdue).toBe(true);
  expect(lab.places()).toEqual([1, 0]);
  await lab.clock.advance(60_000);
  expect(lab.said).toEqual(['62000 late is back', '101000 bob is back']);
  expect(lab.places()).toEqual([0, 0]);
});

test('the end of the loop is news', async () => {
  const lab = setup(async (_, { away, news }) => {
    await away(() => new Promise<void>((resolve) => news.addEventListener('abort', () => resolve())));
    return settled;
  });
  lab.ask('ada');
  await lab.clock.advance(0);
  expect(await lab.controller.stop()).toEqual([]);
});

test('stop waits for who is away, and for who is on the way back', async () => {
  const pulled = gate();
  const lab = setup(
    async (name, { away }) => {
      if (name === 'ada') await away(() => pulled.promise);
      else await spend(lab.clock, 5_000);
      lab.at(`${name} ends`);
      return settled;
    },
    { parallel: 1 },
  );
  lab.ask('ada', 'bob', 'never');
  await lab.clock.advance(0);
  const stopped = lab.controller.stop(10_000);
  await lab.clock.advance(1_000);
  pulled.resolve();
  await lab.clock.advance(5_000);
  expect(await stopped).toEqual([]);
  expect(lab.said).toEqual(['5000 bob ends', '5000 ada ends']);
  expect(lab.clock.pending()).toBe(0);
});

test('after its grace stop names who is away, and nobody waits for a place any more', async () => {
  const [pulled, stuck] = [gate(), gate()];
  const lab = setup(
    async (name, { away, signal }) => {
      if (name === 'away') await away(() => pulled.promise);
      if (name === 'back') {
        await away(() => Promise.resolve());
        lab.at(`back ${signal.aborted ? 'aborted' : ''}`);
        return settled;
      }
      await stuck.promise;
      return settled;
    },
    { parallel: 1 },
  );
  lab.ask('away', 'back', 'stuck');
  await lab.clock.advance(0);
  expect(lab.places(), 'one hangs in the only place, one is away, one waits to come back').toEqual([1, 2]);
  const stopped = lab.controller.stop(10_000);
  await lab.clock.advance(11_000);
  expect(await stopped).toEqual(['away', 'stuck']);
  expect(lab.said).toEqual(['10000 back aborted']);
  for (const late of [pulled, stuck]) late.resolve();
  await drain();
  expect(lab.places()).toEqual([0, 0]);
});

test('a random walk: never more in place than there are places, one flight per name, and all end', async () => {
  const act = fc.record({ kind: fc.constantFrom('work', 'away', 'throw'), ms: fc.nat(300) });
  const plans = fc.array(fc.array(act, { maxLength: 5 }), { minLength: 1, maxLength: 40 });
  const run = async (acts: { kind: string; ms: number }[][], parallel: number, stopAtMs: number) => {
    const clock = makeFakeClock();
    const inPlace = new Set<string>();
    const flying = new Set<string>();
    const waiting: string[] = [];
    const broken: string[] = []; // an expect inside a pass would count as a failed pass
    const begin = (name: string) => {
      if (waiting.length > 0 && inPlace.size < parallel) broken.push(`${name} begins before ${waiting} are back`);
      if (flying.has(name)) broken.push(`${name} twice in flight`);
      flying.add(name);
    };
    const enter = (name: string) => {
      inPlace.add(name);
      if (inPlace.size > parallel) broken.push(`${inPlace.size} in place`);
      if (controller.state().active < inPlace.size) broken.push('a place is not counted');
    };
    const reconcile: Reconcile = async (name, _, { away }) => {
      begin(name);
      enter(name);
      try {
        for (const { kind, ms } of acts[Number(name)]!) {
          if (kind === 'throw') throw new Error('boom');
          if (kind === 'work') await spend(clock, ms);
          else {
            inPlace.delete(name);
            await away(() => spend(clock, ms).then(() => void waiting.push(name)));
            if (waiting.shift() !== name) broken.push(`${name} is back before its turn`);
            enter(name);
          }
        }
        return settled;
      } finally {
        flying.delete(name);
        inPlace.delete(name);
      }
    };
    const names = acts.map((_, i) => String(i));
    const deps = { reconcile, parallel, clock, random: () => 0.5, resyncMs: 3_600_000, names: () => names };
    const controller = makeController({ ...deps, log: silentLog });
    controller.start();
    for (const name of names) controller.changed(name, '');
    await clock.advance(stopAtMs);
    const stopped = controller.stop(100_000);
    await clock.advance(100_000);
    expect(await stopped).toEqual([]);
    expect(controller.state()).toMatchObject({ active: 0, away: 0, inFlightMs: [] });
    expect(clock.pending()).toBe(0);
    expect(broken).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(plans, fc.integer({ min: 1, max: 8 }), fc.nat(3_000), run), { numRuns: 60 });
}, 60_000);

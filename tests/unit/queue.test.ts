import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeQueue } from '../../src/controller/queue.ts';
import { type Lane, lanes } from '../../src/model/loop.ts';
import { makeFakeClock } from '../support/fake-clock.ts';

const drained = (queue: ReturnType<typeof makeQueue>): string[] => {
  const names: string[] = [];
  for (let item = queue.take(); item; item = queue.take()) names.push(item.name);
  return names;
};

test('changes go before events, events before the resync, first come first served within', () => {
  const queue = makeQueue({ clock: makeFakeClock() });
  queue.offer('r1', 'resync', '');
  queue.offer('e1', 'event', '');
  queue.offer('c1', 'change', '');
  queue.offer('r2', 'resync', '');
  queue.offer('e2', 'event', '');
  expect(drained(queue)).toEqual(['c1', 'e1', 'e2', 'r1', 'r2']);
});

test('a name is held once and moves up when something stronger asks', () => {
  const queue = makeQueue({ clock: makeFakeClock() });
  queue.offer('ada', 'resync', 'resync');
  queue.offer('bob', 'event', 'die');
  queue.offer('ada', 'change', 'spec changed');
  queue.offer('ada', 'event', 'die');
  expect(queue.readyCount()).toBe(2);
  expect(queue.take()).toMatchObject({ name: 'ada', trigger: 'spec changed' });
  expect(drained(queue)).toEqual(['bob']);
});

test('asked any number of times in flight, it owes exactly one more run, with the strongest reason', () => {
  const queue = makeQueue({ clock: makeFakeClock() });
  queue.offer('ada', 'event', 'first');
  queue.take();
  for (const lane of ['resync', 'change', 'event'] as const) queue.offer('ada', lane, `asked by ${lane}`);
  expect(queue.take()).toBeUndefined();
  expect(queue.done('ada')).toMatchObject({ lane: 'change', trigger: 'asked by change' });
  expect(queue.done('ada')).toBeNull();
});

test('under constant churn the oldest resync item still runs within a few picks', async () => {
  const clock = makeFakeClock();
  const queue = makeQueue({ clock, agingMs: 5_000 });
  queue.offer('old', 'resync', '');
  await clock.advance(5_000);
  const picked: string[] = [];
  for (let i = 0; !picked.includes('old') && i < 100; i += 1) {
    queue.offer(`new-${i}`, 'change', '');
    queue.offer(`newer-${i}`, 'event', '');
    picked.push(queue.take()!.name);
  }
  expect(picked.length).toBeLessThanOrEqual(4);
});

test('a change waits for one pick at most behind 1,000 aged resync items', async () => {
  const clock = makeFakeClock();
  const queue = makeQueue({ clock, agingMs: 1 });
  for (let i = 0; i < 1_000; i += 1) queue.offer(`r${i}`, 'resync', '');
  await clock.advance(60_000);
  for (let i = 0; i < 50; i += 1) {
    queue.take();
    queue.offer('ada', 'change', '');
    const next = [queue.take()!.name, queue.take()!.name];
    expect(next).toContain('ada');
    queue.done('ada');
  }
});

test('no wake-up is lost and no name is twice in flight, whatever the order of calls', () => {
  const call = fc.oneof(
    fc.record({ kind: fc.constant('offer' as const), name: fc.nat(9), lane: fc.constantFrom(...lanes) }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('done' as const), name: fc.nat(9) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4_000) }),
  );
  const run = async (calls: (typeof call extends fc.Arbitrary<infer C> ? C : never)[]): Promise<void> => {
    const clock = makeFakeClock();
    const queue = makeQueue({ clock });
    const owed = new Set<string>();
    const flying = new Set<string>();
    const land = (name: string): void => {
      const again = queue.done(name);
      flying.delete(name);
      expect(again !== null).toBe(owed.has(name));
      if (again) queue.offer(name, again.lane, again.trigger);
    };
    for (const one of calls) {
      if (one.kind === 'offer') {
        queue.offer(`n${one.name}`, one.lane as Lane, '');
        owed.add(`n${one.name}`);
      } else if (one.kind === 'done' && flying.has(`n${one.name}`)) land(`n${one.name}`);
      else if (one.kind === 'wait') await clock.advance(one.ms);
      else if (one.kind === 'take') {
        const item = queue.take();
        if (item === undefined) expect([...owed].filter((name) => !flying.has(name))).toEqual([]);
        else {
          expect(flying.has(item.name)).toBe(false);
          flying.add(item.name);
          owed.delete(item.name);
        }
      }
    }
    for (const name of [...flying]) land(name);
    expect(new Set(drained(queue))).toEqual(owed);
  };
  return fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 80 }), run), { numRuns: 150 });
});

import { expect, test } from 'vitest';
import { makeLoop } from '../../src/reconcilers/idle/loop.ts';
import { drain, makeFakeClock } from '../support/fake-clock.ts';
import { makeRandom } from '../support/random.ts';

const INTERVAL_MS = 10_000;

function loopOver(look: (name: string) => Promise<number | null>) {
  const clock = makeFakeClock();
  const errors: object[] = [];
  const loop = makeLoop({
    ...{ look, clock, intervalMs: INTERVAL_MS },
    random: () => makeRandom(clock.monotonic() + 1).below(1_000) / 1_000,
    log: { error: (facts) => void errors.push(facts) },
  });
  return { clock, errors, loop };
}

test('everybody is looked at once an interval, spread out and never twice at once', async () => {
  const flying = new Set<string>();
  let most = 0;
  const counts = new Map<string, number>();
  const perSecond = new Map<number, number>();
  const { clock, loop } = loopOver(async (name) => {
    expect(flying.has(name)).toBe(false);
    flying.add(name);
    most = Math.max(most, flying.size);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const second = Math.floor(clock.monotonic() / 1_000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    await Promise.resolve();
    flying.delete(name);
    return INTERVAL_MS;
  });
  const names = Array.from({ length: 400 }, (_, n) => `w${n}`);
  for (const name of names) {
    loop.begin(name);
    loop.begin(name);
  }
  await clock.advance(10 * INTERVAL_MS);
  expect([...counts.values()].every((count) => count >= 9 && count <= 12)).toBe(true);
  expect(most).toBeLessThanOrEqual(8);
  expect(Math.max(...[...perSecond].filter(([second]) => second > 50).map(([, count]) => count))).toBeLessThan(200);
  await loop.stop();
});

test('one that fails is looked at again, one that hangs holds up nobody, one that is gone is left alone', async () => {
  const counts: Record<string, number> = {};
  const { clock, errors, loop } = loopOver((name) => {
    counts[name] = (counts[name] ?? 0) + 1;
    if (name === 'bad') return Promise.reject(new Error('no'));
    if (name === 'stuck') return new Promise(() => undefined);
    return Promise.resolve(name === 'gone' ? null : INTERVAL_MS);
  });
  for (const name of ['bad', 'stuck', 'gone', 'good']) loop.begin(name);
  await clock.advance(5 * INTERVAL_MS);
  expect(counts).toMatchObject({ stuck: 1, gone: 1 });
  expect(Math.min(counts['bad']!, counts['good']!)).toBeGreaterThanOrEqual(4);
  expect(errors.length).toBe(counts['bad']);
  loop.begin('gone');
  await clock.advance(INTERVAL_MS);
  expect(counts['gone'], 'it runs again').toBe(2);
});

test('after stop nothing is looked at, and what flies has landed', async () => {
  let land = () => undefined as unknown;
  let looks = 0;
  const { clock, loop } = loopOver(() => {
    looks += 1;
    return new Promise((resolve) => {
      land = () => resolve(INTERVAL_MS);
    });
  });
  loop.begin('ada');
  await clock.advance(1);
  let stopped = false;
  const stopping = loop.stop().then(() => {
    stopped = true;
  });
  await drain();
  expect(stopped).toBe(false);
  land();
  await stopping;
  loop.begin('bob');
  await clock.advance(5 * INTERVAL_MS);
  expect(looks).toBe(1);
});

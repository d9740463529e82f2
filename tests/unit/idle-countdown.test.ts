import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { begin, dueMoment } from '../../src/reconcilers/idle/countdown.ts';
import { aPolicy } from '../support/idle-looks.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const MINUTE = 60_000;
const idle = (over = {}): Partial<Desired> => ({
  idle: aPolicy({ timeoutMs: 10 * MINUTE, warnBeforeMs: 2 * MINUTE, ...over }),
});

async function running(over = idle()): Promise<TestWorld> {
  const w = makeWorld();
  w.declare(over);
  await w.settle();
  w.hands.type('ws-ada');
  return w;
}
/** Looks as the loop would, until something was told or the time is up; gives how long that took. */
async function lookFor(w: TestWorld, ms: number, stop = () => false): Promise<number> {
  let passedMs = 0;
  while (passedMs < ms) {
    const pauseMs = (await w.lookIdle()) ?? 10_000;
    if (stop()) return passedMs;
    await w.clock.advance(pauseMs);
    passedMs += pauseMs;
  }
  return passedMs;
}
const told = (w: TestWorld) => w.container()!.signals.told.map((text) => text.replace(/[\r\n\u0007]/g, ''));
const left = (w: TestWorld) => told(w).flatMap((text) => /rest in (\S+);/.exec(text)?.[1] ?? []);

test('terminals are told when it begins and at sensible moments, then it rests', async () => {
  const w = await running();
  await lookFor(w, 20 * MINUTE, () => told(w).length > 0);
  expect(told(w)).toEqual(['workdock: ada is idle and goes to rest in 2m; any key keeps it awake']);
  await lookFor(w, 3 * MINUTE, () => w.intent()?.mark !== undefined);
  expect(left(w)).toEqual(['2m', '1m', '30s', '10s', '5s']);
  expect(told(w).at(-1)).toBe('workdock: ada goes to rest now; entering it again starts it');
});

test('a key ends it within two seconds, and that is said once', async () => {
  const w = await running();
  await lookFor(w, 20 * MINUTE, () => told(w).length > 0);
  await w.clock.advance(1_000);
  w.hands.type('ws-ada');
  expect(await lookFor(w, MINUTE, () => told(w).length > 1)).toBeLessThanOrEqual(1_000);
  await lookFor(w, 2 * MINUTE);
  expect(told(w).slice(1)).toEqual(['workdock: ada stays awake: somebody is there']);
  expect(w.intent()?.mark).toBe(undefined);
});

test('work that begins ends it too, with another word', async () => {
  const w = await running();
  await lookFor(w, 20 * MINUTE, () => told(w).length > 0);
  w.hands.signals('ws-ada', { cores: 1 });
  await lookFor(w, MINUTE);
  expect(told(w)[1]).toMatch(/^workdock: ada stays awake: cpu keeps it awake: \d+ % of a core$/);
});

test('a late look does not shorten it', () => {
  const timeoutMs = 10 * MINUTE;
  expect(begin({ quietMs: 7 * MINUTE, timeoutMs, warnBeforeMs: 2 * MINUTE })).toBe(undefined);
  expect(begin({ quietMs: 8 * MINUTE, timeoutMs, warnBeforeMs: 2 * MINUTE })?.endsAtQuietMs).toBe(timeoutMs);
  expect(begin({ quietMs: 11 * MINUTE, timeoutMs, warnBeforeMs: 2 * MINUTE })?.endsAtQuietMs).toBe(13 * MINUTE);
  expect(begin({ quietMs: 11 * MINUTE, timeoutMs, warnBeforeMs: 0 })).toBe(undefined);
});

test('no moment is told twice, and none right after the beginning', () => {
  const moments = (fromMs: number) => {
    let countdown = { endsAtQuietMs: 0, toldLeftMs: Number.POSITIVE_INFINITY };
    const at: number[] = [];
    for (let leftMs = fromMs; leftMs > 0; leftMs -= 900) {
      if (!dueMoment(countdown, leftMs)) continue;
      countdown = { ...countdown, toldLeftMs: leftMs };
      at.push(Math.round(leftMs / 1_000));
    }
    return at;
  };
  expect(moments(61_000)).toEqual([61, 30, 10, 4]);
  expect(moments(15_000)).toEqual([15, 10, 4]);
  expect(moments(4_000)).toEqual([4]);
});

test.each([
  ['Observe', idle({ mode: 'Observe' })],
  ['no warning', idle({ warnBeforeMs: 0 })],
])('nobody is told anything: %s', async (_, over) => {
  const w = await running(over);
  await lookFor(w, 9.9 * MINUTE);
  expect(told(w)).toEqual([]);
});

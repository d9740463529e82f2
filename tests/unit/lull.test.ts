import { expect, test } from 'vitest';
import { makeLull } from '../../src/lib/lull.ts';
import { drain, makeFakeClock } from '../support/fake-clock.ts';

function opened(mostMs = 1_000) {
  const clock = makeFakeClock();
  const state = { busy: true };
  const lull = makeLull(() => state.busy, clock, mostMs);
  const came: number[] = [];
  const wait = () => void lull.come().then(() => came.push(clock.monotonic()));
  return { clock, state, lull, came, wait };
}

test('what can wait goes on when nothing is urgent any more, and at once when nothing is', async () => {
  const { clock, state, lull, came, wait } = opened();
  wait();
  await clock.advance(200);
  expect([came, lull.isBusy()]).toEqual([[], true]);
  state.busy = false;
  await clock.advance(100);
  wait();
  await drain();
  expect([came, lull.isBusy(), clock.pending()]).toEqual([[300, 300], false, 0]);
});

test('it waits no longer than told, and not at all at the end', async () => {
  const { clock, lull, came, wait } = opened();
  wait();
  await clock.advance(1_500);
  expect(came).toEqual([1_000]);
  wait();
  await clock.advance(10);
  lull.end();
  await drain();
  wait();
  await drain();
  expect([came, lull.isBusy()]).toEqual([[1_000, 1_510, 1_510], false]);
});

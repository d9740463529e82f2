import { expect, test } from 'vitest';
import { shareNext } from '../../src/lib/async.ts';

test('who asks while a run is on gets the next one, and all of them the same', async () => {
  const ends: (() => void)[] = [];
  let runs = 0;
  const ask = shareNext(() => {
    runs += 1;
    const mine = runs;
    return new Promise<number>((resolve) => ends.push(() => resolve(mine)));
  });
  const first = ask();
  await Promise.resolve();
  const later = [ask(), ask()];
  await Promise.resolve();
  expect(runs).toBe(1);
  ends[0]!();
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  ends[1]!();
  expect(await Promise.all(later)).toEqual([2, 2]);
  expect(runs).toBe(2);
});

test('a run that fails fails those who share it, and the next one runs', async () => {
  let runs = 0;
  const ask = shareNext(async () => {
    runs += 1;
    if (runs === 1) throw new Error('no');
    return runs;
  });
  await expect(ask()).rejects.toThrow('no');
  expect(await ask()).toBe(2);
});

import { expect, test } from 'vitest';
import { isRight, playMatrix, rivalNames } from '../../bench/idle/matrix.ts';
import { matrixTable } from '../../bench/idle/print.ts';

/**
 * `npm run bench:idle` in full, among the tests that run alone: beside another one its jobs get too little of two CPUs.
 * Not tried twice: a wrong stop that happens once in two runs is one.
 */
test('the idle matrix: everybody who is needed stays, everybody else stops', {
  timeout: 280_000,
  retry: 0,
}, async () => {
  const rows = await playMatrix(() => undefined);
  const table = matrixTable(rows);
  expect(rows.length).toBeGreaterThanOrEqual(14);
  expect(
    rows.filter(({ situation, ours }) => !isRight(situation, ours)).map(({ situation }) => situation.name),
    table,
  ).toEqual([]);
  for (const { situation, because } of rows) {
    expect(because, situation.name).toMatch(situation.because ?? /quiet for/);
  }
  // The others' rules were really asked: each is wrong somewhere, and right somewhere.
  for (const name of rivalNames) {
    const right = rows.filter(({ situation, others }) => isRight(situation, others[name]));
    expect(right.length, `${name}\n${table}`).toBeGreaterThan(0);
    expect(right.length, `${name}\n${table}`).toBeLessThan(rows.length);
  }
});

import { expect, test } from 'vitest';
import { type Choice, crashMatrix, isFailure, renderMatrix } from '../support/crash-matrix.ts';

/** One moment of every other call, and of every 15th write, another one in each scenario. */
const some = ({ scenario, sort, number, when }: Choice): boolean => {
  if (sort === 'call') return number % 2 === 1 && when === (number % 4 === 1 ? 'before' : 'after');
  return (number + scenario.length) % 15 === 0 && when === (number % 2 === 1 ? 'before' : 'after');
};

/**
 * A sample; `npm run crash-matrix` does them all. After each kill -9: converged in time, one container, none made
 * twice, never two at once, the home as it was.
 */
test('a controller killed at any call or write converges again after its restart', async () => {
  const rows = await crashMatrix({ pick: some });
  expect(rows.length).toBeGreaterThan(20);
  const failures = rows.filter(isFailure);
  expect(failures, renderMatrix(rows)).toEqual([]);
});

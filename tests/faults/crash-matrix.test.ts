import { expect, test } from 'vitest';
import { type Choice, crashMatrix, isFailure, renderMatrix } from '../support/crash-matrix.ts';

/** One moment of every third call and of a write here and there, other ones in each scenario. */
const some = ({ scenario, sort, number, when }: Choice): boolean => {
  const turn = number + scenario.length;
  if (sort === 'call') return number % 3 === 1 && when === (turn % 2 === 0 ? 'before' : 'after');
  return turn % 25 === 0 && when === (turn % 2 === 0 ? 'before' : 'after');
};

/**
 * A sample; `npm run crash-matrix` does them all. After each kill -9: converged in time, one container, none made
 * twice, never two at once, the home as it was.
 */
test('a controller killed at any call or write converges again after its restart', async () => {
  const rows = await crashMatrix({ pick: some });
  expect(rows.length).toBeGreaterThan(15);
  const failures = rows.filter(isFailure);
  expect(failures, renderMatrix(rows)).toEqual([]);
});

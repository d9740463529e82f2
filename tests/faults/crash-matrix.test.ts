import { expect, test } from 'vitest';
import { crashMatrix, half, isFailure, renderMatrix } from '../support/crash-matrix.ts';

/**
 * One moment per call; `npm run crash-matrix` does them all. After each kill -9: converged in time, one container, none
 * made twice, never two at once, the home as it was.
 */
test('a controller killed at any call converges again after its restart', async () => {
  const rows = await crashMatrix({ pick: half });
  expect(rows.length).toBeGreaterThan(20);
  const failures = rows.filter(isFailure);
  expect(failures, renderMatrix(rows)).toEqual([]);
});

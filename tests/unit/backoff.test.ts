import { expect, test } from 'vitest';
import { backoffMs } from '../../src/lib/backoff.ts';

test('pauses double from one second to thirty', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => backoffMs(failures, () => 0.5))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('jitter is at most a fifth either way', () => {
  expect([backoffMs(3, () => 0), backoffMs(3, () => 0.999_999)]).toEqual([3_200, 4_800]);
});

const FIRST_MS = 1_000;
const MAX_MS = 30_000;
const JITTER = 0.2;

/**
 * The pause after the n-th failure in a row: 1 s, doubling to 30 s, each +-20 %.
 * @param failures  1 after the first failure.
 * @param random    0 <= r < 1; spreads names that failed together.
 */
export function backoffMs(failures: number, random: () => number): number {
  const base = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  return Math.round(base * (1 - JITTER + 2 * JITTER * random()));
}

import fc from 'fast-check';
import { test } from 'vitest';
import { checkFixedPoint } from '../support/fixed-point.ts';
import { type Axes, axes, caseAt, caseCount, product } from '../support/plan-cases.ts';

/** What belongs together is crossed completely; `FIXED_POINT_CASES` more come from all over the whole product. */
const slices: (keyof Axes)[][] = [
  ['run', 'current', 'hash', 'image', 'restart', 'update'],
  ['run', 'current', 'aside', 'failed'],
  ['current', 'aside', 'restart', 'image'],
  ['run', 'current', 'strays', 'aside'],
  ['run', 'current', 'live', 'offline'],
  ['current', 'live', 'ignore', 'asked', 'reached'],
  ['run', 'current', 'live', 'ignore'],
  ['hash', 'aside', 'live', 'ignore'],
  ['run', 'current', 'home', 'mounts', 'start', 'create'],
  ['command', 'current', 'reached', 'restart', 'ran'],
  ['command', 'current', 'reached', 'aside'],
  ['run', 'current', 'present', 'home', 'aside'],
  ['run', 'taken', 'current', 'strays'],
  ['current', 'image', 'aside', 'home'],
];
const more = Number(process.env['FIXED_POINT_CASES'] ?? 3_000);

test.each(slices.map((keys) => [keys.join(' x '), keys] as const))(
  'a plan ends where it should: %s',
  async (_, keys) => {
    for (const item of product(keys)) await checkFixedPoint(item);
  },
);

test('... and in cases from all over the product', { timeout: 10_000 + more }, async () => {
  // The golden ratio's stride spreads any number of cases evenly, and is the same walk every time.
  const stride = BigInt(Math.round(caseCount * 0.6180339887));
  for (let n = 1n; n <= more; n += 1n) await checkFixedPoint(caseAt(Number((n * stride) % BigInt(caseCount))));
});

test('... and in any case whatever', async () => {
  const anyCase = fc.record(
    Object.fromEntries(Object.entries(axes).map(([key, answers]) => [key, fc.constantFrom(...answers)])),
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<Axes>;
  await fc.assert(fc.asyncProperty(anyCase, checkFixedPoint), { numRuns: 1_000 });
});

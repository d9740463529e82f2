import { expect, test } from 'vitest';
import { durationText, parseDuration } from '../../src/lib/duration.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import { parseCpu, parseMemory } from '../../src/lib/quantity.ts';
import { nearest } from '../../src/lib/suggest.ts';

const hintOf = (call: () => unknown): string => {
  try {
    return `no error: ${String(call())}`;
  } catch (error) {
    if (!(error instanceof WorkdockError)) throw error;
    expect(error.code).toBe('SPEC_INVALID');
    return error.hint;
  }
};

test.each([
  ['8Gi', 8 * 2 ** 30],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['64Mi', 64 * 2 ** 20],
  ['1Ti', 2 ** 40],
])('%s is %d bytes', (text, bytes) => {
  expect(parseMemory(text)).toBe(bytes);
});

test.each([
  ['8g', 'did you mean 8Gi?'],
  ['8GB', 'did you mean 8Gi?'],
  ['8 GiB', 'did you mean 8Gi?'],
  ['512m', 'did you mean 512Mi?'],
  ['512M', 'did you mean 512Mi?'],
  ['8', 'did you mean 8Gi?'],
  ['8589934592', 'did you mean 8Gi?'],
  ['plenty', 'write 512Mi or 8Gi'],
  ['', 'write 512Mi or 8Gi'],
  ['-8Gi', 'write 512Mi or 8Gi'],
  ['9999999999Ti', 'write 512Mi or 8Gi'],
])('memory %j is refused: %s', (text, hint) => {
  expect(hintOf(() => parseMemory(text))).toBe(hint);
});

test.each([
  [2, 2e9],
  [0.5, 5e8],
  ['500m', 5e8],
  ['2.5', 2.5e9],
  [0.01, 1e7],
])('%s of cpu is %d billionths', (cpu, nano) => {
  expect(parseCpu(cpu)).toBe(nano);
});

test.each([0, 0.001, -1, 1e9, 1e-9, Number.NaN, 'two', '9m', '1e3'])('cpu %s is refused', (cpu) => {
  expect(hintOf(() => parseCpu(cpu))).toMatch(/the least is 0.01/);
});

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['300ms', 300],
  ['0s', 0],
])('%s is %d ms, and back', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
  expect(parseDuration(durationText(ms))).toBe(ms);
});

test.each([
  ['30', 'did you mean 30s?'],
  ['5 min', 'did you mean 5m?'],
  ['1.5h', 'did you mean 1h30m?'],
  ['30m1h', 'write 90s, 30m, 1h30m or 7d'],
  ['', 'write 90s, 30m, 1h30m or 7d'],
])('duration %j is refused: %s', (text, hint) => {
  expect(hintOf(() => parseDuration(text))).toBe(hint);
});

test('the nearest word is the one with the fewest wrong letters, or none', () => {
  const words = ['memory', 'owner', 'Running'];
  expect(['memmory', 'ownr', 'running', 'zebra'].map((word) => nearest(word, words))).toEqual([
    'memory',
    'owner',
    'Running',
    undefined,
  ]);
});

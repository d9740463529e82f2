import { expect, test } from 'vitest';
import type { Version } from '../../src/sources/look.ts';
import { makeSettle } from '../../src/sources/settle.ts';

const version = (path: string, text: string, modifiedMs = 0): Version => {
  return { path, real: path, key: text, modifiedMs, content: { text, sha256: text } };
};
const look = (files: Record<string, string>, modifiedMs = 0): Map<string, Version> =>
  new Map(Object.entries(files).map(([path, text]) => [path, version(path, text, modifiedMs)]));

/** Looks at given times, in milliseconds; the wall clock is 1,000,000 ahead. */
function timeline() {
  const settle = makeSettle(300);
  const at = (monotonicMs: number) => ({ monotonicMs, wallMs: monotonicMs + 1_000_000 });
  const texts = (): Record<string, string> => Object.fromEntries(settle.snapshot().map(({ path, key }) => [path, key]));
  return {
    look: (ms: number, files: Record<string, string>, modifiedAtMs = -1e6, restart = false) => {
      const { nextMs, calm, leaving } = settle.update(look(files, modifiedAtMs + 1_000_000), at(ms), restart);
      return { texts: texts(), nextMs, calm, ...(leaving && { leaving }) };
    },
  };
}

test('a content counts when two looks that far apart found it', () => {
  const files = timeline();
  expect(files.look(0, { a: '1\n' })).toEqual({ texts: {}, nextMs: 300, calm: false });
  expect(files.look(299, { a: '1\n' }).texts).toEqual({});
  expect(files.look(300, { a: '1\n' })).toEqual({ texts: { a: '1\n' }, nextMs: undefined, calm: true });
});

test('each change begins the wait anew, and only the last content is ever applied', () => {
  const files = timeline();
  files.look(0, { a: '1\n' });
  files.look(300, { a: '1\n' });
  for (let ms = 400; ms <= 1_400; ms += 200) expect(files.look(ms, { a: `at ${ms}\n` }).texts).toEqual({ a: '1\n' });
  expect(files.look(1_700, { a: 'at 1400\n' }).texts).toEqual({ a: 'at 1400\n' });
});

test('what changed together is taken together', () => {
  const files = timeline();
  files.look(0, { a: '1\n', b: '1\n' });
  files.look(300, { a: '1\n', b: '1\n' });
  files.look(400, { a: '2\n', b: '1\n' });
  expect(files.look(600, { a: '2\n', b: '2\n' }).texts).toEqual({ a: '1\n', b: '1\n' });
  expect(files.look(700, { a: '2\n', b: '2\n' })).toMatchObject({ texts: { a: '1\n', b: '1\n' }, nextMs: 200 });
  expect(files.look(900, { a: '2\n', b: '2\n' }).texts).toEqual({ a: '2\n', b: '2\n' });
});

test('an endless writer keeps its earlier content and holds up the others for two seconds only', () => {
  const files = timeline();
  files.look(0, { a: '1\n', log: '0\n' });
  files.look(300, { a: '1\n', log: '0\n' });
  let ms = 300;
  let texts: Record<string, string> = {};
  while (texts['a'] !== '2\n' && ms < 10_000) {
    ms += 100;
    texts = files.look(ms, { a: '2\n', log: `${ms}\n` }).texts;
    expect(texts['log']).toBe('0\n');
  }
  expect(ms).toBe(2_500);
});

test('a minute of one file after the other is no longer taken as one change', () => {
  const files = timeline();
  const all: Record<string, string> = {};
  const counts: number[] = [];
  for (let i = 0; i < 700; i += 1) {
    all[`u${i}`] = '1\n';
    counts.push(Object.keys(files.look(i * 100, all).texts).length);
  }
  expect(counts.findIndex((count) => count > 0)).toBe(600);
});

test('a file that never was at rest is left out', () => {
  const files = timeline();
  let last = files.look(0, { a: '1\n', log: '0\n' });
  for (let ms = 100; ms <= 2_200; ms += 100) last = files.look(ms, { a: '1\n', log: `${ms}\n` });
  expect(last).toMatchObject({ texts: { a: '1\n' }, calm: true });
});

test('a fresh file that ends without a newline waits five seconds and holds up nobody', () => {
  const files = timeline();
  files.look(0, { a: 'cut', b: '1\n' }, 0);
  expect(files.look(300, { a: 'cut', b: '1\n' }, 0)).toEqual({ texts: { b: '1\n' }, nextMs: 4_700, calm: true });
  expect(files.look(4_999, { a: 'cut', b: '1\n' }, 0).texts).toEqual({ b: '1\n' });
  expect(files.look(5_000, { a: 'cut', b: '1\n' }, 0).texts).toEqual({ a: 'cut', b: '1\n' });
});

test('an old file without a final newline counts like any other', () => {
  const files = timeline();
  files.look(0, { a: 'whole' }, -60_000);
  expect(files.look(300, { a: 'whole' }, -60_000).texts).toEqual({ a: 'whole' });
});

test('a file that comes back within a second was never gone', () => {
  const files = timeline();
  files.look(0, { a: '1\n' });
  files.look(300, { a: '1\n' });
  expect(files.look(400, {})).toMatchObject({ texts: { a: '1\n' }, nextMs: 1_000 });
  expect(files.look(1_300, {}).texts).toEqual({ a: '1\n' });
  expect(files.look(1_350, { a: '2\n' }).texts).toEqual({ a: '1\n' });
  expect(files.look(1_650, { a: '2\n' }).texts).toEqual({ a: '2\n' });
});

test('a file that stays away leaves', () => {
  const files = timeline();
  files.look(0, { a: '1\n' });
  files.look(300, { a: '1\n' });
  files.look(400, {});
  expect(files.look(1_400, {})).toEqual({ texts: {}, nextMs: undefined, calm: true });
});

test('a moved file is never in two places or in none', () => {
  const files = timeline();
  files.look(0, { a: '1\n' });
  files.look(300, { a: '1\n' });
  const seen = [500, 800, 1_200, 1_499, 1_500].map((ms) => files.look(ms, { 'team/a': '1\n' }).texts);
  expect(new Set(seen.map((texts) => Object.keys(texts).join()))).toEqual(new Set(['a', 'team/a']));
});

test('a tree that git changed as a whole begins its wait anew', () => {
  const files = timeline();
  files.look(0, { a: '1\n', b: '1\n' });
  files.look(300, { a: '1\n', b: '1\n' });
  files.look(400, { a: '2\n', b: '1\n' });
  expect(files.look(700, { a: '2\n', b: '1\n' }, -1e6, true)).toMatchObject({
    texts: { a: '1\n', b: '1\n' },
    nextMs: 300,
  });
  expect(files.look(1_000, { a: '2\n', b: '1\n' }).texts).toEqual({ a: '2\n', b: '1\n' });
});

test('while it is not known whether a file is gone, that is said', () => {
  const files = timeline();
  files.look(0, { a: '1\n', b: '1\n' });
  files.look(300, { a: '1\n', b: '1\n' });
  expect(files.look(400, { a: '1\n' }).leaving).toBe(true);
  files.look(1_000, { a: '1\n', b: '1\n' });
  for (let ms = 1_100; ms < 5_000; ms += 500)
    files.look(ms, ms % 1_000 === 100 ? { a: '1\n' } : { a: '1\n', b: '2\n' });
  expect(files.look(5_100, { a: '1\n' })).toMatchObject({ calm: true, leaving: true, texts: { a: '1\n', b: '1\n' } });
  expect(files.look(6_100, { a: '1\n' })).toEqual({ calm: true, texts: { a: '1\n' }, nextMs: undefined });
});

import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const sources = globSync(['src/**/*.ts', 'scripts/**/*.ts']);
const all = [...sources, ...globSync(['tests/**/*.ts', 'bench/**/*.ts'])];
const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test('files are small: half have at most 60 lines, none over 300', () => {
  const sizes = sources.map((file) => ({ file, count: lines(file).length })).sort((a, b) => a.count - b.count);
  expect(sizes.length).toBeGreaterThan(50);
  expect(sizes[Math.floor(sizes.length / 2)]?.count).toBeLessThanOrEqual(60);
  expect(sizes.filter(({ count }) => count > 300)).toEqual([]);
});

test('lines have at most 120 columns', () => {
  const long = all.flatMap((file) =>
    lines(file).flatMap((line, at) => ([...line].length > 120 ? [`${file}:${at + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

test('file names are kebab-case', () => {
  expect(
    all.filter((file) => !/^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.ts$/.test(file)),
  ).toEqual([]);
});

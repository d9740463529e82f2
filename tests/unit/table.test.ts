import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { age, shortSpan } from '../../src/lib/age.ts';
import { bytesText, sizeText } from '../../src/lib/bytes.ts';
import { table } from '../../src/lib/table.ts';
import { yamlText } from '../../src/lib/yaml-text.ts';

test('columns line up, paint does not count, nothing trails', () => {
  const red = (text: string) => `<${text}>`;
  expect(
    table(
      ['A', 'LONGER', 'M'],
      [
        ['one', { text: 'x', paint: red }, ''],
        ['é', 'y', 'said'],
      ],
    ),
  ).toEqual(['A    LONGER  M', 'one  <x>', 'é    y       said']);
});

test('only the last column is cut to a terminal, and never to nothing', () => {
  expect(table(['A', 'M'], [['one', 'abcdefghijkl']], { width: 13 })[1]).toBe('one  abcdefg…');
  expect(table(['A', 'M'], [['one', 'abcdefghijkl']], { width: 3 })[1]).toBe('one  abcdefg…');
  expect(table(['A', 'M'], [['one', 'abcdefgh']], { width: 13 })[1]).toBe('one  abcdefgh');
});

test('text of others cannot break a line or steer the terminal', () => {
  const [, line] = table(['A', 'M'], [['one', 'a\r\nb\u001b[31mc\u009bd\u2028e']]);
  expect(line).toBe('one  a b [31mc d e');
  const [, turned] = table(['A', 'M'], [['one', 'by \u202elivE\u2066 <x>']]);
  expect(turned).toBe('one  by  livE  <x>');
});

test.each([
  [-5, '0s'],
  [0.9, '0s'],
  [59, '59s'],
  [60, '1m'],
  [61, '1m1s'],
  [3_599, '59m'],
  [3_600 * 3 + 60 * 12 + 5, '3h12m'],
  [3_600 * 11 + 60 * 12, '11h'],
  [86_400 * 2 + 3_600 * 4, '2d4h'],
  [86_400 * 400, '400d'],
])('%d seconds read as %s', (seconds, text) => {
  expect(shortSpan(seconds)).toBe(text);
});

test('an age is counted from a time, and a text that is none has none', () => {
  expect(age('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:02:00Z'))).toBe('2m');
  expect(age('never', 0)).toBe('-');
});

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1Ki'],
  [1_536, '1.5Ki'],
  [512 * 2 ** 20, '512Mi'],
  [1_023 * 2 ** 20, '1Gi'],
  [8 * 2 ** 30, '8Gi'],
  [1.2 * 2 ** 30, '1.2Gi'],
  [9.96 * 2 ** 30, '10Gi'],
  [3 * 2 ** 50, '3Pi'],
])('%d bytes read as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('YAML for people reads back as the same data, whatever is in it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = yamlText(value);
      // JSON has no -0, and a key named `__proto__` is not data for any JSON reader.
      expect(parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(parse(text, { version: '1.1' }), 'also for old readers').toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('YAML quotes what old readers take for something else', () => {
  expect(yamlText({ a: 'no', b: '1e3', c: '012', d: 'plain text', e: [], f: [{ g: 1, h: 'x: y' }], E0: 1 })).toBe(
    'a: "no"\nb: "1e3"\nc: "012"\nd: plain text\ne: []\nf:\n  - g: 1\n    h: "x: y"\n"E0": 1\n',
  );
});

test('a size in a sentence is never a number alone', () => {
  expect([0, 1, 2, 999, 1_000, 3 * 2 ** 20].map(sizeText)).toEqual([
    '0 bytes',
    '1 byte',
    '2 bytes',
    '999 bytes',
    '1Ki',
    '3Mi',
  ]);
});

import { expect, test } from 'vitest';
import { parseFile } from '../../src/spec/parse.ts';
import { problemsText, problemText } from '../../src/spec/problem-text.ts';
import { resolve } from '../../src/spec/resolve.ts';
import { site, workspaceText } from '../support/spec-texts.ts';

const file = (text: string) => parseFile('ada.yaml', text);
const told = (...lines: string[]) => problemsText(file(workspaceText('ada', ...lines)).problems);
const hints = (...lines: string[]) =>
  file(workspaceText('ada', ...lines)).problems.map(({ message, suggestion }) => `${message}; ${suggestion}`);
/** What the rules behind the schema say. */
const refused = (...lines: string[]) => {
  const [document] = file(workspaceText('ada', ...lines)).documents;
  if (!document?.ok || document.kind !== 'Workspace') throw new Error('expected a workspace that parses');
  const result = resolve(document, undefined, site());
  return result.ok ? [] : result.problems.map(({ message, suggestion }) => `${message}; ${suggestion}`);
};

test('two letters swapped are one slip, in short words too', () => {
  expect(hints('storage: {hoem: {}}')).toEqual(['unknown field "hoem"; did you mean home?']);
  expect(
    problemsText(
      file('apiVersion: workdock.dev/v1\nkind: Workspace\nmetadata: {nmae: a}\nspec: {owner: a}\n').problems,
    ),
  ).toContain('did you mean name?');
});

test('a misspelt field in the wrong place is told with the right one', () => {
  expect(hints('memmory: 8Gi')).toEqual(['unknown field "memmory"; did you mean spec.resources.memory?']);
  expect(hints('storage: {mounts: [{src: /a, dst: /b}]}')).toEqual(
    expect.arrayContaining(['unknown field "src"; did you mean source?', 'unknown field "dst"; did you mean target?']),
  );
});

test('of more problems than anyone reads the number is told', () => {
  const lines = Array.from({ length: 30 }, (_, at) => `zzz${at}: 1`);
  const { problems } = file(workspaceText('ada', ...lines));
  expect(problems).toHaveLength(21);
  expect(problems.at(-1)).toMatchObject({ line: 25, message: '10 more problems in this document' });
});

test('of a long line the part with the mistake is shown, with the caret under it', () => {
  const text = told(`env: {A: ${'x'.repeat(300)}, "B C": z, D: ${'y'.repeat(300)}}`);
  const [, excerpt = '', caret = ''] = text.split('\n');
  expect(excerpt.length).toBeLessThan(120);
  expect(excerpt.slice(caret.indexOf('^'))).toMatch(/^"B C": z/);
  expect(excerpt).toMatch(/\| …x+.*y…$/);
});

test('the caret stands under its character behind wide, combining and tab characters', () => {
  const problem = { file: 'a.yaml', line: 1, path: '', message: 'm' };
  const under = (excerpt: string, sign: string) =>
    problemText({ ...problem, column: excerpt.indexOf(sign) + 1, excerpt }).split('\n')[2];
  expect(under('a: 日本 !', '!')).toBe(`    | ${' '.repeat(8)}^`);
  expect(under('a: e\u0301 !', '!')).toBe(`    | ${' '.repeat(5)}^`);
  expect(under('a: 😀 !', '!')).toBe(`    | ${' '.repeat(6)}^`);
  expect(under('a:\t!', '!')).toBe('    |   \t^');
});

test('a line that is indented too far is told as that', () => {
  expect(told(' state: Running')).toMatchInlineSnapshot(`
    "ada.yaml:5:10: the line after this value is indented too far
      5 |   owner: ada
        |          ^
        = line it up with its neighbours"
  `);
  expect(told('env:', '  A: b: c')).toContain('a second `:` on this line');
});

test.each([
  ['spec: {owner: a\nkind: x\n', '2:1: a { before this line is not closed'],
  ['a: [b\nc: d\n', '2:1: a [ before this line is not closed'],
  ['a: "x\n', '1:6: a quote is not closed'],
  ['spec:\n  b: 1\n c: 2\n', '3:1: this line does not begin below the fields it belongs to'],
  ['kind:x\nspec: {}\n', '1:1: this line is not a field and its value'],
  ['kind: x\nspec\n', '2:1: this line has no colon'],
  ['a: @x\n', '1:4: a value cannot begin with this sign'],
  ['a: "b" c\n', '1:8: this stands after the end of a value'],
])('what YAML makes of %j is said for people', (text, words) => {
  const { message, suggestion = '', line, column } = file(text).problems[0]!;
  expect(`${line}:${column}: ${message}`).toBe(words);
  expect(suggestion).not.toBe('');
});

test('what the schema library says in its own words is said in ours', () => {
  expect(hints('command: []')).toEqual(['command needs at least 1 item; undefined']);
  expect(hints('envFrom: [{file: ""}]')).toEqual(['file is empty; undefined']);
  expect(hints(`image: ${'a'.repeat(300)}`)).toEqual(['image is longer than 255 characters; undefined']);
  expect(hints('env: {"A B": x}', 'user: {groups: [1, 1.5]}')).toEqual([
    '"A B" cannot be a name here; use letters, digits and _, and no digit first',
    'this item must be a whole number; undefined',
  ]);
});

test('a memory that is too small or too large is told with what was meant', () => {
  expect(refused('resources: {memory: 32Mi}')).toEqual(['memory 32Mi is below 64Mi; did you mean 32Gi?']);
  expect(refused('resources: {memory: 8Ki}')).toEqual(['memory 8Ki is below 64Mi; did you mean 8Gi?']);
  expect(refused('resources: {memory: 100Ki}')).toEqual(['memory 100Ki is below 64Mi; did you mean 100Mi?']);
  expect(refused('resources: {memory: 1000000000Ti}')).toEqual([
    '"1000000000Ti" is more than any machine has; write 512Mi or 8Gi',
  ]);
});

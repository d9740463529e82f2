import { expect, test } from 'vitest';
import { parseFile } from '../../src/spec/parse.ts';
import { problemsText } from '../../src/spec/problem-text.ts';
import { workspaceText } from '../support/spec-texts.ts';

const told = (text: string) => problemsText(parseFile('ada.yaml', text).problems);
const spec = (...lines: string[]) => workspaceText('ada', ...lines);
const names = (text: string) =>
  parseFile('x.yaml', text).documents.map(({ ok, name = '?' }) => `${ok ? '' : '!'}${name}`);

test('five lines are a workspace', () => {
  const { documents, problems } = parseFile('ada.yaml', spec());
  expect(problems).toEqual([]);
  expect(documents).toMatchObject([
    { ok: true, kind: 'Workspace', name: 'ada', line: 1, body: { spec: { owner: 'ada' } } },
  ]);
});

test('an unknown field is told with its place, a caret, and the field that was meant', () => {
  expect(told(spec('resources:', '  memmory: 8Gi'))).toMatchInlineSnapshot(`
    "ada.yaml:7:5: unknown field "memmory"
      7 |     memmory: 8Gi
        |     ^
        = did you mean memory?"
  `);
});

test('a field in the wrong place is told with the right one', () => {
  expect(told(spec('memory: 8Gi', 'labels: {lab: neuro}', 'environment: {}'))).toMatchInlineSnapshot(`
    "ada.yaml:6:3: unknown field "memory"
      6 |   memory: 8Gi
        |   ^
        = did you mean spec.resources.memory?
    ada.yaml:7:3: unknown field "labels"
      7 |   labels: {lab: neuro}
        |   ^
        = did you mean metadata.labels?
    ada.yaml:8:3: unknown field "environment"
      8 |   environment: {}
        |   ^
        = did you mean env?"
  `);
});

test('a word that is none of a few, a size, a duration: with what was meant', () => {
  expect(
    told(spec('state: running', 'resources: {memory: 8GB, shm: 1g}', 'stopGracePeriod: 30')),
  ).toMatchInlineSnapshot(`
    "ada.yaml:6:10: state must be Running or Stopped or OnDemand
      6 |   state: running
        |          ^
        = did you mean Running?
    ada.yaml:7:23: memory must be a size such as 512Mi or 8Gi
      7 |   resources: {memory: 8GB, shm: 1g}
        |                       ^
        = did you mean 8Gi?
    ada.yaml:7:33: shm must be a size such as 512Mi or 8Gi
      7 |   resources: {memory: 8GB, shm: 1g}
        |                                 ^
        = did you mean 1Gi?
    ada.yaml:8:20: stopGracePeriod must be text, and YAML reads 30 as a number
      8 |   stopGracePeriod: 30
        |                    ^
        = did you mean 30s?"
  `);
});

test('YAML that reads text as something else is told to quote it', () => {
  expect(told(spec('env: {A: no, B: true, C: 1.10, D: 010}'))).toMatchInlineSnapshot(`
    "ada.yaml:6:19: B must be text, and YAML reads true as true or false
      6 |   env: {A: no, B: true, C: 1.10, D: 010}
        |                   ^
        = did you mean "true"?
    ada.yaml:6:28: C must be text, and YAML reads 1.10 as a number
      6 |   env: {A: no, B: true, C: 1.10, D: 010}
        |                            ^
        = did you mean "1.10"?
    ada.yaml:6:37: D must be text, and YAML reads 010 as a number
      6 |   env: {A: no, B: true, C: 1.10, D: 010}
        |                                     ^
        = did you mean "010"?"
  `);
});

test('numbers in notations that not everyone reads alike are refused', () => {
  expect(told(spec('resources: {cpu: 010, pids: 1e3}'))).toMatchInlineSnapshot(`
    "ada.yaml:6:20: 010 is not a plain decimal number
      6 |   resources: {cpu: 010, pids: 1e3}
        |                    ^
        = did you mean 10?
    ada.yaml:6:31: 1e3 is not a plain decimal number
      6 |   resources: {cpu: 010, pids: 1e3}
        |                               ^
        = did you mean 1000?"
  `);
});

test('a key given twice, an alias, a tag, a merge key, a tab', () => {
  expect(told(spec('drift: Heal', 'drift: Report'))).toMatchInlineSnapshot(`
    "ada.yaml:7:3: "drift" is given twice
      7 |   drift: Report
        |   ^"
  `);
  expect(told(spec('env: &env {A: a}', 'user: *env'))).toMatchInlineSnapshot(`
    "ada.yaml:7:9: aliases (*name) are not allowed
      7 |   user: *env
        |         ^
        = a value that starts with * needs quotes; what is shared belongs in a WorkspaceTemplate"
  `);
  expect(told(spec('image: !!binary aGk='))).toMatchInlineSnapshot(`
    "ada.yaml:6:10: tags (!name) are not allowed
      6 |   image: !!binary aGk=
        |          ^
        = a value that starts with ! needs quotes"
  `);
  expect(told(spec('env: {<<: {A: a}}'))).toMatchInlineSnapshot(`
    "ada.yaml:6:9: merge keys (<<) are not allowed
      6 |   env: {<<: {A: a}}
        |         ^
        = what is shared belongs in a WorkspaceTemplate"
  `);
  expect(told(`${spec()}\tdrift: Heal\n`)).toMatchInlineSnapshot(`
    "ada.yaml:6:1: a tab indents this line
      6 | 	drift: Heal
        | ^
        = indent with spaces"
  `);
});

test('a %YAML directive is refused, and its document with it', () => {
  expect(names(`%YAML 1.1\n---\n${spec()}`)).toEqual(['!ada']);
});

test('control characters are refused, raw and escaped, and never printed', () => {
  const text = told(spec('env: {A: "x\u0000y\u001b[31m", B: "\\e[31m", C: "\u202e"}'));
  expect(text).not.toMatch(/[\u0000\u001b\u202e]/);
  expect(text).toMatch(/a control character/);
  expect(parseFile('x', spec('env: {A: "\\u0000"}')).documents[0]?.ok).toBe(false);
});

test('a broken document touches neither its neighbours nor their places', () => {
  const text = [spec(), workspaceText('bob', 'env: {A: ['), workspaceText('eve', 'state: Paused')].join('---\n');
  expect(names(text)).toEqual(['ada', '!bob', '!eve']);
  expect(parseFile('x.yaml', text).problems.map(({ line }) => line)).toEqual([12, 19]);
  expect(names([workspaceText('bob', 'env: {A: "'), spec()].join('---\n'))).toEqual(['!bob', 'ada']);
});

test('empty documents, comments, a byte order mark and CRLF are no news', () => {
  expect(names('')).toEqual([]);
  expect(names('# nothing\n---\n---\n...\n')).toEqual([]);
  expect(names(`\ufeff${spec().replaceAll('\n', '\r\n')}`)).toEqual(['ada']);
});

test('a file cut anywhere is data: never an exception, and the name is kept while it can be read', () => {
  const text = spec('env: {A: "b", C: d}', 'command: [sh, -c, "sleep 1"]');
  for (let end = 0; end <= text.length; end += 1) {
    const { documents } = parseFile('ada.yaml', text.slice(0, end));
    if (end > text.indexOf('spec:')) expect(documents.map(({ name }) => name)).toEqual(['ada']);
  }
});

test('a file over 64 KiB is refused as a whole', () => {
  expect(told(`${spec()}#${'x'.repeat(65_536)}`)).toBe(
    'ada.yaml:1:1: the file is larger than 64 KiB\n    = split it: any number of files',
  );
});

test('only one way to say where the home is', () => {
  expect(told(spec('storage: {home: {name: a, volume: bb}}'))).toMatch(
    /home takes only one of name, source and volume/,
  );
});

test.each(['Ada Lovelace', '../etc', 'ada-', 'аda', 'a'.repeat(33), '1st', 'ada_x'])('%s is no name', (name) => {
  expect(parseFile('x.yaml', workspaceText('ada').replace('name: ada', `name: "${name}"`)).documents[0]?.ok).toBe(
    false,
  );
});

test('a percentage without its sign is told as one', () => {
  const text = spec('idle: {cpuBelow: 10, timeout: 30}');
  expect(told(text)).toMatch(/cpuBelow must be text[\s\S]*did you mean 10%\?[\s\S]*did you mean 30s\?/);
  expect(told(spec('idle: {cpuBelow: "10 percent"}'))).toMatch(/did you mean 10%\?/);
});

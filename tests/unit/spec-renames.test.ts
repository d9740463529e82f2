import { afterAll, expect, test } from 'vitest';
import { placeText } from '../../src/model/home-place.ts';
import type { SpecFile } from '../../src/model/source.ts';
import { makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { site, specFile, workspaceText } from '../support/spec-texts.ts';

const parser = makeParser();
afterAll(parser.close);

/** Names with a workspace before this reading; `done`: renames that were seen to; all on one home, of owner ada. */
type Before = { known?: string[]; done?: Record<string, string>; homes?: Record<string, string> };

async function read(files: SpecFile[], { known = ['old'], done = {}, homes = {} }: Before = {}) {
  const { declarations, renames, problems } = await makeCatalog({
    ...{ parse: parser.parse, config: site(), knownSources: () => new Map() },
    known: {
      has: (name) => known.includes(name),
      made: (name) => known.includes(name),
      renamedFrom: (name) => done[name],
      nowNamed: ({ name, home }) =>
        Object.keys(done).find((each) => done[each] === name && placeText(home.place) === `users/${homes[each]}`),
    },
    heldHomes: () =>
      Object.entries(homes).map(([name, home]) => ({ name, place: { kind: 'folder', name: home }, shared: false })),
  })(files);
  return {
    kinds: [...declarations.values()].map(({ name, kind }) => `${name} ${kind}`).sort(byText),
    renames: [...renames].map((pair) => pair.join(' -> ')),
    problems: problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
    suggestions: problems.map(({ suggestion }) => suggestion),
  };
}

const byText = (a: string, b: string) => (a < b ? -1 : 1);
const file = (name: string, from?: string, ...lines: string[]) =>
  specFile(
    `${name}.yaml`,
    workspaceText(name, ...lines)
      .replace(`{name: ${name}}`, `{name: ${name}${from === undefined ? '' : `, renamedFrom: ${from}`}}`)
      .replace(`owner: ${name}`, 'owner: ada'),
  );

test('a name that is known and that no file has any more is taken over, home and all', async () => {
  const found = await read([file('ada', 'old')], { homes: { old: 'ada' } });
  expect(found).toEqual({ kinds: ['ada valid'], renames: ['old -> ada'], problems: [], suggestions: [] });
});

test('a name that nobody knows, and a rename that was seen to, are a line in a file and no more', async () => {
  const nothing = { kinds: ['ada valid'], renames: [], problems: [], suggestions: [] };
  expect(await read([file('ada', 'old')], { known: [] })).toEqual(nothing);
  expect(await read([file('ada', 'old')], { known: ['ada', 'old'], done: { ada: 'old' } })).toEqual(nothing);
  const both = [file('ada', 'old'), file('old', undefined, 'storage: {home: {name: other}}')];
  const later = await read(both, { known: ['ada', 'old'], done: { ada: 'old' } });
  expect(later).toEqual({ ...nothing, kinds: ['ada valid', 'old valid'] });
});

test('a rename without the line says which line keeps the home', async () => {
  const { kinds, problems, suggestions } = await read([file('ada')], { homes: { old: 'ada' } });
  expect(kinds).toEqual(['ada conflict']);
  expect(problems).toEqual(['ada.yaml:5:10 home users/ada is in use by old (which no file declares)']);
  expect(suggestions).toEqual(['metadata.renamedFrom: old keeps its home and container']);
});

test.each([
  [
    'a name that is still declared',
    [file('ada', 'old'), file('old', undefined, 'storage: {home: {name: other}}')],
    ['old'],
    ['ada invalid', 'old valid'],
    ['ada.yaml:3:36 old is still declared in old.yaml:1, so ada cannot go on with its home and container'],
  ],
  ['the name itself', [file('ada', 'ada')], ['ada'], ['ada invalid'], ['ada.yaml:3:36 is ada itself']],
  [
    'a workspace that has a container of its own already: the old one is kept as it is',
    [file('ada', 'old')],
    ['ada', 'old'],
    ['ada invalid', 'old invalid'],
    ['ada.yaml:3:36 ada has a container of its own already, and old is not merged into it'],
  ],
  [
    'two that want the same: neither gets it, and the old one is kept as it is',
    [file('ada', 'old'), file('ben', 'old', 'storage: {home: {name: ben}}')],
    ['old'],
    ['ada conflict', 'ben conflict', 'old invalid'],
    [
      'ada.yaml:3:36 the home and container of old are also claimed by ben (ben.yaml:1)',
      'ben.yaml:3:36 the home and container of old are also claimed by ada (ada.yaml:1)',
    ],
  ],
  [
    'two that swap their names',
    [file('ada', 'ben'), file('ben', 'ada', 'storage: {home: {name: ben}}')],
    ['ada', 'ben'],
    ['ada invalid', 'ben invalid'],
    [
      'ada.yaml:3:36 ada and ben cannot swap their names at once: ben is declared in ben.yaml:1',
      'ben.yaml:3:36 ben and ada cannot swap their names at once: ada is declared in ada.yaml:1',
    ],
  ],
  [
    'a chain in one commit',
    [file('ben', 'old'), file('eve', 'ben', 'storage: {home: {name: eve}}')],
    ['old', 'ben'],
    ['ben invalid', 'eve invalid', 'old invalid'],
    [
      'ben.yaml:3:36 ben has a container of its own already, and old is not merged into it',
      'eve.yaml:3:36 ben is still declared in ben.yaml:1, so eve cannot go on with its home and container',
    ],
  ],
])('%s', async (_what, files, known, kinds, problems) => {
  const found = await read(files, { known });
  expect(found).toMatchObject({ kinds, problems, renames: [] });
  expect(found.suggestions.every((suggestion) => suggestion !== undefined)).toBe(true);
});

test('the old name is kept as it is while the file that it went to is broken, or may not use its home', async () => {
  const broken = await read([file('ada', 'old', 'state: Paused')]);
  expect(broken).toMatchObject({ kinds: ['ada invalid', 'old invalid'], renames: [] });
  const taken = [
    file('ada', 'old', 'storage: {home: {name: ben}}'),
    file('ben', undefined, 'storage: {home: {name: ben}}'),
  ];
  const clash = await read(taken, { known: ['old', 'ben'], homes: { old: 'ada', ben: 'ben' } });
  expect(clash).toMatchObject({
    kinds: ['ada conflict', 'ben valid', 'old invalid'],
    renames: [],
  });
});

test('a file that comes back under its former name takes the rename back, if it is the same home', async () => {
  const before = { known: ['ada'], done: { ada: 'old' }, homes: { ada: 'ada' } };
  expect(await read([file('old')], before)).toMatchObject({
    kinds: ['old valid'],
    renames: ['ada -> old'],
    problems: [],
  });
  const other = file('old', undefined, 'storage: {home: {name: other}}');
  expect(await read([other], before)).toMatchObject({ kinds: ['old valid'], renames: [] });
  const both = [file('old', undefined, 'storage: {home: {name: other}}'), file('ada', 'old')];
  expect(await read(both, before)).toMatchObject({ kinds: ['ada valid', 'old valid'], renames: [] });
});

test('what another controller takes is none of ours', async () => {
  const there = await read([file('ada', 'old', 'instance: elsewhere')]);
  expect(there).toMatchObject({ kinds: ['ada valid'], renames: [], problems: [] });
});

import { afterAll, expect, test } from 'vitest';
import type { SpecFile } from '../../src/model/source.ts';
import { type CatalogDeps, makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { site, specFile, templateText, workspaceText } from '../support/spec-texts.ts';

const parser = makeParser();
afterAll(parser.close);

const read = (files: SpecFile[], rest: Partial<CatalogDeps> = {}) =>
  makeCatalog({ parse: parser.parse, config: site(), knownSources: () => new Map(), ...rest })(files);
const kinds = async (...args: Parameters<typeof read>) =>
  [...(await read(...args)).declarations.values()]
    .map(({ name, kind }) => `${name} ${kind}`)
    .sort((a, b) => (a < b ? -1 : 1));

const ada = specFile('ada.yaml', workspaceText('ada'));
const home = (name: string, ...lines: string[]) => specFile(`${name}.yaml`, workspaceText(name, ...lines));

test('a valid declaration says where it stands', async () => {
  const { declarations } = await read([{ ...ada, commit: 'abc' }]);
  const source = { path: 'ada.yaml', line: 1, sha256: ada.sha256, commit: 'abc' };
  expect(declarations.get('ada')).toMatchObject({ kind: 'valid', source, desired: { name: 'ada' } });
});

test('a name in two places is a conflict for both, with file and line of the other, and for nobody else', async () => {
  const twice = specFile('b.yaml', `---\n${workspaceText('bob')}---\n${workspaceText('ada')}`);
  const { declarations, problems } = await read([ada, twice]);
  expect([...declarations].map(([name, { kind }]) => `${name} ${kind}`)).toEqual(['ada conflict', 'bob valid']);
  expect(problems.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
    'ada.yaml:3 ada is also declared in b.yaml:8',
    'b.yaml:10 ada is also declared in ada.yaml:1',
  ]);
  expect(await kinds([ada])).toEqual(['ada valid']);
});

test('a broken file makes the names it has, and those it had, invalid: nobody vanishes', async () => {
  const known = {
    knownSources: () =>
      new Map([
        ['ada', 'x.yaml'],
        ['bob', 'x.yaml'],
        ['eve', 'y.yaml'],
      ]),
  };
  const broken = specFile('x.yaml', `${workspaceText('ada', 'state: Paused')}---\nmetadata: [`);
  expect(await kinds([broken], known)).toEqual(['ada invalid', 'bob invalid']);
  const unreadable = { path: 'x.yaml', sha256: '', error: 'cannot be read (EIO)' };
  expect(await kinds([unreadable], known)).toEqual(['ada invalid', 'bob invalid']);
  expect(await kinds([unreadable, ada], known)).toEqual(['ada valid', 'bob invalid']);
});

test('a template that is missing, broken or there twice makes its users invalid, at their template line', async () => {
  const user = home('ada', 'template: neuro');
  const problemsWith = async (...texts: string[]) => {
    const { declarations } = await read([user, ...texts.map((text, index) => specFile(`t${index}.yaml`, text))]);
    const declaration = declarations.get('ada')!;
    return declaration.kind === 'valid' ? [] : declaration.problems.map(({ line, message }) => `${line} ${message}`);
  };
  expect(await problemsWith(templateText('neuro', 'drift: Report'))).toEqual([]);
  expect(await problemsWith(templateText('neural'))).toEqual(['6 there is no template neuro']);
  expect(await problemsWith(templateText('neuro', 'drift: Often'))).toEqual([
    '6 template neuro is not valid: t0.yaml:5',
  ]);
  expect(await problemsWith(templateText('neuro', 'image: other'))).toEqual([
    '6 template neuro is not valid: t0.yaml:5',
  ]);
  const twice = await problemsWith(templateText('neuro', 'drift: Heal'), templateText('neuro', 'drift: Heal'));
  expect(twice).toEqual(['6 template neuro is there twice: t0.yaml:1 and t1.yaml:1']);
});

test('an edit of the template reaches its users although their own file is unchanged', async () => {
  const catalog = makeCatalog({ parse: parser.parse, config: site(), knownSources: () => new Map() });
  const pids = async (count: number) => {
    const template = specFile('t.yaml', templateText('neuro', `resources: {pids: ${count}}`));
    const declaration = (await catalog([home('ada', 'template: neuro'), template])).declarations.get('ada');
    return declaration?.kind === 'valid' ? declaration.desired.limits.pids : declaration;
  };
  expect([await pids(100), await pids(200)]).toEqual([100, 200]);
});

test('two newcomers on one home: neither gets it, unless both share it', async () => {
  const place = 'storage: {home: {name: lab}}';
  const shared = 'storage: {home: {name: lab, shared: true}}';
  expect(await kinds([home('ada', place), home('bob', place)])).toEqual(['ada conflict', 'bob conflict']);
  expect(await kinds([home('ada', place), home('bob', shared)])).toEqual(['ada conflict', 'bob conflict']);
  expect(await kinds([home('ada', shared), home('bob', shared)])).toEqual(['ada valid', 'bob valid']);
});

test('who holds a home keeps it, also when no file declares it any more', async () => {
  const held = { heldHomes: () => [{ name: 'ada', place: { kind: 'folder' as const, name: 'ada' }, shared: false }] };
  const thief = home('bob', 'storage: {home: {name: ada}}');
  expect(await kinds([ada, thief], held)).toEqual(['ada valid', 'bob conflict']);
  expect(await kinds([thief], held)).toEqual(['bob conflict']);
  expect(await kinds([ada], held)).toEqual(['ada valid']);
});

test('a host path inside the home of another, or mounted to write, is that home', async () => {
  const roots = { config: site({ mountRoots: ['/srv/home'] }) };
  const at = (name: string, path: string) => home(name, `storage: {home: {source: ${path}}}`);
  const mount = (readOnly: boolean) =>
    home('bob', `storage: {mounts: [{source: /srv/home/ada/data, target: /data, readOnly: ${readOnly}}]}`);
  expect(await kinds([at('ada', '/srv/home/ada'), at('bob', '/srv/home/ada/x')], roots)).toEqual([
    'ada conflict',
    'bob conflict',
  ]);
  expect(await kinds([at('ada', '/srv/home/ada'), at('bob', '/srv/home/ada-2')], roots)).toEqual([
    'ada valid',
    'bob valid',
  ]);
  expect(await kinds([at('ada', '/srv/home/ada'), mount(false)], roots)).toEqual(['ada conflict', 'bob conflict']);
  expect(await kinds([at('ada', '/srv/home/ada'), mount(true)], roots)).toEqual(['ada valid', 'bob valid']);
});

test('workspaces of another controller claim no home here', async () => {
  const place = 'storage: {home: {name: lab}}';
  expect(await kinds([home('ada', place), home('bob', place, 'instance: server-2')])).toEqual([
    'ada valid',
    'bob valid',
  ]);
});

test('problems come in order of file and line, each once', async () => {
  const { problems } = await read([
    home('zoe', 'a: 1', 'b: 2'),
    specFile('t.yaml', templateText('neuro', 'image: x')),
    home('ada', 'c: 3'),
  ]);
  expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'ada.yaml:6',
    't.yaml:5',
    'zoe.yaml:6',
    'zoe.yaml:7',
  ]);
});

import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { specWriter } from '../support/put-spec.ts';
import { specFile, workspaceText } from '../support/spec-texts.ts';

const always = { ifAbsent: false };
const ifAbsent = { ifAbsent: true };

/** `CODE` and the lines of the message that tell a problem. */
async function refused(call: Promise<unknown>): Promise<{ code: string; problems: string[] }> {
  const error = await call.then(
    () => new Error('it was taken'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof WorkdockError)) throw error;
  return { code: error.code, problems: error.message.split('\n').filter((line) => /:\d+:\d+: /.test(line)) };
}

test('a spec part becomes a document of its own, for its owner only, and says where it is from', async () => {
  const { put, files, scan, catalog, pokes } = await specWriter();
  const given = { owner: 'ada', resources: { memory: '4Gi', cpu: 0.5 }, env: { NOTE: 'a: b # c\n"d"', YES: 'yes' } };
  const { outcome, source } = await put('ada', given, always);
  expect([outcome, pokes()]).toEqual(['created', 1]);
  expect(statSync(source.path).mode & 0o777).toBe(0o600);
  expect(readFileSync(source.path, 'utf8')).toContain('# Written by workdock');
  await scan(['ada']);
  const declaration = catalog.get('ada');
  expect(declaration).toMatchObject({ kind: 'valid', source, desired: { owner: 'ada', env: given.env } });
  expect(await files.read('bea')).toBeUndefined();
});

test('a whole document is taken as it is, labels and all', async () => {
  const { put, scan, catalog } = await specWriter();
  const document = {
    apiVersion: 'workdock.dev/v1',
    kind: 'Workspace',
    metadata: { name: 'ada', labels: { lab: 'neuro' } },
    spec: { owner: 'ada-l' },
  };
  expect((await put('ada', document, always)).outcome).toBe('created');
  await scan(['ada']);
  expect(catalog.get('ada')).toMatchObject({ desired: { labels: { lab: 'neuro' }, owner: 'ada-l' } });
});

test('the same again writes nothing, whatever the order of its keys; another spec replaces the file', async () => {
  const { put, told } = await specWriter();
  const first = await put('ada', { owner: 'ada', env: { A: '1', B: '2' } }, always);
  const { ino, mtimeNs } = statSync(first.source.path, { bigint: true });
  const again = await put('ada', { env: { B: '2', A: '1' }, owner: 'ada' }, always);
  expect(again).toEqual({ ...first, outcome: 'unchanged' });
  expect(statSync(first.source.path, { bigint: true })).toMatchObject({ ino, mtimeNs });
  const other = await put('ada', { owner: 'ada', env: { A: '2' } }, always);
  expect(other.outcome).toBe('updated');
  expect(other.source.sha256).not.toBe(first.source.sha256);
  expect(told).toEqual(['ada SpecWritten created by a program', 'ada SpecWritten updated by a program']);
});

test('ifAbsent leaves what is there, and creates what is not', async () => {
  const { put, files } = await specWriter();
  expect((await put('ada', { owner: 'ada', suspend: true }, ifAbsent)).outcome).toBe('created');
  expect((await put('ada', { owner: 'ada' }, ifAbsent)).outcome).toBe('unchanged');
  expect(await files.read('ada')).toContain('suspend: true');
});

test('ten callers at once: one creates', async () => {
  const { put } = await specWriter();
  const all = await Promise.all(Array.from({ length: 10 }, () => put('ada', { owner: 'ada' }, always)));
  expect(all.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(9).fill('unchanged')]);
});

test('a name that a file declares is left alone, also when that file is broken', async () => {
  const people = [
    specFile('lab/ada.yaml', workspaceText('ada')),
    specFile('b.yaml', workspaceText('bea', 'state: No')),
  ];
  const { put, files } = await specWriter(people);
  for (const [name, path] of [
    ['ada', 'lab/ada.yaml'],
    ['bea', 'b.yaml'],
  ] as const) {
    const result = await put(name, { owner: name, suspend: true }, always);
    expect(result).toMatchObject({ outcome: 'declaredElsewhere', source: { path } });
  }
  expect(readdirSync(files.folder)).toEqual([]);
});

test('a file that a person adds for the name counts from then on, and the written one again when it goes', async () => {
  const { put, scan, catalog } = await specWriter();
  const { source } = await put('ada', { owner: 'ada', resources: { pids: 100 } }, always);
  const person = [specFile('ada.yaml', workspaceText('ada', 'resources: {pids: 200}'))];
  const pids = () => {
    const declaration = catalog.get('ada');
    return declaration?.kind === 'valid' ? declaration.desired.limits.pids : declaration;
  };
  await scan(['ada'], person);
  expect([pids(), catalog.problems()]).toEqual([200, []]);
  expect((await put('ada', { owner: 'ada' }, always)).outcome).toBe('declaredElsewhere');
  await scan(['ada']);
  expect([pids(), catalog.get('ada')?.source.path]).toEqual([100, source.path]);
  const broken = [specFile('ada.yaml', workspaceText('ada', 'state: No'))];
  await scan(['ada'], broken);
  expect(catalog.get('ada')).toMatchObject({ kind: 'invalid', source: { path: 'ada.yaml' } });
});

test.each<[string, unknown, RegExp]>([
  ['an unknown field', { owner: 'ada', memmory: '8Gi' }, /specs\/ada\.yaml:\d+:3: .*memmory/],
  ['a wrong value', { owner: 'ada', resources: { memory: '8GB' } }, /specs\/ada\.yaml:\d+:\d+: /],
  ['no owner', {}, /owner/],
  ['nothing', null, /./],
  ['a text', 'owner: ada', /./],
  ['a list', [{ owner: 'ada' }], /./],
  ['an image that is not allowed', { owner: 'ada', image: 'evil:latest' }, /evil:latest/],
  ['a template that is not there', { owner: 'ada', template: 'neuro' }, /no template neuro/],
  [
    'another kind',
    { apiVersion: 'workdock.dev/v1', kind: 'WorkspaceTemplate', metadata: { name: 'ada' }, spec: {} },
    /Workspace/,
  ],
  [
    'another name',
    { apiVersion: 'workdock.dev/v1', kind: 'Workspace', metadata: { name: 'bea' }, spec: { owner: 'ada' } },
    /is bea/,
  ],
  ['half a document', { metadata: { name: 'ada' }, spec: { owner: 'ada' } }, /needs kind/],
  ['a document in a text', { owner: 'ada', env: { A: '\n---\nkind: Workspace\n', B: '\u2028' } }, /./],
  ['too deep', { owner: 'ada', env: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }, /too deep/],
  ['too long', { owner: 'ada', env: { A: 'x'.repeat(65_536) } }, /64 KiB/],
  [
    'a key of the prototype',
    JSON.parse('{"owner": "ada", "env": {"__proto__": "x"}, "__proto__": {"owner": "eve"}}'),
    /./,
  ],
])('%s is refused with its place, and nothing is written', async (_, given, expected) => {
  const { put, files, pokes } = await specWriter();
  const { code, problems } = await refused(put('ada', given, always));
  expect(code).toBe('SPEC_INVALID');
  expect(problems.join('\n')).toMatch(expected);
  expect([readdirSync(files.folder), pokes()]).toEqual([[], 0]);
});

test.each([
  'Ada',
  'ada lovelace',
  '../ada',
  'a/b',
  '.ada',
  '',
  'a'.repeat(33),
  'ada\n---\nx: 1',
  '__proto__',
  'ä',
  '\0',
])('a name such as %j is refused and never becomes a path', async (name) => {
  const { put, data } = await specWriter();
  const document = {
    apiVersion: 'workdock.dev/v1',
    kind: 'Workspace',
    metadata: { name: 'ada' },
    spec: { owner: 'ada' },
  };
  for (const given of [{ owner: 'ada' }, document]) {
    expect((await refused(put(name, given, always))).code).toBe('SPEC_INVALID');
  }
  expect(readdirSync(data, { recursive: true })).toEqual(['.workdock', '.workdock/specs']);
});

test('what people called Ada Lovelace may be called is said', async () => {
  const { put } = await specWriter();
  await expect(put('Ada Lovelace', { owner: 'ada' }, always)).rejects.toThrow(/ada-lovelace/);
});

test('a home that another workspace uses is refused, whether or not a file declares that one', async () => {
  const bea = specFile('bea.yaml', workspaceText('bea', 'storage: {home: {name: ada}}'));
  const declared = await specWriter([bea]);
  expect((await refused(declared.put('ada', { owner: 'ada' }, always))).problems[0]).toMatch(/home users\/ada .*bea/);
  const heldHomes = () => [{ name: 'old', place: { kind: 'folder', name: 'ada' } as const, shared: false }];
  const held = await specWriter([], { heldHomes });
  expect((await refused(held.put('ada', { owner: 'ada' }, always))).problems[0]).toMatch(/home users\/ada .*old/);
});

test('nothing is written before the folders were read: nobody knows what they declare', async () => {
  const { put, scan, files, catalog } = await specWriter([], { scanned: false });
  await catalog.take({ kind: 'unreadable', message: '/specs is not mounted' });
  const early = put('ada', { owner: 'ada' }, always);
  await scan();
  expect((await early).outcome).toBe('created');
  const never = await specWriter([], { scanned: false, firstScanMs: 20 });
  await never.catalog.take({ kind: 'unreadable', message: '/specs is not mounted' });
  await expect(never.put('ada', { owner: 'ada' }, always)).rejects.toThrow('/specs is not mounted');
  expect(existsSync(never.files.pathOf('ada'))).toBe(false);
  expect(existsSync(files.pathOf('ada'))).toBe(true);
});

test('a data folder that is gone is refused and not made anew; a folder of specs that is gone is', async () => {
  const { put, files, data, lose } = await specWriter();
  rmSync(files.folder, { recursive: true });
  expect((await put('ada', { owner: 'ada' }, always)).outcome).toBe('created');
  rmSync(join(data, '.workdock'), { recursive: true });
  expect((await refused(put('bea', { owner: 'bea' }, always))).code).toBe('NOT_PERSISTED');
  lose('the disk is away');
  expect((await refused(put('bea', { owner: 'bea' }, always))).code).toBe('DATA_FOLDER_MISSING');
  expect(readdirSync(data)).toEqual([]);
});

test('a written file that somebody broke is mended by the next call', async () => {
  const { put, files, scan, catalog } = await specWriter();
  await put('ada', { owner: 'ada' }, always);
  writeFileSync(files.pathOf('ada'), 'kind: [');
  await scan(['ada']);
  expect((await put('ada', { owner: 'ada' }, always)).outcome).toBe('updated');
  await scan(['ada']);
  expect(catalog.get('ada')?.kind).toBe('valid');
});

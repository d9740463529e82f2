import { afterAll, expect, test } from 'vitest';
import { makeCatalogState } from '../../src/catalog-state.ts';
import type { SpecFile } from '../../src/model/source.ts';
import { makeCatalog } from '../../src/spec/catalog.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { site, specFile, templateText, workspaceText } from '../support/spec-texts.ts';

const parser = makeParser();
afterAll(parser.close);

const ada = workspaceText('ada');
const read = (files: SpecFile[], known: [string, string][] = []) =>
  makeCatalog({ parse: parser.parse, config: site(), knownSources: () => new Map(known) })(files);
const unnamed = async (...texts: string[]): Promise<string[]> =>
  (await read(texts.map((text, i) => specFile(`${i}.yaml`, text)))).unnamed;

test('whatever has a name that can be read is of no unknown name, however broken it is', async () => {
  const texts = [
    ada,
    templateText('neuro'),
    workspaceText('bob', 'memmory: 8Gi', 'state: Paused'),
    `${workspaceText('cy')}  resources: {cpu: [\n`,
    `${workspaceText('dee')}\tbroken: x\n: :\n`,
    'kind: Workspace\nmetadata: {name: eve}\n',
    'kind: Workspce\nmetadata: {name: fay}\nspec: 7\n',
    'kind: WorkspaceTemplate\n',
    '# gus was here\n',
    '---\n# nothing\n---\n',
  ];
  expect(await unnamed(...texts)).toEqual([]);
});

test.each([
  ['no name', 'kind: Workspace\nspec: {owner: ada}\n', 1],
  ['a name that is none', ada.replace('name: ada', 'name: Ada'), 1],
  ['a name that is a number', ada.replace('name: ada', 'name: 7'), 1],
  ['cut in the middle', `${ada}---\napiVersion: workdock.dev/v1\nkind: Workspace\nmeta\n`, 7],
  ['no YAML at all', '\u0000\u0001{{{{', 1],
  ['marks of a conflict around the name', ada.replace('metadata: {name: ada}', conflict()), 1],
  ['emptied', '', 1],
  ['blank', '\n \n', 1],
  ['another kind of file', 'services:\n  web: {image: nginx}\n', 1],
  ['too large', `${ada}# ${'x'.repeat(70_000)}\n`, 1],
  ['too many documents', 'kind: Workspace\nmetadata: {name: a}\n---\n'.repeat(1_200), 2_998],
])('%s: a name may be in there', async (_, text, line) => {
  expect(await unnamed(workspaceText('zoe'), text)).toEqual([`1.yaml:${line}`]);
});

function conflict(): string {
  return ['metadata:', '<<<<<<< HEAD', '  name: ada', '=======', '  name: bob', '>>>>>>> other'].join('\n');
}

test('a file that cannot be read may hold any name, and holds those it had', async () => {
  const broken = { path: 'x.yaml', sha256: '', error: 'cannot be read (EACCES)' };
  const { unnamed: places, declarations } = await read([broken], [['ada', 'x.yaml']]);
  expect(places).toEqual(['x.yaml:1']);
  expect(declarations.get('ada')).toMatchObject({ kind: 'invalid' });
});

test('the last settled scan says it, and no other', async () => {
  const state = makeCatalogState(read);
  const take = async (text: string) => state.take({ kind: 'settled', files: [specFile('x.yaml', text)] });
  expect(state.unnamed()).toEqual([]);
  await take('{{{');
  await state.take({ kind: 'unreadable', message: 'gone' });
  expect(state.unnamed()).toEqual(['x.yaml:1']);
  await take(ada);
  expect(state.unnamed()).toEqual([]);
});

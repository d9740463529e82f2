import { afterAll, expect, test } from 'vitest';
import type { SpecFile } from '../../src/model/source.ts';
import { contentOf } from '../../src/sources/content.ts';
import { makeCatalog } from '../../src/spec/catalog.ts';
import { endMissing } from '../../src/spec/end-marker.ts';
import { makeParser } from '../../src/spec/parse-pool.ts';
import { site } from '../support/spec-texts.ts';

const parser = makeParser();
afterAll(parser.close);

const workspace = (name: string, spec: string): string =>
  `apiVersion: workdock.dev/v1\nkind: Workspace\nmetadata: {name: ${name}}\nspec:\n  owner: ${name}\n${spec}`;
/** Two workspaces with what may deceive: dots in texts and comments, blank lines, text of several bytes a character. */
const whole = [
  workspace('ada', '  env:\n    DOTS: "..."\n    NOTE: |\n      ...\n      grüße… 🙂\n  # ...\n\n'),
  workspace('bob', '  state: Stopped\n  resources: {memory: 512Mi}\n  idle: {timeout: 2h}\n'),
].join('---\n');

const read = (endMarker: 'Optional' | 'Required', yields?: (path: string) => boolean) =>
  makeCatalog({
    ...{ parse: parser.parse, config: { ...site(), endMarker }, ...(yields && { yields }) },
    knownSources: () => new Map(['ada', 'bob'].map((name) => [name, 'all.yaml'])),
  });
/** As a source gives it. */
function fileOf(bytes: Buffer): SpecFile {
  const content = contentOf(bytes);
  const path = 'all.yaml';
  return 'error' in content ? { path, sha256: '', error: content.error } : { path, ...content };
}

test.each([
  ['', ''],
  ['blank lines and the ends of lines of Windows', '\r\n\r\n  \n'],
])('cut at any byte nothing of a file is taken, and nobody in it is missing %s', async (_, after) => {
  const bytes = Buffer.from(`${whole}...${after === '' ? '\n' : after}`);
  const required = read('Required');
  const full = await required([fileOf(bytes)]);
  expect([...full.declarations.values()].map(({ kind }) => kind)).toEqual(['valid', 'valid']);
  const desired = (catalog: typeof full) =>
    [...catalog.declarations.values()].map((each) => each.kind === 'valid' && each.desired);
  const complete = Buffer.byteLength(`${whole}...`);
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = await required([fileOf(bytes.subarray(0, length))]);
    if (length >= complete) {
      // All of it but the end of the line; half of one of Windows is a mark that no spec needs.
      const halfEnd = bytes[length - 1] === 0x0d;
      for (const [at, taken] of desired(cut).entries()) {
        if (!halfEnd || taken) expect(taken, `after ${length} bytes`).toEqual(desired(full)[at]);
      }
      continue;
    }
    const kinds = [...cut.declarations].map(([name, { kind }]) => `${name} ${kind}`);
    expect(kinds, `after ${length} bytes`).toEqual(['ada invalid', 'bob invalid']);
    expect(cut.unnamed, 'nobody can say who else is missing').toEqual(['all.yaml:1']);
  }
  // What the mode is for: without it a part of the file is taken for the whole.
  const half = await read('Optional')([fileOf(bytes.subarray(0, bytes.indexOf('  resources')))]);
  expect([...half.declarations.values()].map(({ kind }) => kind)).toEqual(['valid', 'valid']);
});

test('without the mode the marker changes nothing, and files of programs need none', async () => {
  const [plain, marked] = await Promise.all(
    [whole, `${whole}...\n`].map((text) => read('Optional')([fileOf(Buffer.from(text))])),
  );
  const said = ({ declarations, problems }: NonNullable<typeof plain>) => [
    problems,
    [...declarations.values()].map(({ source: _source, ...rest }) => rest),
  ];
  expect(said(marked!)).toEqual(said(plain!));
  const ours = await read('Required', (path) => path === 'all.yaml')([fileOf(Buffer.from(whole))]);
  expect([...ours.declarations.values()].map(({ kind }) => kind)).toEqual(['valid', 'valid']);
});

test.each<[string, string, number | undefined, RegExp?]>([
  ['a: 1\n...\n', 'ends', undefined],
  ['a: 1\n...', 'ends without the end of the line', undefined],
  ['a: 1\n', 'lacks it', 1, /missing after this line/],
  ['a: 1\nb: "\n\n', 'lacks it, at the last line that says something', 2, /missing/],
  ['', 'is empty', 1, /missing/],
  ['a: 1\n....\n', 'has a dot too many', 2, /missing/],
  ['a: 1\n ...\n', 'has it within the line', 2, /missing/],
  ['a: 1\n..', 'has a dot too few', 2, /missing/],
  ['a: 1\n... # so\n', 'says something after it', 2, /missing/],
  ['a: 1\n...\0\0\0\0', 'was filled up by a power cut', 2, /missing/],
  ['a: 1\n...\n---\nb: 2\n...\n', 'would look complete when cut in the middle', 2, /in the middle/],
])('%j %s', (text, _, line, message) => {
  const problem = endMissing('a.yaml', text);
  expect(problem?.line).toBe(line);
  if (message) expect(problem?.message).toMatch(message);
});

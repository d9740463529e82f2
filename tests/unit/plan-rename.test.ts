import { expect, test } from 'vitest';
import { catalogOf } from '../../src/commands/offline.ts';
import { compare } from '../../src/commands/plan-compare.ts';
import { planMarkdown } from '../../src/commands/plan-markdown.ts';
import type { Config } from '../../src/model/config.ts';
import type { Accepted } from '../../src/model/intent.ts';
import { site, specFile, workspaceText } from '../support/spec-texts.ts';

const config = site() as Config;
const asked = (before: Map<string, Accepted>) => ({ config, before, whole: true, foresee: () => [] });
const text = (name: string, from?: string, ...lines: string[]) =>
  workspaceText(name, ...lines)
    .replace(`{name: ${name}}`, `{name: ${name}${from === undefined ? '' : `, renamedFrom: ${from}`}}`)
    .replace(`owner: ${name}`, 'owner: ada');

/** What was accepted of one spec. */
async function accepted(spec: string, name: string, renamedFrom?: string): Promise<Map<string, Accepted>> {
  const declaration = (await catalogOf([specFile('was.yaml', spec)], config)).declarations.get(name);
  if (declaration?.kind !== 'valid') throw new Error('not valid');
  const { desired } = declaration;
  return new Map([[name, { desired, byProgram: false, ...(renamedFrom !== undefined && { renamedFrom }) }]]);
}

test('a rename is one row, with what else changes, and nobody is missing', async () => {
  const before = await accepted(text('old'), 'old');
  const files = [specFile('ada.yaml', text('ada', 'old', 'env: {A: b}'))];
  const { rows, problems } = await compare(files, asked(before));
  expect(problems).toEqual([]);
  expect(rows).toMatchObject([
    {
      name: 'ada',
      renamedFrom: 'old',
      changes: [
        { field: 'name', from: 'old', to: 'ada', cost: 'live', origin: 'ada.yaml:1' },
        { field: 'env.A', from: '', to: 'b', cost: 'nextStop' },
      ],
    },
  ]);
  const comment = planMarkdown({ rows, problems, held: [] }, { title: 'a commit', comparedWith: 'what is in force' });
  expect(comment).toContain('| `ada` | `name` | `old` | `ada` | nothing: its home and container go on |');
});

test('once it was seen to it is no change any more', async () => {
  const files = [specFile('ada.yaml', text('ada', 'old'))];
  const before = await accepted(text('ada', 'old'), 'ada', 'old');
  expect((await compare(files, asked(before))).rows).toMatchObject([{ name: 'ada', changes: [] }]);
});

test('what may not be renamed is a problem, and the old name is not missing', async () => {
  const before = new Map([...(await accepted(text('old'), 'old')), ...(await accepted(text('ada'), 'ada'))]);
  const { rows, problems } = await compare([specFile('ada.yaml', text('ada', 'old'))], asked(before));
  expect(problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '3 ada has a container of its own already, and old is not merged into it',
  ]);
  expect(rows.map(({ name, waitsFor }) => [name, /not merged/.test(waitsFor ?? '')])).toEqual([
    ['ada', true],
    ['old', true],
  ]);
});

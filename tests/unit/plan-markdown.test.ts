import { expect, test } from 'vitest';
import { cell, planMarkdown } from '../../src/commands/plan-markdown.ts';
import type { PlanRow } from '../../src/model/service.ts';

const head = { title: 'HEAD, commit 0123 by Eve | @all <b>', comparedWith: 'the last status (4567)' };
const change = (field: string, from: string, to: string) => ({ field, from, to, cost: 'live' as const, drift: false });
const row = (name: string, rest: Partial<PlanRow> = {}): PlanRow => ({ name, steps: [], changes: [], ...rest });

test.each([
  ['plain', '`plain`'],
  ['', ''],
  ['a|b', '`a\\|b`'],
  // Forges differ in whether a backslash before it can be escaped; an odd number can be read in one way only.
  ['a\\|b', '`a\\\\\\|b`'],
  ['a\\\\|b', '`a\\\\\\|b`'],
  ['`x`', '`` `x` ``'],
  ['a``b', '```a``b```'],
  ['two\nlines\u001b[31m', '`two lines [31m`'],
])('%j is %s in a table', (text, expected) => {
  expect(cell(text)).toBe(expected);
});

test('a comment has what changes, what waits and what is wrong, and nobody’s text is markup', () => {
  const rows = [
    row('ada', { changes: [change('resources.memory', '4Gi', '8Gi'), change('env.A', '', '@all <img src=x>')] }),
    row('bob', { waitsFor: 'no file declares it' }),
    row('cleo', { steps: [{ op: 'start', why: 'it should run' }] }),
  ];
  const problem = { file: 'specs/dora.yaml', line: 3, column: 1, path: '', message: 'bad *thing*', suggestion: 'mend' };
  expect(planMarkdown({ rows, problems: [problem], held: [] }, head)).toMatchInlineSnapshot(`
    "<!-- workdock plan -->
    ### workdock plan: \`HEAD, commit 0123 by Eve | @all <b>\`

    Compared with \`the last status (4567)\`.

    2 workspaces would change.

    **1 problem**: what has one keeps its last good spec.

    | workspace | field | from | to | what it costs its user | from where |
    |---|---|---|---|---|---|
    | \`ada\` | \`resources.memory\` | \`4Gi\` | \`8Gi\` | nothing, changed while it runs |  |
    | \`ada\` | \`env.A\` |  | \`@all <img src=x>\` | nothing, changed while it runs |  |
    | \`cleo\` | \`start\` |  |  | \`it should run\` |  |

    Nothing is done to these, or not at once:

    - \`bob\`: \`no file declares it\`

    Problems:

    - \`specs/dora.yaml:3\` \`bad *thing*; mend\`"
  `);
});

test('nothing to say is said', () => {
  expect(planMarkdown({ rows: [row('ada')], problems: [], held: [] }, head)).toContain('\nNo workspace changes.');
});

test('a comment stays below what forges take, and says that it was cut', () => {
  const rows = Array.from({ length: 1_000 }, (_, i) =>
    row(`u${i}`, { changes: [change('env.A', 'x'.repeat(300), 'y')] }),
  );
  const text = planMarkdown({ rows, problems: [], held: [] }, head);
  expect(text.length).toBeLessThan(61_000);
  expect(text).toMatch(/… and \d+ more lines: `workdock plan` shows all\.$/);
});

import { expect, test } from 'vitest';
import { foreseenLines, foreseenMarkdown, runningBy, withHeld } from '../../src/commands/plan-held.ts';
import { cell } from '../../src/commands/plan-markdown.ts';
import { foresee } from '../../src/foresee.ts';
import type { Config } from '../../src/model/config.ts';
import type { Desired } from '../../src/model/desired.ts';
import { aStatus } from '../support/a-status.ts';
import { aDesired } from '../support/fitted.ts';

const guard = { windowMs: 600_000, removals: 0.2, disruptions: 0.2 };
const config = { instance: 'here', guard } as Config;
const names = Array.from({ length: 8 }, (_, at) => `w${at}`);
const all = new Map(names.map((name) => [name, { desired: aDesired({ name }), byProgram: false }]));
const running = { count: 8, runs: () => true, waits: () => false };
const source = { path: 'w.yaml', line: 1, sha256: '', commit: 'c'.repeat(40), author: 'Ada' };
const change = (some: string[], over: Partial<Desired>) =>
  some.map((name) => ({ name, before: all.get(name)!.desired, after: aDesired({ name, ...over }), source }));
const gone = (some: string[], over: Partial<Desired> = {}) => some.map((name) => aDesired({ name, ...over }));
const nothing = { changes: [], gone: [], declared: 8, config, running };

test('what would be held of a commit, before it is in force: both kinds, without a hash', () => {
  const lists = foresee({
    ...nothing,
    ...{ changes: change(names.slice(0, 4), { env: { A: '1' } }), gone: gone(names.slice(4, 7)), declared: 5 },
  });
  expect(lists.map(({ kind, hash, since }) => [kind, hash, since])).toEqual([
    ['removals', '', ''],
    ['disruptions', '', ''],
  ]);
  expect(lists[0]!.reason).toBe('3 of 8 workspaces would be removed within 10m; more than 2 are held');
  expect(lists[0]!.items[0]).toEqual({ name: 'w4', what: 'remove', detail: 'no file declares it' });
  expect(lists[1]!.reason).toContain(`4 of 8 running workspaces would be recreated by commit ${'c'.repeat(12)} of Ada`);
  const text = foreseenLines(lists[0]!).join('\n');
  expect(text).toMatch(/^would be held as a whole: 3 of 8 .*\n {2}remove: w4 w5 w6\n {2}once these files are in force/);
  const markdown = foreseenMarkdown(lists, cell).join('\n');
  expect(markdown).toContain('- `w0`: recreate, `env.A unset -> 1`');
  const rows = withHeld(
    names.map((name) => ({ name, steps: [], changes: [] })),
    lists,
  );
  expect(rows.map(({ held }) => held?.[0]?.what)).toEqual([
    ...['recreate', 'recreate', 'recreate', 'recreate', 'remove', 'remove', 'remove', undefined],
  ]);
  expect(rows[7]).not.toHaveProperty('waitsFor');
});

test.each([
  ['two of each', { changes: change(names.slice(0, 2), { env: { A: '1' } }), gone: gone(names.slice(2, 4)) }],
  ['labels of everybody', { changes: change(names, { labels: { a: 'b' } }) }],
  ['protected ones', { gone: gone(names.slice(0, 2), { deletionProtection: true }) }],
  ['the last single file', { gone: gone(['w0']), declared: 0 }],
  ['nothing', {}],
])('%s would not be held', (_, over) => {
  expect(foresee({ ...nothing, ...over })).toEqual([]);
});

test('who runs: by the last status, and without one everybody who is to run', () => {
  const statuses = [
    aStatus('w0', { phase: 'Resting' }),
    aStatus('w1', { phase: 'Failed' }),
    aStatus('w2', { phase: 'Unknown' }),
  ];
  const by = runningBy(statuses, all, { config, former: new Map() });
  expect(names.filter(by.runs)).toEqual(['w2', 'w3', 'w4', 'w5', 'w6', 'w7']);
  const before = new Map(all)
    .set('w0', { desired: aDesired({ name: 'w0', state: 'Stopped' }), byProgram: false })
    .set('w1', { desired: aDesired({ name: 'w1', instance: 'there' }), byProgram: false });
  expect(runningBy(undefined, before, { config, former: new Map() }).count).toBe(6);
});

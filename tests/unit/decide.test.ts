import { expect, test } from 'vitest';
import type { SpecState } from '../../src/model/desired.ts';
import type { Mark } from '../../src/model/intent.ts';
import type { HoldReason } from '../../src/model/target.ts';
import { decide } from '../../src/reconcilers/workspace/decide.ts';

const states: SpecState[] = ['Running', 'Stopped', 'OnDemand'];
const runs: Mark['run'][] = ['Stopped', 'Frozen', 'Running'];
const bys: Mark['by'][] = ['start', 'stop', 'access', 'idle', 'schedule'];
const reasons: HoldReason[] = [
  ...(['Suspended', 'SourceUnsettled', 'SourceAbsent', 'Elsewhere'] as const),
  ...(['NeverValid', 'Conflict', 'DataFolderMissing', 'Refused'] as const),
];
const holdsOf = (reason: HoldReason) => ({ reason, message: `because of ${reason}` });
const holdCases = [[], ...reasons.map((reason) => [holdsOf(reason)]), [holdsOf('Suspended'), holdsOf('SourceAbsent')]];
const marks: (Mark | undefined)[] = [
  undefined,
  ...runs.flatMap((run) =>
    bys.flatMap((by) => states.map((forState) => ({ run, by, forState, seq: 7, at: '2026-01-01T12:00:00Z' }))),
  ),
];

/** Who has the last word, row by row; `mark` on the right means the run that the mark asks for. */
const table = `
settled held spec.state forState | run
no      -    -          -        | hold
yes     yes  -          -        | hold
yes     no   Stopped    -        | Stopped
yes     no   Running    none     | Running
yes     no   Running    Stopped  | Running
yes     no   Running    OnDemand | Running
yes     no   Running    Running  | mark
yes     no   OnDemand   none     | Stopped
yes     no   OnDemand   Stopped  | Stopped
yes     no   OnDemand   Running  | Stopped
yes     no   OnDemand   OnDemand | mark
`;
const rows = table.trim().split('\n').slice(1);
const rules = rows.map((row) => row.split('|').map((half) => half.trim().split(/ +/)));

const everything = [true, false].flatMap((settled) =>
  holdCases.flatMap((holds) =>
    states.flatMap((specState) => marks.map((mark) => ({ settled, holds, specState, mark }))),
  ),
);

test('over every combination the last word has whom the table says', () => {
  expect(everything.length).toBe(2 * 10 * 3 * 46);
  for (const input of everything) {
    const { settled, holds, specState, mark } = input;
    const facts = [settled ? 'yes' : 'no', holds.length > 0 ? 'yes' : 'no', specState, mark?.forState ?? 'none'];
    const fitting = rules.filter(([cells]) => cells!.every((cell, at) => cell === '-' || cell === facts[at]));
    expect(fitting.length, `exactly one row for ${facts.join(' ')}`).toBe(1);
    const [run] = fitting[0]![1]!;
    const decision = decide(input);
    const got = decision.kind === 'hold' ? 'hold' : decision.run;
    expect(got, JSON.stringify(input)).toBe(run === 'mark' ? mark!.run : run);
  }
});

test('a hold tells the first reason with its own words; an unsettled source comes before all', () => {
  for (const { settled, holds, specState, mark } of everything) {
    const decision = decide({ settled, holds, specState, mark });
    if (decision.kind !== 'hold') continue;
    expect(decision.reason).toBe(settled ? holds[0]!.reason : 'SourceUnsettled');
    expect(decision.message).toBe(settled ? holds[0]!.message : 'no settled scan of the specs yet');
  }
});

test('the latest mark is the only one: number, time and author change the words and not the run', () => {
  const mark: Mark = { run: 'Stopped', by: 'stop', seq: 1, at: '2026-01-01T12:00:00Z', forState: 'Running' };
  const told = bys.map((by) => {
    const decision = decide({ settled: true, holds: [], specState: 'Running', mark: { ...mark, by, seq: 99 } });
    return decision.kind === 'run' ? [decision.run, decision.because] : [];
  });
  expect(told).toEqual([
    ['Stopped', 'started by a person at 2026-01-01T12:00:00Z'],
    ['Stopped', 'stopped by a person at 2026-01-01T12:00:00Z'],
    ['Stopped', 'woken by access at 2026-01-01T12:00:00Z'],
    ['Stopped', 'put to rest while idle at 2026-01-01T12:00:00Z'],
    ['Stopped', 'by schedule at 2026-01-01T12:00:00Z'],
  ]);
});

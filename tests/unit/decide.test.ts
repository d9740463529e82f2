import { expect, test } from 'vitest';
import type { SpecState } from '../../src/model/desired.ts';
import type { Mark, Tombstone } from '../../src/model/intent.ts';
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

const since = { since: '2026-01-01T11:00:00Z' };
const ripe = { ...since, ripeAt: '2026-01-01T11:01:00Z' };
const tombstones: Record<string, Tombstone | undefined> = {
  none: undefined,
  unripe: since,
  ripe,
  expired: { ...ripe, expiredAt: '2026-01-08T11:01:00Z' },
};
const stageOf = (tombstone: Tombstone | undefined) =>
  tombstone === undefined ? 'none' : tombstone.expiredAt ? 'expired' : tombstone.ripeAt ? 'ripe' : 'unripe';

/** Who has the last word, row by row; `mark` on the right means the run that the mark asks for. */
const table = `
settled held tombstone spec.state forState | run
no      -    -         -          -        | hold
yes     yes  -         -          -        | hold
yes     no   expired   -          -        | Absent
yes     no   ripe      -          -        | Stopped
yes     no   none      Stopped    -        | Stopped
yes     no   unripe    Stopped    -        | Stopped
yes     no   none      Running    none     | Running
yes     no   unripe    Running    none     | Running
yes     no   none      Running    Stopped  | Running
yes     no   unripe    Running    Stopped  | Running
yes     no   none      Running    OnDemand | Running
yes     no   unripe    Running    OnDemand | Running
yes     no   none      Running    Running  | mark
yes     no   unripe    Running    Running  | mark
yes     no   none      OnDemand   none     | Stopped
yes     no   unripe    OnDemand   none     | Stopped
yes     no   none      OnDemand   Stopped  | Stopped
yes     no   unripe    OnDemand   Stopped  | Stopped
yes     no   none      OnDemand   Running  | Stopped
yes     no   unripe    OnDemand   Running  | Stopped
yes     no   none      OnDemand   OnDemand | mark
yes     no   unripe    OnDemand   OnDemand | mark
`;
const rows = table.trim().split('\n').slice(1);
const rules = rows.map((row) => row.split('|').map((half) => half.trim().split(/ +/)));

const everything = [true, false].flatMap((settled) =>
  holdCases.flatMap((holds) =>
    states.flatMap((specState) =>
      Object.values(tombstones).flatMap((tombstone) =>
        marks.map((mark) => ({ settled, holds, specState, mark, tombstone })),
      ),
    ),
  ),
);

test('over every combination the last word has whom the table says', () => {
  expect(everything.length).toBe(2 * 10 * 3 * 4 * 46);
  for (const input of everything) {
    const { settled, holds, specState, mark, tombstone } = input;
    const [read, held] = [settled, holds.length > 0].map((yes) => (yes ? 'yes' : 'no'));
    const facts = [read, held, stageOf(tombstone), specState, mark?.forState ?? 'none'];
    const fitting = rules.filter(([cells]) => cells!.every((cell, at) => cell === '-' || cell === facts[at]));
    expect(fitting.length, `exactly one row for ${facts.join(' ')}`).toBe(1);
    const [run] = fitting[0]![1]!;
    const decision = decide(input);
    const got = decision.kind === 'hold' ? 'hold' : decision.run;
    expect(got, JSON.stringify(input)).toBe(run === 'mark' ? mark!.run : run);
  }
});

test('a hold tells the first reason with its own words; an unsettled source comes before all', () => {
  for (const input of everything) {
    const { settled, holds } = input;
    const decision = decide(input);
    if (decision.kind !== 'hold') continue;
    expect(decision.reason).toBe(settled ? holds[0]!.reason : 'SourceUnsettled');
    expect(decision.message).toBe(settled ? holds[0]!.message : 'no settled scan of the specs yet');
  }
});

test('the latest mark is the only one: number, time and author change the words and not the run', () => {
  const mark: Mark = { run: 'Stopped', by: 'stop', seq: 1, at: '2026-01-01T12:00:00Z', forState: 'Running' };
  const told = bys.map((by) => {
    const free = { settled: true, holds: [], tombstone: undefined };
    const decision = decide({ ...free, specState: 'Running', mark: { ...mark, by, seq: 99 } });
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

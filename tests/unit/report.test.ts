import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { workspaceConditions } from '../../src/model/conditions.ts';
import type { Container, Observed } from '../../src/model/observed.ts';
import type { Decision, Target } from '../../src/model/target.ts';
import { changes } from '../../src/reconcilers/workspace/changes.ts';
import { phaseOf } from '../../src/reconcilers/workspace/phase.ts';
import { type Findings, report } from '../../src/reconcilers/workspace/report.ts';
import { aFitted } from '../support/fitted.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const fitted = aFitted();
const target: Target = { fitted, run: 'Running', because: 'spec.state Running', generation: 1, reachedBefore: true };
const running: Container = {
  ...{ id: 'c1', name: 'ws-ada', state: 'running', hash: fitted.hash, generation: 1, imageRef: fitted.image.ref },
  ...{ imageId: 'sha256:1', limits: fitted.limits, networks: ['ws-net'], address: '10.99.0.2', createdAt: '' },
  ...{ startedAt: '2026-01-01T11:00:00.000Z', exitCode: 0, error: '', oomKilled: false },
};
const around: Observed = {
  at: NOON,
  ownName: 'ws-ada',
  strays: [],
  imageId: 'sha256:1',
  home: { kind: 'ready' },
  missingMounts: [],
};
const observed: Observed = { ...around, current: running };
const run = (which: Target['run']): Decision => ({ kind: 'run', run: which, because: 'so decided' });
const found = (over: Partial<Findings> = {}): Findings => ({
  ...{ name: 'ada', trigger: 'test', decision: run('Running'), target, observed, changes: [], steps: [], oomKills: 0 },
  ...{ held: [], withheld: false },
  ...over,
});
const error = (code: 'IMAGE_NOT_FOUND' | 'MOUNT_MISSING') => new WorkdockError(code, 'no', { hint: 'do' });
const down: Container = { ...running, state: 'exited', finishedAt: '2026-01-01T11:30:00.000Z', exitCode: 1 };

test('every condition is always there, once', () => {
  const types = report(found(), undefined, NOON).conditions.map(({ type }) => type);
  expect(types.toSorted((a, b) => a.localeCompare(b))).toEqual(
    workspaceConditions.toSorted((a, b) => a.localeCompare(b)),
  );
});

test('what keeps a removal from its end is told with it, in the one line too', () => {
  const absence = { reason: 'Removing' as const, message: 'no file declares it: it is removed now' };
  const gone = found({ observed: around, decision: { kind: 'run', run: 'Absent', because: 'no file' }, absence });
  expect(report(gone, undefined, NOON).message).toBe(absence.message);
  const stuck = { ...gone, error: new WorkdockError('HOME_UNUSABLE', 'it is a mount point', { hint: 'umount it' }) };
  expect(report(stuck, undefined, NOON).message).toBe(`it is a mount point; umount it; ${absence.message}`);
});

test('times of transition move with the status and not with the message', () => {
  const first = report(found(), undefined, NOON);
  const later = report(found({ decision: { kind: 'run', run: 'Running', because: 'another word' } }), first, NOON + 1);
  const broken = report(found({ observed: { ...around, current: down } }), later, NOON + 2);
  const ready = [first, later, broken].map(({ conditions }) => conditions.find(({ type }) => type === 'Ready'));
  expect(ready.map((condition) => condition?.lastTransitionTime.slice(-4))).toEqual(['000Z', '000Z', '002Z']);
  expect([first.since, later.since, broken.since].map((since) => since.slice(-4))).toEqual(['000Z', '000Z', '002Z']);
});

test('a generation counts as observed only when it was judged', () => {
  const intent = { schemaVersion: 1, name: 'ada', generation: 3, digest: '', seq: 0, revisions: {} } as const;
  const seen = report(found({ intent }), undefined, NOON);
  const failed = report(found({ intent: { ...intent, generation: 4 }, error: error('MOUNT_MISSING') }), seen, NOON);
  expect([seen.observedGeneration, failed.generation, failed.observedGeneration]).toEqual([3, 4, 3]);
});

test('memory in use is told anew when it moved, and not for every page', () => {
  const MIB = 2 ** 20;
  const told: (number | undefined)[] = [];
  let before: ReturnType<typeof report> | undefined;
  for (const memoryInUseBytes of [2 * MIB, 2 * MIB + 4096, 3 * MIB + 4096, 1000 * MIB, 960 * MIB, 940 * MIB]) {
    before = report(found({ observed: { ...around, current: { ...running, memoryInUseBytes } } }), before, NOON);
    told.push(before.memoryInUseBytes && before.memoryInUseBytes / MIB);
  }
  expect(told).toEqual([2, 2, 3 + 4096 / MIB, 1000, 1000, 940]);
  expect(report(found(), before, NOON).memoryInUseBytes).toBeUndefined();
});

type Case = [phase: string, what: string, over: Partial<Findings> & { markedBy?: string }];
const phases: Case[] = [
  ['Running', 'up', {}],
  ['Frozen', 'paused', { observed: { ...around, current: { ...running, state: 'paused' } } }],
  ['Starting', 'made and not yet up', { observed: { ...around, current: { ...running, state: 'created' } } }],
  ['Pending', 'nothing there yet', { observed: around }],
  ['Stopped', 'by the spec', { decision: run('Stopped'), observed: { ...around, current: down } }],
  ['Held', 'by a person', { decision: run('Stopped'), observed: { ...around, current: down }, markedBy: 'stop' }],
  ['Resting', 'idle', { decision: run('Stopped'), observed: { ...around, current: down }, markedBy: 'idle' }],
  ['Unknown', 'engine away', { observed: undefined }],
  ['Failed', 'its name is taken', { observed: { ...around, taken: { id: 'f', name: 'ws-ada' } } }],
  ['Failed', 'no such image', { observed: around, error: error('IMAGE_NOT_FOUND') }],
  ['Pending', 'waits for a mount', { observed: around, error: error('MOUNT_MISSING') }],
  ['Running', 'up, and the last step failed', { error: error('IMAGE_NOT_FOUND') }],
  ['Elsewhere', 'of another instance', { decision: { kind: 'hold', reason: 'Elsewhere', message: '' } }],
  ['Running', 'up and suspended', { decision: { kind: 'hold', reason: 'Suspended', message: '' } }],
  ['Failed', 'never valid', { observed: around, decision: { kind: 'hold', reason: 'NeverValid', message: '' } }],
];
test.each(phases)('phase %s: %s', (phase, _, over) => {
  expect(phaseOf({ ...found(), ...over })).toBe(phase);
});

test('an engine that is away takes neither container nor last end from the status', () => {
  const lastEnd = { at: '2026-01-01T00:00:00.000Z', reason: 'Crashed' as const, evidence: 'exit code 1' };
  const before = report({ ...found({ observed: { ...around, current: down } }), lastEnd }, undefined, NOON);
  const away = report(found({ observed: undefined, target: undefined }), before, NOON + 1);
  expect([away.container, away.lastEnd]).toEqual([before.container, before.lastEnd]);
});

test('what differs from the target is told field by field, old to new', () => {
  const current = { ...running, limits: { nanoCpus: 1e9, memoryBytes: 2 ** 30, pids: 5 }, networks: ['bridge'] };
  const rows = changes(target, { ...around, current: { ...current, state: 'paused' } }, {});
  expect(rows.map(({ field, from, to }) => `${field}: ${from} -> ${to}`)).toEqual([
    'resources.cpu: 1 -> 0.5',
    'resources.memory: 1Gi -> 256Mi',
    'resources.pids: 5 -> 128',
    'network: bridge -> ws-net',
    'state: Frozen -> Running',
  ]);
  expect(rows.every(({ drift }) => drift)).toBe(true);
  const before = changes({ ...target, reachedBefore: false }, { ...around, current }, {});
  expect(
    before.some(({ drift }) => drift),
    'before the target was reached it is a change and no drift',
  ).toBe(false);
});

test('a revision nobody remembers differs as a whole; a change costs a stop or a new container', () => {
  const current = { ...running, hash: 'v1:before' };
  const [whole] = changes(target, { ...around, current }, {});
  expect(whole).toMatchObject({ field: 'spec', from: 'v1:before', to: fitted.hash, cost: 'nextStop', drift: false });
  const now = { ...target, fitted: aFitted({ updatePolicy: 'Now' }) };
  expect(changes(now, { ...around, current }, {})[0]).toMatchObject({ cost: 'recreate' });
});

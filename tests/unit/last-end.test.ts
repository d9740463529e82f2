import { expect, test } from 'vitest';
import type { Container } from '../../src/model/observed.ts';
import { type EndFacts, newEnd } from '../../src/reconcilers/workspace/last-end.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const times = { bootedAtMs: undefined, engineBackAtMs: undefined, controllerStartedAtMs: Date.parse(at(0)) };
const run = (over: Partial<Container> = {}): Container => ({
  ...{ id: 'a', name: 'ws-ada', state: 'exited', hash: 'h', generation: 1, imageRef: 'i', imageId: 'i' },
  ...{ limits: { nanoCpus: 1, memoryBytes: 1, pids: 1 }, networks: [], address: null, createdAt: at(1) },
  ...{ startedAt: at(1), finishedAt: at(20), exitCode: 1, error: '', oomKilled: false },
  ...over,
});
const without = (key: 'startedAt' | 'finishedAt', { [key]: _, ...rest }: Container): Container => rest as Container;
const before = { id: 'a', startedAt: at(1), wasUp: true };
const facts = (over: Partial<EndFacts> = {}): EndFacts => ({
  ...{ before, told: undefined, containers: [run()], stops: new Map(), times, keeps: true, now: at(21) },
  ...over,
});

test.each<[string, Partial<EndFacts>]>([
  ['Crashed', {}],
  ['StoppedByHand', { containers: [run({ exitCode: 137 })] }],
  ['StoppedByHand', { containers: [run({ exitCode: 143 })] }],
  ['StoppedByHand', { containers: [run({ exitCode: 0 })] }],
  ['Completed', { containers: [run({ exitCode: 0 })], keeps: false }],
  ['OOMKilled', { containers: [run({ exitCode: 137, oomKilled: true })] }],
  ['HostRestarted', { containers: [run({ exitCode: 137 })], times: { ...times, bootedAtMs: Date.parse(at(21)) } }],
  ['EngineRestarted', { containers: [run({ exitCode: 0 })], times: { ...times, engineBackAtMs: Date.parse(at(20)) } }],
  [
    'EndedWhileAway',
    { containers: [run({ exitCode: 0 })], times: { ...times, controllerStartedAtMs: Date.parse(at(30)) } },
  ],
  ['IdleStop', { stops: new Map([['a', { reason: 'IdleStop', evidence: 'quiet' }]]) }],
  ['RemovedByHand', { containers: [] }],
  ['Updated', { containers: [], stops: new Map([['a', { reason: 'Updated', evidence: 'x' }]]) }],
  ['StoppedByHand', { containers: [run({ state: 'running', startedAt: at(21) })] }],
])('%s', (reason, over) => {
  expect(newEnd(facts(over))).toMatchObject({ reason });
});

const told = { at: at(20), reason: 'Crashed' as const, evidence: '' };
test.each<[string, Partial<EndFacts>]>([
  ['it was told already', { told }],
  ['it runs, and never ended', { containers: [without('finishedAt', run({ state: 'running' }))] }],
  [
    'it runs, and an earlier run ended before we knew it',
    { containers: [run({ state: 'running', finishedAt: at(0) })] },
  ],
  ['it never ran', { before: undefined, containers: [run({ state: 'created', startedAt: undefined })] }],
  ['it is gone and had ended before', { containers: [], told }],
  ['it is gone and was down', { containers: [], before: { ...before, wasUp: false } }],
  ['nothing is and nothing was there', { containers: [], before: undefined }],
])('no new end: %s', (_, over) => {
  expect(newEnd(facts(over))).toBeUndefined();
});

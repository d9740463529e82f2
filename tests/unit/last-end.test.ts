import { expect, test } from 'vitest';
import type { Container } from '../../src/model/observed.ts';
import type { EndReason } from '../../src/model/status.ts';
import { type EndFacts, newEnd } from '../../src/reconcilers/workspace/last-end.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const times = { bootedAtMs: undefined, engineAway: undefined, controllerStartedAtMs: Date.parse(at(0)) };
const run = (over: Partial<Container> = {}): Container => ({
  ...{ id: 'a', name: 'ws-ada', state: 'exited', hash: 'h', generation: 1, imageRef: 'i', imageId: 'i' },
  ...{ limits: { nanoCpus: 1, memoryBytes: 1, pids: 1 }, networks: [], address: null, createdAt: at(1) },
  ...{ startedAt: at(1), finishedAt: at(20), exitCode: 1, error: '', oomKilled: false },
  ...over,
});
const without = (key: 'startedAt' | 'finishedAt', { [key]: _, ...rest }: Container): Container => rest as Container;
const before = { id: 'a', startedAt: at(1), wasUp: true };
const facts = (over: Partial<EndFacts> = {}): EndFacts => ({
  ...{ before, told: undefined, containers: [run()], stopping: undefined, times, keeps: true, now: at(21) },
  ranOutBefore: false,
  ...over,
});

const away = (gone: number, back: number) => ({ goneMs: Date.parse(at(gone)), backMs: Date.parse(at(back)) });
const ours = (reason: EndReason) => ({ id: 'a', startedAt: at(1), reason, evidence: '' });

test.each<[string, Partial<EndFacts>]>([
  ['Crashed', {}],
  ['StoppedByHand', { containers: [run({ exitCode: 137 })] }],
  ['StoppedByHand', { containers: [run({ exitCode: 143 })] }],
  ['StoppedByHand', { containers: [run({ exitCode: 0 })] }],
  ['Completed', { containers: [run({ exitCode: 0 })], keeps: false }],
  ['OOMKilled', { containers: [run({ exitCode: 137, oomKilled: true })] }],
  ['StoppedByHand', { containers: [run({ exitCode: 137, oomKilled: true })], ranOutBefore: true }],
  ['OOMKilled', { containers: [run({ exitCode: 137, oomKilled: true })], ranOutBefore: true, keeps: false }],
  ['HostRestarted', { containers: [run({ exitCode: 137 })], times: { ...times, bootedAtMs: Date.parse(at(21)) } }],
  ['EngineRestarted', { containers: [run({ exitCode: 0 })], times: { ...times, engineAway: away(18, 22) } }],
  [
    'EndedWhileAway',
    { containers: [run({ exitCode: 0 })], times: { ...times, controllerStartedAtMs: Date.parse(at(30)) } },
  ],
  ['IdleStop', { stopping: ours('IdleStop') }],
  ['RemovedByHand', { containers: [] }],
  ['Updated', { containers: [], stopping: ours('Updated') }],
  ['StoppedByHand', { containers: [run({ state: 'running', startedAt: at(21) })] }],
  [
    'RestartedByPerson',
    { containers: [run({ state: 'running', startedAt: at(21) })], stopping: ours('RestartedByPerson') },
  ],
  ['Crashed', { stopping: { ...ours('IdleStop'), startedAt: at(0) } }],
  ['Crashed', { stopping: { ...ours('IdleStop'), id: 'b' } }],
  ['Crashed', { told: { at: at(25), reason: 'Completed', evidence: 'before the clock was set back' } }],
  // The engine notices only when it comes up, which may be long after the boot.
  ['HostRestarted', { containers: [run({ exitCode: 255 })], times: { ...times, bootedAtMs: Date.parse(at(2)) } }],
  ['StoppedByHand', { containers: [run({ exitCode: 137 })], times: { ...times, engineAway: away(3, 4) } }],
  ['EngineRestarted', { containers: [run({ exitCode: 137 })], times: { ...times, engineAway: away(3, 20) } }],
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
  [
    'what is there now ended before what was told last, as one that was set aside',
    { told: { ...told, at: at(22) }, before: undefined },
  ],
  ['it is gone and was down', { containers: [], before: { ...before, wasUp: false } }],
  ['nothing is and nothing was there', { containers: [], before: undefined }],
])('no new end: %s', (_, over) => {
  expect(newEnd(facts(over))).toBeUndefined();
});

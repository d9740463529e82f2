import { expect, test } from 'vitest';
import type { Declaration, Desired } from '../../src/model/desired.ts';
import type { Intent } from '../../src/model/intent.ts';
import {
  accept,
  fingerprint,
  keepRevision,
  reach,
  recordFailure,
  restartByPerson,
  startByPerson,
  stopByPerson,
} from '../../src/reconcilers/workspace/intents.ts';
import { aDesired, aFitted } from '../support/fitted.ts';

const fresh: Intent = { schemaVersion: 1, name: 'ada', generation: 0, digest: '', seq: 0, revisions: {} };
const valid = (over: Partial<Desired> = {}, line = 1): Extract<Declaration, { kind: 'valid' }> => ({
  ...{ kind: 'valid', name: 'ada', desired: aDesired(over), origins: {} },
  source: { path: 'ada.yaml', line, sha256: `${line}` },
});
const first = accept(valid(), 'noon')(fresh);

test('the generation counts changes of meaning, and a file that only moved is none', () => {
  const moved = accept(valid({}, 9), 'noon')(first);
  expect([first.generation, moved.generation]).toEqual([1, 1]);
  expect(moved.lastGood?.source.line).toBe(9);
  expect(accept(valid({ env: { A: 'b' } }), 'noon')(moved).generation).toBe(2);
});

test('the same declaration again is the very same intent: nothing to write', () => {
  expect(accept(valid(), 'noon')(first)).toBe(first);
});

test('a commit that leaves the file as it is changes nothing that is decided: nothing to write', () => {
  const { source, ...rest } = valid();
  const later = { ...rest, source: { ...source, commit: 'abc', author: 'Bob <bob@example.org>' } };
  expect(accept(later, 'noon')(first)).toBe(first);
});

test('a mark made against another spec.state is dropped for good, any other stays', () => {
  const stopped = stopByPerson(aDesired(), 'noon')(first);
  expect(accept(valid({ env: { A: 'b' } }), 'noon')(stopped).mark).toMatchObject({ run: 'Stopped', seq: 1 });
  const edited = accept(valid({ state: 'Stopped' }), 'noon')(stopped);
  expect(edited.mark).toBeUndefined();
  expect(accept(valid(), 'noon')(edited).mark, 'nor does it come back with the state').toBeUndefined();
});

test('what runs goes on when its spec becomes OnDemand, and what is down stays down', () => {
  const onDemand = accept(valid({ state: 'OnDemand' }), 'noon');
  const carried = onDemand(first);
  expect(carried.mark).toMatchObject({ run: 'Running', by: 'access', forState: 'OnDemand' });
  expect(onDemand(carried), 'once').toBe(carried);
  expect(onDemand(stopByPerson(aDesired(), 'noon')(first)).mark).toBeUndefined();
  expect(onDemand(accept(valid({ state: 'Stopped' }), 'noon')(first)).mark).toBeUndefined();
  expect(onDemand(fresh).mark, 'one that is new begins at rest').toBeUndefined();
});

test('a failed revision is forgotten with any change of the spec and with nothing else', () => {
  const failed = recordFailure('v1:bad', 'exit code 1', 'noon')(first);
  expect(accept(valid({}, 5), 'noon')(failed).failed).toMatchObject({ hash: 'v1:bad' });
  expect(accept(valid({ env: { A: 'b' } }), 'noon')(failed).failed).toBeUndefined();
  expect(stopByPerson(aDesired(), 'one')(failed).failed).toBeDefined();
  expect((restartByPerson(aDesired(), 'one', undefined)(failed) as Intent).failed).toBeUndefined();
});

test('numbers of marks grow, so that the latest wins whatever the clock says', () => {
  const one = stopByPerson(aDesired(), '2026-01-02')(first);
  const two = startByPerson(aDesired(), '2026-01-01', undefined)(one);
  expect([one.mark, two.mark]).toMatchObject([
    { run: 'Stopped', by: 'stop', seq: 1 },
    { run: 'Running', by: 'start', seq: 2 },
  ]);
  expect(accept(valid({ state: 'Stopped' }), 'noon')(two).seq, 'and are given once').toBe(2);
});

test('revisions are kept while a container of theirs is alive', () => {
  const [one, two, three] = ['1', '2', '3'].map((A) => aFitted({ env: { A } }));
  const after = [one, two, three].reduce((intent, fitted) => keepRevision(fitted!, [two!.hash])(intent), first);
  expect(new Set(Object.keys(after.revisions))).toEqual(new Set([two!.hash, three!.hash]));
  expect(after.revisions[three!.hash]).toMatchObject({ 'env.A': '3' });
});

test('a fingerprint changes with what is asked of the engine and with nothing else', () => {
  const base = { fitted: aFitted(), run: 'Running' as const };
  const others = [
    { ...base, run: 'Stopped' as const },
    { ...base, fitted: aFitted({ env: { A: 'b' } }) },
    { ...base, fitted: aFitted({ limits: { ...base.fitted.limits, pids: 1 } }) },
    { ...base, fitted: aFitted({ address: '10.99.0.3' }) },
    { ...base, restart: { id: 'x', startedAt: '', at: 'noon' } },
    { ...base, failedHash: base.fitted.hash },
  ];
  expect(new Set([base, ...others].map(fingerprint)).size).toBe(7);
  const same = [
    { ...base, failedHash: 'v1:another' },
    { ...base, fitted: aFitted({ stopGraceSeconds: 99 }) },
  ];
  expect(same.map(fingerprint)).toEqual([fingerprint(base), fingerprint(base)]);
});

test('a target that was reached before is not written again', () => {
  const reached = reach('abc', 'noon')(first);
  expect(reach('abc', 'one')(reached)).toBe(reached);
  expect(reach('def', 'one')(reached).reached).toEqual({ fingerprint: 'def', at: 'one' });
});

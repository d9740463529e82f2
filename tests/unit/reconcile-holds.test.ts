import { expect, test } from 'vitest';
import { timestamp } from '../../src/lib/clock.ts';
import { resumed, startByPerson, stopByPerson, suspendUntil } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const running = async () => {
  const w = makeWorld();
  w.declare();
  await w.settle();
  await w.clock.advance(10_000);
  w.calls();
  return w;
};

type Brake = [how: string, on: (w: TestWorld) => unknown, off: (w: TestWorld) => unknown];
const brakes: Brake[] = [
  ['by the spec', (w) => w.declare({ suspend: true }), (w) => w.declare()],
  ['by a person', (w) => w.decide(suspendUntil('now', undefined)), (w) => w.decide(resumed)],
  [
    'by a person for an hour',
    (w) => w.decide(suspendUntil('now', timestamp(w.clock.now() + 3_600_000))),
    (w) => w.clock.advance(3_600_000),
  ],
  [
    'with everything else',
    (w) => w.host.holds.push({ reason: 'Suspended', message: 'all is suspended' }),
    (w) => w.host.holds.pop(),
  ],
];

test.each(brakes)(
  'suspended %s: nothing is done whatever happens, everything is reported; then it converges',
  async (_, on, off) => {
    const w = await running();
    await on(w);
    for (const hand of [
      () => w.hands.update('ws-ada', 2 ** 30),
      () => w.hands.pause('ws-ada'),
      () => w.hands.kill('ws-ada'),
      () => w.hands.rm('ws-ada'),
    ]) {
      hand();
      await w.one();
      expect(w.condition('Ready')).toMatchObject({
        reason: w.states()['ws-ada'] === 'running' ? 'Running' : 'Suspended',
      });
      expect(w.status()?.drift.length ?? 0, 'what differs is shown').toBeGreaterThan(0);
    }
    expect(w.calls()).toEqual([]);
    await off(w);
    await w.settle();
    expect(w.states()).toEqual({ 'ws-ada': 'running' });
  },
);

test('a brake pulled in the middle of a pass takes effect before the next step', async () => {
  const w = makeWorld({
    afterCall: async (call) => {
      if (call.startsWith('create')) await w.decide(suspendUntil('now', undefined));
    },
  });
  w.declare();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'created' });
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
});

test('a stop in the middle of a pass is obeyed by it', async () => {
  let ask = true;
  const w = makeWorld({
    afterCall: async (call) => {
      if (ask && call.startsWith('create')) await w.decide(stopByPerson(aDesired(), 'now'));
      ask &&= !call.startsWith('create');
    },
  });
  w.declare();
  await w.settle();
  expect(w.calls()).toEqual(['pull', 'home', 'create']);
  expect(w.status()?.phase).toBe('Held');
});

test('a timed suspension says when it looks again', async () => {
  const w = await running();
  await w.decide(suspendUntil('now', timestamp(w.clock.now() + 60_000)));
  expect(await w.one()).toMatchObject({ kind: 'again', afterMs: 60_000 });
});

test('stopped by a person it stays so, over edits and a new controller, until started', async () => {
  const w = await running();
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  w.restart();
  await w.settle();
  expect(w.states()).toMatchObject({ 'ws-ada': 'created' });
  expect(w.status()).toMatchObject({ phase: 'Held' });
  await w.decide(startByPerson(aDesired(), 'now', undefined));
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('an edit of spec.state is the newer word and drops the mark for good', async () => {
  const w = await running();
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  w.declare({ state: 'Stopped' });
  await w.settle();
  expect(w.intent()?.mark).toBeUndefined();
  expect(w.status()?.phase).toBe('Stopped');
  w.declare({ state: 'Running' });
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('a workspace declared stopped has no container until it is started', async () => {
  const w = makeWorld();
  w.declare({ state: 'Stopped' });
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()).toMatchObject({ phase: 'Stopped', pending: [], drift: [] });
});

test('a file that is gone changes nothing by itself: it is kept true by its last good spec, and says so', async () => {
  const w = await running();
  w.declarations.delete('ada');
  w.hands.kill('ws-ada');
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.condition('SourceAbsent')).toMatchObject({ status: 'True' });
  expect(w.status()).toMatchObject({ owner: 'ada', phase: 'Running' });
  w.declare();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test.each(['invalid', 'conflict'] as const)(
  '%s: the last good spec is kept true, also by a new controller',
  async (kind) => {
    const w = await running();
    w.spoil(kind);
    w.restart();
    w.hands.rm('ws-ada');
    await w.settle();
    expect(w.states()).toEqual({ 'ws-ada': 'running' });
    expect(w.condition('SpecValid')).toMatchObject({ status: 'False' });
    expect(w.condition('Ready')).toMatchObject({ status: 'True' });
    expect(w.status()?.message).toContain('ada.yaml:3:5');
  },
);

test.each(['invalid', 'conflict'] as const)('%s from the start: nothing is made', async (kind) => {
  const w = makeWorld();
  w.spoil(kind);
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()).toMatchObject({ phase: 'Failed' });
  expect(w.condition('SpecValid')).toMatchObject({ status: 'False' });
});

test('before the first settled scan nothing is done, not even what the last good spec says', async () => {
  const w = await running();
  w.restart();
  w.host.settled = false;
  w.hands.kill('ws-ada');
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.condition('Ready')).toMatchObject({ reason: 'SourceUnsettled' });
});

test('until the files are read, nothing is said about them that was not known before', async () => {
  const w = await running();
  const before = ['SpecValid', 'Conflict', 'SourceAbsent'].map((type) => w.condition(type));
  w.host.settled = false;
  w.declarations.clear();
  await w.one();
  expect(['SpecValid', 'Conflict', 'SourceAbsent'].map((type) => w.condition(type))).toEqual(before);
  w.restart();
  await w.one();
  expect(w.condition('SourceAbsent')).toMatchObject({ status: 'Unknown', reason: 'SourceUnsettled' });
  expect(w.condition('SpecValid')).toMatchObject({ status: 'Unknown', reason: 'SourceUnsettled' });
  expect(w.status()?.message).toBe('no settled scan of the specs yet');
});

import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { resumed, stopByPerson, suspendUntil } from '../../src/reconcilers/workspace/intents.ts';
import { aPolicy } from '../support/idle-looks.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const LOOKS = 8;
const idle = (over = {}) => ({ idle: aPolicy({ timeoutMs: 60_000, ...over }) });

/** One that runs, and was looked at often enough to be idle, unless something keeps it awake. */
async function lookUntilDue(w: TestWorld, looks = LOOKS): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    await w.lookIdle();
    await w.clock.advance(w.idle.settings.intervalMs);
  }
}
async function running(over: Partial<Desired> = idle(), options = {}): Promise<TestWorld> {
  const w = makeWorld(options);
  w.declare(over);
  await w.settle();
  return w;
}
const mark = (w: TestWorld) => w.intent()?.mark;

test('an idle one gets a mark, and the next pass stops it', async () => {
  const w = await running();
  await lookUntilDue(w);
  expect(mark(w)).toMatchObject({ run: 'Stopped', by: 'idle', forState: 'Running', evidence: /quiet for 1m: cpu 0 %/ });
  await w.settle();
  expect([w.status()?.phase, w.container()?.state]).toEqual(['Resting', 'exited']);
  expect(w.condition('Idle')).toMatchObject({ status: 'True', reason: 'Resting' });
  expect(w.events.reasons('ada').filter((reason) => reason === 'Rested')).toHaveLength(1);
});

test.each<[string, (w: TestWorld) => unknown]>([
  ['suspended', (w) => w.decide(suspendUntil('2026-01-01T00:00:00.000Z', undefined))],
  ['held by a person', (w) => w.decide(stopByPerson(w.intent()!.lastGood!.desired, ''))],
  ['two files declare it', (w) => w.spoil('conflict')],
  [
    'no file declares it, and it is to be stopped for that',
    (w) => {
      w.declarations.delete('ada');
      const tombstone = { since: '2026-01-01T00:00:00.000Z', ripeAt: '2026-01-01T00:01:00.000Z' };
      return w.decide((intent) => ({ ...intent, tombstone }));
    },
  ],
  ['the data folder is missing', (w) => w.host.holds.push({ reason: 'DataFolderMissing', message: 'gone' })],
  ['it is another instance’s', (w) => w.host.holds.push({ reason: 'Elsewhere', message: 'not ours' })],
  ['the sources are not settled', (w) => Object.assign(w.host, { settled: false })],
  ['its engine does not answer', (w) => Object.assign(w.engine, { reachable: false })],
  ['its spec says Stopped meanwhile', (w) => w.declare({ ...idle(), state: 'Stopped' })],
  [
    'a restart is owed',
    (w) => {
      const { id, startedAt } = w.container()!;
      const at = new Date(startedAt!).toISOString();
      return w.decide((intent) => ({ ...intent, restart: { id, startedAt: at, at: '' } }));
    },
  ],
  ['it is frozen', (w) => w.hands.pause('ws-ada')],
  ['it was stopped by a hand', (w) => w.hands.stop('ws-ada')],
])('no mark, however quiet it is: %s', async (_, happen) => {
  const w = await running();
  await lookUntilDue(w, 6);
  await happen(w);
  const before = mark(w);
  await lookUntilDue(w, 3);
  expect(mark(w)).toEqual(before);
});

test('the same holds once a pass has seen it, and the idle rule goes on when it is over', async () => {
  const w = await running();
  await w.decide(suspendUntil('2026-01-01T00:00:00.000Z', undefined));
  await w.settle();
  await lookUntilDue(w, 12);
  expect(mark(w)).toBe(undefined);
  expect(w.condition('Idle')).toMatchObject({
    reason: 'Idle',
    message: expect.stringMatching(/not put to rest: suspend/),
  });
  await w.decide(resumed);
  await w.settle();
  await lookUntilDue(w, 1);
  expect(mark(w)?.by).toBe('idle');
});

test.each<[string, Partial<Desired>]>([
  ['mode Observe', idle({ mode: 'Observe' })],
  ['enabled: false', idle({ enabled: false })],
])('%s never marks', async (_, over) => {
  const w = await running(over);
  await lookUntilDue(w, 20);
  expect(mark(w)).toBe(undefined);
});

test('Observe tells once for each quiet stretch, also over a restart of the controller', async () => {
  const w = await running(idle({ mode: 'Observe' }));
  const told = () => w.events.reasons('ada').filter((reason) => reason === 'WouldStop').length;
  await lookUntilDue(w, 20);
  expect(told()).toBe(1);
  w.restart();
  await w.settle();
  await lookUntilDue(w, 20);
  expect(told()).toBe(1);
  w.hands.type('ws-ada');
  await lookUntilDue(w, 20);
  expect(told()).toBe(2);
});

test('who came in between the last look and a kill of the controller is known to the next one', async () => {
  const w = await running(idle());
  await lookUntilDue(w, 6);
  w.idle.activity().open('ada', 'exec').close();
  w.restart();
  await w.settle();
  await lookUntilDue(w, 3);
  expect(mark(w)).toBe(undefined);
  await lookUntilDue(w, 20);
  expect(mark(w)).toMatchObject({ by: 'idle' });
});

test('whoever asks is told what is so now, and asking neither keeps awake nor makes idle', async () => {
  const w = await running();
  await lookUntilDue(w, 3);
  const peek = async () => (await w.idleWatch().sampler.peek('ada')).verdict;
  expect(await peek()).toMatchObject({ because: 'quiet for 30s of 1m', restsAt: expect.any(String) });
  const memory = w.idle.memories.get('ada');
  for (let second = 0; second < 5; second += 1) {
    await w.clock.advance(1_000);
    await peek();
  }
  expect(await peek()).toMatchObject({ because: 'quiet for 35s of 1m' });
  w.hands.type('ws-ada');
  expect(await peek()).toMatchObject({ because: expect.stringMatching(/^terminal keeps it awake/), idle: false });
  expect(await peek()).not.toHaveProperty('restsAt');
  expect(w.idle.memories.get('ada')).toBe(memory);
  await w.clock.advance(60_000);
  await peek();
  expect(mark(w)).toBe(undefined);
});

test.each<[string, (w: TestWorld) => unknown]>([
  ['a controller has just begun', (w) => Object.assign(w.host, { settled: false })],
  ['it is suspended', (w) => w.decide(suspendUntil('2026-01-01T00:00:00.000Z', undefined))],
])('who rests is told to rest, since when and why, also while nothing may be done: %s', async (_, happen) => {
  const w = await running();
  await lookUntilDue(w);
  await w.settle();
  const { phase, since, verdict, idleSince } = w.status()!;
  expect(verdict).toMatchObject({ idle: true });
  await w.clock.advance(5_000);
  await happen(w);
  await w.one();
  expect(w.status()).toMatchObject({ phase, since, verdict, idleSince });
  expect(w.condition('Idle')).toMatchObject({ status: 'True', reason: 'Resting' });
});

test('time without looks is not in what the status calls quiet', async () => {
  const w = await running(idle({ timeoutMs: 600_000 }));
  await lookUntilDue(w, 3);
  await w.clock.advance(120_000);
  await lookUntilDue(w, 1);
  const { quietMs, at } = w.status()!.verdict!;
  expect(quietMs).toBe(20_000);
  expect(Date.parse(at) - Date.parse(w.status()!.idleSince!)).toBe(quietMs);
});

test('who opens a stream or types between the last look and the mark is not stopped', async () => {
  let come = () => undefined as unknown;
  const w = await running(idle(), { beforeWrite: () => come() });
  await lookUntilDue(w, 6);
  // In the very moment in which the mark is on its way to the disk.
  come = () => w.idle.activity().open('ada', 'exec');
  await w.lookIdle();
  expect(mark(w)).toBe(undefined);
  come = () => undefined;
  await lookUntilDue(w, 6);
  expect(mark(w), 'a whole timeout later').toBe(undefined);
  await lookUntilDue(w, 2);
  expect(mark(w)?.by).toBe('idle');
});

test('a mark that is taken back leaves the one before it in force', async () => {
  let come = () => undefined as unknown;
  const w = await running({ ...idle(), state: 'OnDemand' }, { beforeWrite: () => come() });
  const desired = w.intent()!.lastGood!.desired;
  await w.decide((intent) => ({
    ...{ ...intent, seq: intent.seq + 1 },
    mark: { run: 'Running', by: 'access', seq: intent.seq + 1, at: '', forState: desired.state },
  }));
  await w.settle();
  await lookUntilDue(w, 6);
  come = () => w.idle.activity().open('ada', 'exec');
  await w.lookIdle();
  expect(mark(w)).toMatchObject({ run: 'Running', by: 'access' });
});

test('a key right before the last look keeps it', async () => {
  const w = await running();
  await lookUntilDue(w, 6);
  w.hands.type('ws-ada');
  await w.lookIdle();
  expect(mark(w)).toBe(undefined);
});

test('Jupyter is asked when all else is quiet, and a busy kernel or one that hides keeps it awake', async () => {
  const w = await running();
  w.hands.signals('ws-ada', { kernels: { servers: 1, kernels: 1, busy: 1 } });
  await lookUntilDue(w, 12);
  expect([mark(w), w.condition('Idle')?.message]).toEqual([undefined, 'jupyter keeps it awake: 1 of 1 kernels busy']);
  w.hands.signals('ws-ada', { unreadable: { kernels: 'it hides' } });
  await lookUntilDue(w, 12);
  expect(mark(w)).toBe(undefined);
  expect(w.condition('Idle')).toMatchObject({ status: 'Unknown', reason: 'SignalUnreadable' });
  expect(w.events.reasons('ada').filter((reason) => reason === 'KeptAwake')).toHaveLength(1);
  w.hands.signals('ws-ada', { unreadable: {}, cores: 1 });
  await lookUntilDue(w, 2);
  const { evidence } = w.idleWatch().sampler.entry('ada')!.verdict!;
  expect(evidence.find(({ signal }) => signal === 'jupyter')?.value).toBe('not asked: something else is');
});

test('jumps of the wall clock stop nobody, and end no lease early', async () => {
  const w = await running();
  const until = new Date(w.clock.now() + 3_600_000).toISOString();
  const at = new Date(w.clock.now()).toISOString();
  await w.decide((intent) => ({ ...intent, lease: { until, at, by: 'person' } }));
  for (const jump of [7_200_000, -86_400_000, 1e10]) {
    await lookUntilDue(w, 4);
    w.clock.jump(jump);
  }
  await lookUntilDue(w, 4);
  expect([mark(w), w.intent()?.lease?.ended]).toEqual([undefined, undefined]);
  await lookUntilDue(w, 350);
  expect(w.intent()?.lease?.ended, 'it has had its hour').toBe(true);
  expect(mark(w)?.by).toBe('idle');
});

test('its status changes with an answer and with the minute, not with every look', async () => {
  const w = await running(idle({ timeoutMs: 3_600_000 }));
  await lookUntilDue(w, 3);
  const before = w.changes();
  await lookUntilDue(w, 60);
  expect(w.changes() - before, 'quiet for ten minutes').toBe(0);
  w.hands.signals('ws-ada', { cores: 1 });
  await lookUntilDue(w, 60);
  expect(w.changes() - before, 'busy for ten minutes').toBeLessThanOrEqual(11);
  expect(w.changes() - before).toBeGreaterThanOrEqual(10);
});

test('when it rests is told, and stays where it was while nothing happens', async () => {
  const w = await running(idle({ timeoutMs: 3_600_000 }));
  const begin = w.clock.now();
  await lookUntilDue(w, 3);
  const { restsAt, idleSince } = w.status()!;
  expect([Date.parse(restsAt!) - begin, Date.parse(idleSince!) - begin]).toEqual([3_600_000, 0]);
  await lookUntilDue(w, 30);
  expect(w.status()).toMatchObject({ restsAt, idleSince });
  w.hands.signals('ws-ada', { cores: 1 });
  await lookUntilDue(w, 2);
  expect(w.status()).not.toHaveProperty('restsAt');
  expect(w.status()).not.toHaveProperty('idleSince');
});

test('the last look can fail: it goes on running and the reason is logged', async () => {
  const w = await running();
  await lookUntilDue(w, 6);
  w.engine.reachable = false;
  await expect(w.lookIdle()).resolves.toBeGreaterThan(0);
  expect([mark(w), w.idle.log.join()]).toEqual([undefined, expect.stringMatching(/could not be put to rest/)]);
});

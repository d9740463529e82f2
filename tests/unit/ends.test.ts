import { expect, test } from 'vitest';
import type { LastEnd } from '../../src/model/status.ts';
import { restByIdle, startByPerson, stopByPerson, toldEnd } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const running = async (over: Parameters<TestWorld['declare']>[0] = {}): Promise<TestWorld> => {
  // Nothing happens in no time.
  const w: TestWorld = makeWorld({ afterCall: () => w.clock.advance(10) });
  w.declare(over);
  await w.settle();
  await w.clock.advance(10_000);
  w.hands.signals('ws-ada', { processes: [{ pid: 42, command: 'python train.py' }] });
  return w;
};
const ends = (w: TestWorld) => w.told.flatMap(({ end }) => end ?? []);
/** The note of the last end is in the home. */
const written = (w: TestWorld) => w.decide(toldEnd(ends(w).at(-1)!));
const reasons = (w: TestWorld) => [...new Map(ends(w).map((end) => [end.at, end.reason])).values()];
const now = (w: TestWorld) => new Date(w.clock.now()).toISOString();

test('a stop of ours is told with its evidence and what ran right before it', async () => {
  const w = await running();
  await w.decide(restByIdle(aDesired(), now(w), 'quiet for 30m: cpu 0 %'));
  await w.settle();
  expect(ends(w).at(-1)).toMatchObject({
    reason: 'IdleStop',
    evidence: expect.stringMatching(/put to rest while idle at .*; quiet for 30m: cpu 0 %/),
    processes: ['python train.py (pid 42)'],
  });
  expect(w.status()?.lastEnd).toEqual({ at: expect.any(String), reason: 'IdleStop', evidence: ends(w)[0]!.evidence });
});

test('it is told until it is written, and never again, whoever restarts', async () => {
  const w = await running();
  await w.decide(stopByPerson(aDesired(), now(w)));
  await w.settle();
  await w.settle();
  expect(reasons(w)).toEqual(['StoppedByPerson']);
  await written(w);
  w.told.splice(0);
  await w.settle();
  w.restart(); // with the whole status folder
  await w.settle();
  expect(ends(w)).toEqual([]);
  expect(w.status()?.lastEnd, 'a status that was deleted has it again').toMatchObject({ reason: 'StoppedByPerson' });
});

test('a controller that dies right after its stop knows afterwards why, and what ran', async () => {
  const w = makeWorld({
    afterCall: (call) => {
      if (call.startsWith('stop')) throw new Error('killed');
    },
  });
  w.declare();
  await w.settle();
  w.hands.signals('ws-ada', { processes: [{ pid: 42, command: 'python train.py' }] });
  await w.decide(restByIdle(aDesired(), now(w), 'quiet for 30m'));
  await w.one().catch(() => undefined);
  w.told.splice(0);
  w.restart();
  await w.settle();
  expect(ends(w).at(-1)).toMatchObject({ reason: 'IdleStop', processes: ['python train.py (pid 42)'] });
});

test('an end by itself has the processes of the last look, with its age', async () => {
  const w = await running();
  const { id } = w.container()!;
  await w.parts().ends.seen({ id, pid: 1 });
  await w.clock.advance(20_000);
  w.hands.kill('ws-ada');
  await w.settle();
  const [end] = ends(w);
  expect(end).toMatchObject({ reason: 'StoppedByHand', processes: ['python train.py (pid 42)'] });
  expect(Date.parse(end!.at) - Date.parse(end!.processesSeenAt!)).toBe(20_000);
});

test('a kill by hand is not the memory’s, whatever ran out of it before in that container', async () => {
  const w = await running();
  w.container()!.oomKilled = true; // Docker keeps it, also over a restart of the container
  await w.settle();
  await w.clock.advance(20_000);
  w.hands.kill('ws-ada');
  await w.settle();
  expect(ends(w)[0]).toMatchObject({ reason: 'StoppedByHand' });
});

test('who goes down in its first shortage of memory went by that', async () => {
  const w = await running();
  w.hands.kill('ws-ada');
  w.container()!.oomKilled = true;
  await w.settle();
  expect(ends(w)[0]).toMatchObject({ reason: 'OOMKilled' });
});

test('an update tells what is asked for, and where', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.engine.registry.set('other:1', 'sha256:other');
  w.declare({ updatePolicy: 'Now', image: { ref: 'other:1', pullPolicy: 'IfNotPresent' }, env: { A: 'b' } });
  await w.settle();
  expect(ends(w).at(-1)).toMatchObject({
    reason: 'Updated',
    evidence: 'the spec changed: image workdock-test:latest -> other:1, env.A unset -> b, asked for in ada.yaml:1',
  });
});

test('a file that says Stopped is the reason, whatever was marked before', async () => {
  const w = await running();
  await w.decide(startByPerson(aDesired(), now(w), undefined));
  w.declare({ state: 'Stopped' });
  await w.settle();
  expect(reasons(w)).toEqual(['StoppedBySpec']);
});

test('an end that is seen while nothing may be done to it is told as well', async () => {
  const w = await running();
  w.host.holds.push({ reason: 'Suspended', message: 'all' });
  w.hands.kill('ws-ada');
  await w.settle();
  expect(reasons(w)).toEqual(['StoppedByHand']);
  w.host.holds.splice(0);
  w.declarations.delete('ada');
  await w.settle();
  expect(reasons(w)).toEqual(['StoppedByHand']);
});

test('twenty ends are twenty, and none is told of a container that comes back from being set aside', async () => {
  const w = await running({ updatePolicy: 'Now' });
  for (let i = 0; i < 20; i += 1) {
    await w.clock.advance(61_000);
    w.hands.exit('ws-ada', 3);
    await w.settle();
    await written(w);
  }
  expect(reasons(w)).toEqual(Array<LastEnd['reason']>(20).fill('Crashed'));
  w.told.splice(0);
  await w.clock.advance(61_000);
  w.engine.crashing.add('*');
  w.declare({ updatePolicy: 'Now', env: { A: 'bad' } });
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(reasons(w)).toEqual(['Updated', 'Crashed']);
});

test('kills for want of memory are told with what is missing since', async () => {
  const w = await running();
  await w.one();
  const { id } = w.container()!;
  await w.parts().ends.seen({ id, pid: 1 });
  w.container()!.oomKills = 1;
  w.hands.signals('ws-ada', { processes: [] });
  await w.settle();
  await w.settle();
  expect(w.told.flatMap(({ outOfMemory }) => outOfMemory ?? [])).toEqual([
    { at: expect.any(String), kills: 1, limitBytes: 256 * 2 ** 20, missing: ['python train.py (pid 42)'] },
  ]);
});

test('what holds for it is told with the limits in force', async () => {
  const w = await running();
  w.container()!.memoryInUseBytes = 200 * 2 ** 20;
  w.declare({ limits: { nanoCpus: 1e9, memoryBytes: 128 * 2 ** 20, pids: 64 } });
  await w.settle();
  // Memory is not lowered into what is used.
  expect(w.told.at(-1)?.about?.limits).toEqual({ nanoCpus: 1e9, memoryBytes: 256 * 2 ** 20, pids: 64 });
});

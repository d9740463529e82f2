import { expect, test } from 'vitest';
import { pauseMs } from '../../src/reconcilers/workspace/crash-loop.ts';
import { startByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const running = async (over: Parameters<TestWorld['declare']>[0] = {}) => {
  const w = makeWorld();
  w.declare(over);
  await w.settle();
  await w.clock.advance(10_000);
  w.calls();
  return w;
};

test('a crash loop is healed at once twice, then with pauses that grow to five minutes', () => {
  const pauses = Array.from({ length: 13 }, (_, n) => pauseMs(n + 1) / 1_000);
  expect(pauses).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('a container that keeps ending is started with growing pauses; the status says when', async () => {
  const w = await running();
  const pauses: number[] = [];
  for (let ends = 0; ends < 14; ends += 1) {
    await w.clock.advance(100);
    w.hands.exit('ws-ada', 3);
    const result = await w.one();
    pauses.push(result.kind === 'again' ? Math.round(result.afterMs / 1_000) : 0);
    if (result.kind !== 'again') continue;
    expect(w.status()).toMatchObject({ phase: 'Failed', lastEnd: { reason: 'Crashed', evidence: 'exit code 3' } });
    expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'CrashLoopBackOff' });
    await w.clock.advance(result.afterMs);
    expect(await w.one()).toEqual({ kind: 'settled' });
  }
  // The first run lasted ten seconds: it counts like the others, none of which stayed for a minute.
  expect(pauses).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test('a minute of running forgives earlier ends', async () => {
  const w = await running();
  for (let ends = 0; ends < 4; ends += 1) {
    w.hands.kill('ws-ada');
    await w.settle();
  }
  await w.clock.advance(60_000);
  w.hands.kill('ws-ada');
  expect(await w.one()).toEqual({ kind: 'settled' });
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('a new spec starts with a clean slate', async () => {
  const w = await running();
  for (let ends = 0; ends < 4; ends += 1) {
    w.hands.kill('ws-ada');
    await w.settle();
  }
  w.hands.kill('ws-ada');
  expect(await w.one()).toMatchObject({ kind: 'again' });
  w.declare({ labels: { fixed: 'yes' } });
  expect(await w.one()).toEqual({ kind: 'settled' });
  expect(w.states()).toMatchObject({ 'ws-ada': 'running' });
});

const image = { command: { kind: 'Image' } } as const;
test.each([
  ['Never', 0, 'exited'],
  ['Never', 1, 'exited'],
  ['OnFailure', 0, 'exited'],
  ['OnFailure', 1, 'running'],
  ['Always', 0, 'running'],
  ['Always', 1, 'running'],
] as const)('restart policy %s: after an end with code %d it is %s', async (restartPolicy, code, state) => {
  const w = await running({ ...image, restartPolicy });
  w.hands.exit('ws-ada', code);
  expect(await w.settle()).toEqual({ kind: 'settled' });
  expect(w.states()).toEqual({ 'ws-ada': state });
  if (state === 'running') return;
  expect(w.status()).toMatchObject({ phase: 'Stopped', drift: [], lastEnd: { evidence: `exit code ${code}` } });
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'Completed' });
  expect(w.condition('Degraded'), 'an end that the policy leaves alone is nobody’s hand').toMatchObject({
    status: 'False',
  });
  w.restart();
  await w.settle();
  expect(w.calls(), 'nor does a new controller start it').toEqual([]);
});

test.each([0, 1])('command Keep has no end of its own: code %d is healed', async (code) => {
  const w = await running({ restartPolicy: 'Never' });
  w.hands.exit('ws-ada', code);
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('a completed workspace runs again when a person starts it', async () => {
  const w = await running({ ...image, restartPolicy: 'Never' });
  w.hands.exit('ws-ada', 0);
  await w.settle();
  const { current } = await w.runtime.observe({ name: 'ada' });
  await w.decide(startByPerson(aDesired(), 'now', current));
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  w.hands.exit('ws-ada', 0);
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'exited' });
});

test('a job whose new revision fails at once: the one before comes back and runs', async () => {
  const w = await running({ ...image, restartPolicy: 'Never', updatePolicy: 'Now' });
  const old = w.container()!.id;
  w.engine.crashing.add('*');
  w.declare({ ...image, restartPolicy: 'Never', updatePolicy: 'Now', env: { A: 'bad' } });
  await w.settle();
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
});

test('memory kills of any process are events with count and limit, once each', async () => {
  const w = await running();
  await w.one();
  const ooms = async () =>
    (await w.events.store.read({ name: 'ada' })).flatMap(({ reason, evidence }) =>
      reason === 'OOMKilled' ? [evidence] : [],
    );
  w.container()!.oomKills = 2;
  await w.settle();
  await w.settle();
  expect(await ooms()).toEqual([{ kills: 2, limitBytes: 256 * 2 ** 20 }]);
  expect(w.status()?.oom).toMatchObject({ kills: 2, limitBytes: 256 * 2 ** 20 });
  w.restart();
  await w.settle();
  expect((await ooms()).length, 'a new controller repeats none').toBe(1);
});

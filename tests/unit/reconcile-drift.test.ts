import { expect, test } from 'vitest';
import { restartByPerson, startByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

type Hand = [name: string, field: string, do_: (w: TestWorld) => void];
const hands: Hand[] = [
  ['docker rm -f', 'container', (w) => w.hands.rm('ws-ada')],
  ['docker stop', 'state', (w) => w.hands.stop('ws-ada')],
  ['docker kill', 'state', (w) => w.hands.kill('ws-ada')],
  ['docker pause', 'state', (w) => w.hands.pause('ws-ada')],
  ['docker rename', 'container.name', (w) => w.hands.rename('ws-ada', 'mine')],
  ['docker update', 'resources.memory', (w) => w.hands.update('ws-ada', 2 ** 30)],
  ['docker update --restart', 'restart', (w) => w.hands.restartPolicy('ws-ada', 'always')],
  ['docker network disconnect', 'network', (w) => w.hands.disconnect('ws-ada')],
  ['another address', 'network.address', (w) => w.container()!.networks.set('ws-net', '10.99.0.99')],
  ['another image under our hash', 'image', (w) => w.hands.swapImage('ws-ada', 'other:1')],
];

const running = async (drift: 'Heal' | 'Report') => {
  const w = makeWorld();
  w.declare({ drift });
  await w.settle();
  await w.clock.advance(10_000);
  w.calls();
  return w;
};
const asWanted = (w: TestWorld) => {
  const c = w.container();
  return {
    states: w.states(),
    limits: c?.limits,
    networks: [...(c?.networks ?? [])],
    restartPolicy: c?.restartPolicy,
    image: c?.imageRef,
  };
};

test.each(hands)('%s is healed', async (_, field, act) => {
  const w = await running('Heal');
  const before = asWanted(w);
  act(w);
  expect(await w.settle()).toEqual({ kind: 'settled' });
  expect(asWanted(w)).toEqual(before);
  expect(w.status()).toMatchObject({ phase: 'Running', drift: [], pending: [], plan: [] });
  expect(w.condition('Degraded')).toMatchObject({ status: 'False' });
  const told = (await w.events.store.read({ name: 'ada' })).filter(({ reason }) => reason === 'Drift');
  expect(told.map(({ message }) => message.split(':')[0])).toEqual([field]);
});

test.each(hands)('%s is reported and left under drift: Report', async (_, field, act) => {
  const w = await running('Report');
  act(w);
  const found = w.states();
  await w.settle();
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.states()).toEqual(found);
  expect(w.status()?.drift.map((change) => change.field)).toContain(field);
  expect(w.status()?.plan.length, 'the status says what healing would do').toBeGreaterThan(0);
  expect(w.condition('Degraded')).toMatchObject({ status: 'True', reason: 'Drift' });
});

test('under drift: Report a person still has their way, and so has the file', async () => {
  const w = await running('Report');
  w.hands.pause('ws-ada');
  await w.settle();
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'exited' });
  expect(w.status()).toMatchObject({ phase: 'Held', drift: [] });
  w.declare({ drift: 'Report', state: 'Stopped' });
  await w.settle();
  w.declare({ drift: 'Report' });
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test.each([
  ['rm -f', (w: TestWorld) => w.hands.rm('ws-ada')],
  ['rename', (w: TestWorld) => w.hands.rename('ws-ada', 'mine')],
])('under drift: Report a person who starts or restarts it undoes docker %s', async (_, act) => {
  for (const verb of [startByPerson, restartByPerson]) {
    const w = await running('Report');
    act(w);
    await w.settle();
    const { current } = await w.runtime.observe({ name: 'ada' });
    await w.decide(verb(aDesired(), 'now', current));
    await w.settle();
    expect(w.states()).toEqual({ 'ws-ada': 'running' });
    expect(w.status()).toMatchObject({ phase: 'Running', drift: [] });
    act(w);
    await w.settle();
    expect(w.states()['ws-ada'], 'but not what hands do after that').toBeUndefined();
  }
});

test('a renamed container is reported with the whole name it had and has', async () => {
  const w = await running('Report');
  w.hands.rename('ws-ada', 'mine');
  await w.settle();
  expect(w.status()?.drift).toMatchObject([{ field: 'container.name', from: 'mine', to: 'ws-ada' }]);
});

test('under drift: Report a replacement is still finished, back or forth', async () => {
  const w = await running('Report');
  const old = w.container()!.hash;
  w.engine.crashing.add('*');
  const next = { drift: 'Report', updatePolicy: 'Now', env: { A: 'b' } } as const;
  w.declare(next);
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.container()?.hash).toBe(old);
  w.declare({ ...next, env: { A: 'c' } });
  await w.settle();
  expect(w.states(), 'no container is left aside').toEqual({ 'ws-ada': 'running' });
  expect(w.container()?.hash).not.toBe(old);
});

test('a renamed container gets its name back and is not made anew', async () => {
  const w = await running('Heal');
  const { id, startedAt } = w.container()!;
  w.hands.rename('ws-ada', 'mine');
  await w.settle();
  expect(w.calls()).toEqual(['restore']);
  expect(w.container()).toMatchObject({ id, startedAt });
});

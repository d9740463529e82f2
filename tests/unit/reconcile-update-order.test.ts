import { expect, test } from 'vitest';
import { timestamp } from '../../src/lib/clock.ts';
import { stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { makeSight } from '../../src/reconcilers/workspace/preview.ts';
import { makeUpdate } from '../../src/update.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const blue = { env: { COLOUR: 'blue' } };
const home = (name: string) => ({ ...aDesired().home, place: { kind: 'folder' as const, name } });
const declare = (w: TestWorld, name: string, over: Parameters<TestWorld['declare']>[0] = {}) =>
  w.declare({ name, owner: name, home: home(name), ...over });

/** Workspaces that run, each with a change that waits for a restart, and the verb that asks for it. */
async function waiting(names = ['ada'], { atOnce = 1 } = {}) {
  const w = makeWorld();
  for (const name of names) declare(w, name);
  for (const name of names) await w.settle(name);
  await w.clock.advance(10_000);
  for (const name of names) declare(w, name, blue);
  for (const name of names) await w.settle(name);
  w.calls();
  const update = makeUpdate({
    ...{ intents: w.intents.store, clock: w.clock, atOnce },
    sight: makeSight({ runtime: w.runtime, world: w.parts().world, intents: w.intents.store, clock: w.clock }),
    status: (name) => w.status(name)!,
    check: () => undefined,
    mark: async (name, change) => {
      await w.decide(change, name);
      return w.status(name)!;
    },
  });
  return { w, update };
}
const told = async (w: TestWorld, name = 'ada') =>
  (await w.events.store.read({ name }))
    .map(({ reason }) => reason)
    .filter((reason) => /^Update|^Revision/.test(reason));

test('an order is through when what waited runs and has stayed up', async () => {
  const { w, update } = await waiting();
  const old = w.container()!.id;
  expect(await update('ada', 60_000)).toMatchObject({ outcome: 'asked', order: { at: timestamp(w.clock.now()) } });
  expect(await w.one()).toMatchObject({ kind: 'again', afterMs: 2_000 });
  expect(w.status()?.update?.outcome, 'it runs, and may still end').toBeUndefined();
  await w.settle();
  expect(w.status()?.update).toMatchObject({ outcome: 'updated' });
  expect(w.container()?.id).not.toBe(old);
  expect(w.intent()?.mark, 'nobody decided about its run state').toBeUndefined();
  expect(await update('ada', 60_000)).toMatchObject({ outcome: 'upToDate' });
  expect(await told(w)).toEqual(['UpdateApplied']);
});

test.each(['unstartable', 'crashing'] as const)('one that is %s is put back, and runs as before', async (how) => {
  const { w, update } = await waiting();
  const old = w.container()!.id;
  await update('ada', 60_000);
  w.engine[how].add('*');
  await w.settle();
  expect(w.status()?.update).toMatchObject({
    outcome: 'putBack',
    message: expect.stringMatching(/exit code 1|no such file/),
  });
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(await told(w)).toEqual(['RevisionFailed', 'UpdateGivenUp']);
  w.engine[how].clear();
  expect(await update('ada', 60_000), 'asked again it is tried again').toMatchObject({ outcome: 'asked' });
  await w.settle();
  expect(w.status()?.update).toMatchObject({ outcome: 'updated' });
});

test('one that cannot be begun in time is withdrawn: what runs goes on, also when the way is free later', async () => {
  const { w, update } = await waiting();
  const { id, startedAt } = w.container()!;
  w.host.network = { reason: 'RulesMissing', message: 'no rules' };
  await update('ada', 60_000);
  await w.settle('ada', 3);
  expect(w.status()?.update?.outcome).toBeUndefined();
  await w.clock.advance(60_000);
  await w.settle('ada', 3);
  expect(w.status()?.update).toMatchObject({ outcome: 'givenUp', message: expect.stringMatching(/begun.*no rules/) });
  delete w.host.network;
  await w.settle();
  expect(w.container()).toMatchObject({ id, startedAt, state: 'running' });
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'NextStop' });
});

test('one that does not come up in time is put back, though no end of it was seen', async () => {
  const { w, update } = await waiting();
  const old = w.container()!.id;
  const start = w.runtime.start;
  // The engine takes every start of the new one, and it never answers.
  w.runtime.start = async (id, fitted) => {
    if (id !== old) w.engine.reachable = false;
    await start(id, fitted);
  };
  await update('ada', 60_000);
  expect(await w.one()).toMatchObject({ kind: 'failed' });
  w.engine.reachable = true;
  expect(w.states()).toEqual({ 'ws-ada': 'created', 'ws-ada.old.1': 'exited' });
  await w.clock.advance(60_000);
  await w.settle();
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
  expect(w.status()?.update).toMatchObject({
    outcome: 'putBack',
    message: 'not running after 1m: the engine does not answer',
  });
  expect(w.condition('Degraded')).toMatchObject({ reason: 'RolledBack' });
});

test('a moved tag is taken along, and its way back is the old image', async () => {
  const { w, update } = await waiting();
  await update('ada', 60_000);
  await w.settle();
  const old = w.container()!.id;
  w.engine.images.set('workdock-test:latest', 'sha256:newer');
  await w.settle();
  await w.clock.advance(10_000);
  await update('ada', 60_000);
  w.engine.crashing.add(w.container()!.hash);
  await w.one();
  w.engine.crashing.clear();
  await w.settle();
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
  expect(w.status()?.update).toMatchObject({ outcome: 'putBack' });
  await update('ada', 60_000);
  await w.settle();
  expect(w.container()).toMatchObject({ imageId: 'sha256:newer', state: 'running' });
});

test('who is down is not woken, and takes a moved tag at the next start, whoever starts it', async () => {
  const { w, update } = await waiting();
  await update('ada', 60_000);
  await w.settle();
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  w.engine.images.set('workdock-test:latest', 'sha256:newer');
  await w.settle();
  w.calls();
  expect(await update('ada', 60_000)).toMatchObject({ outcome: 'atNextStart' });
  await w.settle();
  expect(w.calls()).toEqual([]);
  const { mark: _mark, ...woken } = w.intent()!;
  await w.decide(() => woken);
  await w.settle();
  expect(w.container()).toMatchObject({ imageId: 'sha256:newer', state: 'running' });
});

test('somebody stops it meanwhile: nothing came of the order', async () => {
  const { w, update } = await waiting();
  await update('ada', 60_000);
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  expect(w.status()?.update).toMatchObject({ outcome: 'givenUp', message: 'stopped by a person at now' });
});

test.each([1, 2])('no more than %d at once, whoever asks, also after a restart of the controller', async (atOnce) => {
  const names = ['ada', 'bea', 'cleo'];
  const { w, update } = await waiting(names, { atOnce });
  const first = await Promise.all(names.map((name) => update(name, 60_000)));
  expect(first.filter(({ outcome }) => outcome === 'asked')).toHaveLength(atOnce);
  expect(first[2]).toMatchObject({ outcome: 'later', onTheirWay: names.slice(0, atOnce) });
  expect(await update('ada', 60_000)).toMatchObject({ outcome: 'later' });
  w.restart();
  const statusOfNothing = await update('cleo', 60_000);
  expect(statusOfNothing, 'also before it has looked at anybody').toMatchObject({ outcome: 'later' });
  for (const name of names) await w.settle(name);
  expect(await update('cleo', 60_000)).toMatchObject({ outcome: 'asked' });
});

test('one that something else holds does not hold up the others for ever', async () => {
  const { w, update } = await waiting(['ada', 'bea']);
  await update('ada', 60_000);
  w.host.holds.push({ reason: 'Suspended', message: 'all' });
  await w.settle();
  expect(await update('bea', 60_000)).toMatchObject({ outcome: 'later' });
  await w.clock.advance(121_000);
  expect(await update('bea', 60_000)).toMatchObject({ outcome: 'asked' });
});

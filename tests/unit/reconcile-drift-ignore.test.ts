import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { type Ignorable, ignorable } from '../../src/model/drift.ts';
import { restartByPerson, startByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { leftToHands, reachedLive } from '../../src/reconcilers/workspace/live-fields.ts';
import { aDesired, aFitted } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const MiB = 2 ** 20;
const { limits } = aDesired();
const everything: Ignorable[] = [...ignorable];

type Hand = [name: string, field: Ignorable, do_: (w: TestWorld) => void];
const set = (w: TestWorld, over: Partial<typeof limits>) => {
  const c = w.container()!;
  c.limits = { ...c.limits, ...over };
};
const hands: Hand[] = [
  ['another cpu limit', 'resources.cpu', (w) => set(w, { nanoCpus: 2e9 })],
  ['more memory', 'resources.memory', (w) => set(w, { memoryBytes: 512 * MiB })],
  ['less memory', 'resources.memory', (w) => set(w, { memoryBytes: 64 * MiB })],
  ['no memory limit', 'resources.memory', (w) => set(w, { memoryBytes: 0 })],
  ['other pids', 'resources.pids', (w) => set(w, { pids: 16 })],
  ['network disconnect', 'network', (w) => w.hands.disconnect('ws-ada')],
  ['network connect', 'network', (w) => w.container()!.networks.set('foreign', '172.20.0.2')],
];

const running = async (over: Partial<Desired>) => {
  const w = makeWorld();
  w.declare(over);
  await w.settle();
  await w.clock.advance(10_000);
  await w.settle();
  w.calls();
  return w;
};
const live = (w: TestWorld) => ({ limits: w.container()?.limits, networks: [...(w.container()?.networks ?? [])] });
const told = async (w: TestWorld, reason: string) =>
  (await w.events.store.read({ name: 'ada' })).filter((event) => event.reason === reason);

test.each(hands)('%s is left where %s is ignored, and is neither drift nor pending', async (_, field, act) => {
  for (const drift of ['Heal', 'Report'] as const) {
    const w = await running({ drift, driftIgnore: [field] });
    act(w);
    const found = live(w);
    expect(await w.settle()).toEqual({ kind: 'settled' });
    const writes = [w.changes(), w.intents.writes()];
    await w.settle();
    expect([w.changes(), w.intents.writes()], 'a second look writes nothing').toEqual(writes);
    expect(w.calls()).toEqual([]);
    expect(live(w)).toEqual(found);
    expect(w.status()).toMatchObject({ phase: 'Running', drift: [], pending: [], plan: [], message: '' });
    expect(w.status()?.ignored?.map((row) => row.field)).toEqual([field]);
    for (const [type, status] of Object.entries({ Ready: 'True', Degraded: 'False', UpdatePending: 'False' })) {
      expect(w.condition(type)?.status, type).toBe(status);
    }
    expect(await told(w, 'Drift')).toEqual([]);
    expect(await told(w, 'DriftIgnored')).toMatchObject([{ type: 'Normal', count: 1 }]);
  }
});

test.each(hands)('%s is healed where only others than %s are ignored', async (_, field, act) => {
  const w = await running({ driftIgnore: everything.filter((each) => each !== field) });
  const before = live(w);
  act(w);
  await w.settle();
  expect(live(w)).toEqual(before);
  expect(w.status()).not.toHaveProperty('ignored');
});

test.each(hands)('after %s a new value of %s in the file is applied, and then ignored again', async (_, field, act) => {
  const next: Partial<Desired> = {
    limits: { nanoCpus: 3e9, memoryBytes: 300 * MiB, pids: 200 },
    network: { mode: 'none', allow: [] },
  };
  const w = await running({ driftIgnore: [field] });
  const old = live(w);
  act(w);
  await w.settle();
  w.declare({ driftIgnore: [field], ...(field === 'network' ? { network: next.network! } : { limits: next.limits! }) });
  await w.settle();
  const wanted = field === 'network' ? { ...old, networks: [] } : { ...old, limits: next.limits };
  expect(live(w)).toEqual(wanted);
  expect(w.status()).not.toHaveProperty('ignored');
  // ... and back, which is another value than the one in force.
  w.declare({ driftIgnore: [field] });
  await w.settle();
  expect(live(w)).toEqual(old);
  act(w);
  const found = live(w);
  await w.settle();
  expect(live(w)).toEqual(found);
});

test('one update of the engine sets what the file changed and leaves what is ignored', async () => {
  const w = await running({ driftIgnore: ['resources.memory'] });
  set(w, { memoryBytes: 512 * MiB });
  w.hands.restartPolicy('ws-ada', 'always');
  w.declare({ driftIgnore: ['resources.memory'], limits: { ...limits, nanoCpus: 3e9, pids: 77 } });
  await w.settle();
  expect(w.calls()).toEqual(['update']);
  expect(w.container()).toMatchObject({ limits: { nanoCpus: 3e9, memoryBytes: 512 * MiB, pids: 77 } });
  expect(w.container()?.restartPolicy, 'that the engine starts it by itself is never ignored').toBeUndefined();
  expect(w.status()?.ignored).toMatchObject([{ field: 'resources.memory', from: '512Mi', to: '256Mi' }]);
});

test('an edit of something else leaves what is ignored, also when it has to wait', async () => {
  const w = await running({ driftIgnore: everything });
  set(w, { memoryBytes: 512 * MiB });
  w.hands.disconnect('ws-ada');
  w.declare({ driftIgnore: everything, env: { A: 'b' } });
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()?.pending).toMatchObject([{ field: 'env.A', cost: 'nextStop' }]);
  expect(w.status()?.ignored).toMatchObject([{ field: 'resources.memory' }, { field: 'network' }]);
});

test('it survives a stop and a start, a restart by a person, and a restart of the controller', async () => {
  const w = await running({ driftIgnore: everything });
  set(w, { memoryBytes: 512 * MiB });
  const { current } = await w.runtime.observe({ name: 'ada' });
  for (const act of [
    () => w.decide(stopByPerson(aDesired(), 'now')),
    () => w.decide(startByPerson(aDesired(), 'now', undefined)),
    () => w.decide(restartByPerson(aDesired(), 'later', current)),
    () => w.restart(),
  ]) {
    await act();
    await w.settle();
    expect(w.container()?.limits.memoryBytes).toBe(512 * MiB);
    expect(w.status()?.ignored).toMatchObject([{ field: 'resources.memory' }]);
  }
  expect(w.status()?.phase).toBe('Running');
});

test('a container that is made anew has what the file says', async () => {
  const w = await running({ driftIgnore: everything });
  set(w, { memoryBytes: 512 * MiB });
  w.declare({ driftIgnore: everything, updatePolicy: 'Now', env: { A: 'b' } });
  await w.settle();
  expect(w.container()?.limits).toEqual(limits);
  expect(w.status()).not.toHaveProperty('ignored');
  set(w, { memoryBytes: 512 * MiB });
  w.hands.rm('ws-ada');
  await w.settle();
  expect(w.container()?.limits).toEqual(limits);
});

test('one that is brought back gets what the file says by now, and is not taken for changed by hand', async () => {
  const w = await running({ driftIgnore: everything });
  const more = { ...limits, memoryBytes: 512 * MiB };
  w.engine.crashing.add('*');
  w.declare({ driftIgnore: everything, updatePolicy: 'Now', env: { A: 'b' }, limits: more });
  await w.settle();
  expect(w.status()?.pending, 'the new revision failed').toMatchObject([{ field: 'env.A' }]);
  expect(w.container()?.limits).toEqual(more);
});

test('ignored from now on: what is reported stays, and what is healed was healed', async () => {
  const w = await running({ drift: 'Report' });
  set(w, { memoryBytes: 512 * MiB });
  await w.settle();
  expect(w.status()?.drift).toHaveLength(1);
  w.declare({ drift: 'Heal', driftIgnore: ['resources.memory'] });
  await w.settle();
  expect(w.container()?.limits.memoryBytes).toBe(512 * MiB);
  expect(w.status()).toMatchObject({ drift: [], ignored: [{ field: 'resources.memory' }] });
  w.declare({ drift: 'Heal' });
  await w.settle();
  expect(w.container()?.limits.memoryBytes).toBe(256 * MiB);
  expect(w.status()).not.toHaveProperty('ignored');
});

test('a value that the file had before, and has again while another change waits, is applied', async () => {
  for (const over of [{ driftIgnore: everything }, { drift: 'Report' as const }]) {
    const w = await running(over);
    w.declare({ ...over, env: { A: 'b' }, limits: { ...limits, memoryBytes: 512 * MiB } });
    await w.settle();
    expect(w.container()?.limits.memoryBytes).toBe(512 * MiB);
    w.declare(over);
    await w.settle();
    expect(w.container()?.limits, JSON.stringify(over)).toEqual(limits);
  }
});

test('what was never as the file says is made so before anything is ignored', async () => {
  const w = makeWorld();
  w.declare({ driftIgnore: everything });
  w.host.network = { reason: 'NetworkUnguarded', message: 'no rules' };
  await w.settle();
  set(w, { memoryBytes: 512 * MiB });
  delete w.host.network;
  await w.settle();
  expect(w.status()?.phase).toBe('Running');
  w.forget('ada');
  set(w, { memoryBytes: 512 * MiB });
  await w.settle();
  expect(w.container()?.limits, 'nobody knows what was in force').toEqual(limits);
});

test('an intent of an earlier build knows what was in force, and is not written for that', async () => {
  const w = await running({});
  const before = w.intent();
  expect(before?.reached).not.toHaveProperty('liveOf');
  w.restart();
  await w.settle();
  expect(w.intent()).toEqual(before);
  set(w, { memoryBytes: 512 * MiB });
  w.declare({ driftIgnore: everything });
  await w.settle();
  expect(w.container()?.limits.memoryBytes).toBe(512 * MiB);
  expect(w.intent()?.generation).toBe(before!.generation + 1);
});

test('the limits of the status are those in force, and one that was taken away is told so', async () => {
  const w = await running({ driftIgnore: ['resources.cpu', 'resources.memory'] });
  set(w, { nanoCpus: 3e9, memoryBytes: 0, pids: 16 });
  await w.settle();
  expect(w.status()?.limits).toEqual({ cpus: 3, memoryBytes: 256 * MiB, pids: 128 });
  expect(w.status()?.ignored).toMatchObject([{ from: '3' }, { from: 'no limit', to: '256Mi' }]);
});

test('who changes it every minute is told of once', async () => {
  const w = await running({ driftIgnore: ['resources.memory'] });
  for (const more of [300, 301, 302, 303]) {
    set(w, { memoryBytes: more * MiB });
    await w.settle();
    expect(w.status()?.ignored).toMatchObject([{ from: `${more}Mi` }]);
  }
  expect(await told(w, 'DriftIgnored')).toHaveLength(1);
});

test('of what another container had been nothing is known of this one', () => {
  const fitted = aFitted({ driftIgnore: everything });
  const target = { fitted, run: 'Running', because: '', generation: 1, reachedBefore: true } as const;
  const record = { ...target, reachedLive: { 'resources.memory': '256Mi' }, reachedLiveOf: 'before' };
  const waits = { field: 'resources.memory', from: '512Mi', to: '256Mi', cost: 'nextStop', drift: false } as const;
  expect(reachedLive(record, { id: 'after' }, [waits])).not.toHaveProperty('resources.memory');
  expect(reachedLive(record, { id: 'before' }, [waits])).toHaveProperty('resources.memory', '256Mi');
  expect(leftToHands(record, { id: 'after' })).toEqual([]);
});

test('an address that is not its own is never left, and giving it back does not take it off the network', async () => {
  const w = await running({ driftIgnore: ['network'] });
  const before = live(w);
  w.container()!.networks.set('ws-net', '10.99.0.99');
  await w.settle();
  expect(w.calls()).toEqual(['connect']);
  expect(live(w)).toEqual(before);
  expect(await told(w, 'Drift')).toMatchObject([
    { message: expect.stringMatching(/^network\.address: 10\.99\.0\.99/) },
  ]);
});

test('memory that waits for the next stop is not named in an update of something else', async () => {
  const w = await running({});
  w.hands.use('ws-ada', 250 * MiB);
  w.hands.update('ws-ada', 0);
  w.declare({ limits: { ...limits, nanoCpus: 3e9 } });
  expect(await w.settle(), 'who uses more than the limit that hands took away').toEqual({ kind: 'settled' });
  expect(w.container()?.limits).toEqual({ ...limits, nanoCpus: 3e9, memoryBytes: 0 });
  expect(w.status()?.drift).toMatchObject([{ field: 'resources.memory', from: 'no limit', cost: 'nextStop' }]);
  w.hands.use('ws-ada', MiB);
  await w.settle();
  expect(w.container()?.limits.memoryBytes).toBe(256 * MiB);
});

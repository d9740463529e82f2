import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { handMadeHash } from '../../src/model/observed.ts';
import { restartByPerson, restByIdle, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { begin, type FakeContainer } from '../../src/runtime/fake/engine.ts';
import { quietSignals } from '../../src/runtime/fake/signals.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const ID = 'c'.repeat(64);

/** Somebody's own container under the name, on the home, which runs. */
function byHand(w: TestWorld, over: Partial<FakeContainer> = {}): FakeContainer {
  w.engine.homes.set('/data/users/ada', { uid: 20_002, gid: 20_002, mark: 'thesis' });
  const made: FakeContainer = {
    ...{ id: ID, name: 'ws-ada', workspace: null, state: 'created', hash: '', generation: 0, restartPolicy: 'always' },
    ...{ imageRef: 'their:1', imageId: 'sha256:their', limits: { nanoCpus: 0, memoryBytes: 0, pids: 0 } },
    ...{ networks: new Map([['bridge', '172.17.0.2']]), homeSource: '/data/users/ada', mountSources: [] },
    ...{ createdAt: w.engine.now(), exitCode: 0, error: '', oomKilled: false, oomKills: 0 },
    ...{ memoryInUseBytes: 2 ** 20, written: new Map(), signals: quietSignals(w.engine.monotonic()), ...over },
  };
  w.engine.containers.set(made.id, made);
  if (!over.state) begin(w.engine, made);
  return made;
}
const taken = (w: TestWorld) => w.condition('NameTaken');
async function adopted(over: Partial<Desired> = {}) {
  const w = makeWorld();
  const c = byHand(w);
  w.declare({ adopt: true, ...over });
  await w.settle();
  return { w, c };
}

test('what runs under its name is left alone, and taken over as it runs when the spec says so', async () => {
  const w = makeWorld();
  const c = byHand(w);
  const { startedAt } = c;
  w.declare();
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(taken(w)).toMatchObject({ status: 'True', reason: 'Foreign' });
  expect(w.status()?.phase).toBe('Failed');
  w.declare({ adopt: true });
  await w.settle();
  expect(w.calls()).toEqual(['update']);
  expect(c).toMatchObject({ startedAt, state: 'running', limits: aDesired().limits });
  expect([...c.networks.keys()]).toEqual(['bridge']);
  expect(w.intent()).toMatchObject({ adopted: [ID], revisions: { [handMadeHash(ID)]: { image: 'their:1' } } });
  expect(taken(w)?.status).toBe('False');
  expect(w.events.reasons('ada')).toEqual(['SpecChanged', 'SpecChanged', 'Adopted', 'Updated']);
  const pending = w.status()!.pending.map(({ field, cost }) => `${field} ${cost}`);
  for (const field of ['made', 'image', 'command', 'network']) expect(pending).toContain(`${field} nextStop`);
  // Looks change nothing, nor does the word that is gone, nor a controller that knows no status.
  w.declare();
  await w.settle();
  w.restart();
  const writes = w.intents.writes();
  await w.settle();
  expect([w.calls(), w.intents.writes() - writes, w.status()?.phase]).toEqual([[], 0, 'Running']);
});

test.each(['OnStop', 'Now'] as const)(
  'under updatePolicy %s it is made anew when it stops, not before',
  async (policy) => {
    const { w, c } = await adopted({ updatePolicy: policy });
    w.declare({ adopt: true, updatePolicy: policy, env: { COLOUR: 'blue' } });
    await w.settle();
    expect(c.state).toBe('running');
    await w.decide(restartByPerson(aDesired(), 'now', w.status()!.container as never));
    await w.decide((intent) => ({
      ...intent,
      restart: { id: ID, startedAt: new Date(c.startedAt!).toISOString(), at: 'now' },
    }));
    await w.settle();
    await w.clock.advance(5_000);
    await w.settle();
    expect(w.engine.containers.has(ID)).toBe(false);
    expect(w.states()).toEqual({ 'ws-ada': 'running' });
    expect(w.intent()?.adopted).toBeUndefined();
    expect(w.engine.homes.get('/data/users/ada')?.mark).toBe('thesis');
  },
);

test('one whose successor does not start comes back as it was', async () => {
  const { w, c } = await adopted();
  w.engine.crashing.add('*');
  w.hands.stop('ws-ada');
  await w.settle();
  expect(w.container()).toMatchObject({ id: ID, state: 'running' });
  expect(c.networks.has('bridge')).toBe(true);
  expect(w.condition('Degraded')?.reason).toBe('RolledBack');
});

test.each<[string, Partial<Desired>, (w: TestWorld) => Promise<unknown> | undefined, string]>([
  ['OnDemand', { state: 'OnDemand' }, () => undefined, 'running'],
  ['put to rest before', {}, (w) => w.decide(restByIdle(aDesired(), 'now', 'quiet')), 'running'],
  ['stopped by a person before', {}, (w) => w.decide(stopByPerson(aDesired(), 'now')), 'exited'],
  ['Stopped', { state: 'Stopped' }, () => undefined, 'exited'],
])('%s: what runs goes on unless somebody wants it down', async (_what, over, before, state) => {
  const w = makeWorld();
  w.declare({ ...over, suspend: true });
  await w.settle();
  const c = byHand(w);
  await before(w);
  w.declare({ ...over, adopt: true });
  await w.settle();
  expect(w.events.reasons('ada')).toContain('Adopted');
  expect(c.state).toBe(state);
});

const home = { source: '/data/users/ada', fits: true, readOnly: false };
test.each<[string, Partial<FakeContainer>, RegExp]>([
  ['compose', { foreign: { claim: { by: 'compose', of: 'hub' } } }, /docker compose.*project hub/],
  ['swarm', { foreign: { claim: { by: 'swarm', of: 'hub' } } }, /docker swarm.*hub/],
  ['Kubernetes', { foreign: { claim: { by: 'kubernetes', of: 'hub' } } }, /pod hub/],
  ['another instance', { foreign: { claim: { by: 'instance', of: 'abc' } } }, /another workdock, instance abc/],
  ['--rm', { foreign: { autoRemove: true } }, /--rm/],
  ['another home', { foreign: { home: { ...home, fits: false, source: '/x' } } }, /\/x is mounted at \/home\/user/],
  ['a read-only home', { foreign: { home: { ...home, readOnly: true } } }, /read-only/],
  ['a stopped one', { state: 'exited', startedAt: 0 }, /it is exited.*docker start ws-ada/],
  ['one in a loop', { state: 'restarting', startedAt: 0 }, /again and again/],
])('%s is left alone, with the reason', async (_what, over, message) => {
  const w = makeWorld();
  byHand(w, over);
  w.declare({ adopt: true, updatePolicy: 'Now' });
  await w.settle();
  expect(taken(w)).toMatchObject({ reason: 'NotAdoptable', message: expect.stringMatching(message) });
  expect([w.calls(), w.intent()?.adopted]).toEqual([[], undefined]);
});

test('a home of somebody else, a copy of ours, and one beside a container of its own are left alone', async () => {
  const w = makeWorld();
  w.declare({ adopt: true });
  await w.settle();
  w.hands.rename('ws-ada', 'hidden');
  byHand(w);
  await w.settle();
  expect(taken(w)).toMatchObject({ reason: 'NotAdoptable', message: expect.stringMatching(/now called hidden/) });
  w.hands.rm('hidden');
  w.engine.homes.set('/data/users/ada', { uid: 1_000, gid: 100, mark: 'thesis' });
  await w.settle();
  expect(taken(w)?.message).toMatch(/belongs to 1000:100, not to ada.*users: \{ada: \{uid: 1000\}\}/);
  w.hands.rm('ws-ada');
  byHand(w, { foreign: { claim: { by: 'copy', of: 'ada' } } });
  byHand(w, { id: 'd'.repeat(64), name: 'elsewhere', foreign: { claim: { by: 'copy', of: 'ada' } } });
  for (let pass = 0; pass < 3; pass += 1) await w.settle();
  expect(taken(w)).toMatchObject({ reason: 'Copy' });
  expect(w.status()?.last.seen).toMatch(/a copy with its labels: elsewhere/);
  expect(w.events.reasons('ada').filter((reason) => reason === 'CopyIgnored')).toEqual(['CopyIgnored']);
  expect(w.intent()?.adopted).toBeUndefined();
});

test('nobody else takes what was taken over, and it goes along with a rename and a removal', async () => {
  const { w, c } = await adopted();
  w.declare({ name: 'eve', adopt: true });
  w.hands.rename('ws-ada', 'ws-eve');
  await w.settle('eve');
  expect(w.condition('NameTaken', 'eve')?.message).toMatch(/another workspace's/);
  await w.settle();
  expect(c.name).toBe('ws-ada');
  w.declarations.delete('ada');
  w.declare({ name: 'bea', owner: 'ada' }, 'ada');
  await w.settle('bea');
  expect(c).toMatchObject({ name: 'ws-bea', state: 'running' });
  expect(w.status('bea')?.pending.map(({ field }) => field)).toContain('made');
});

test('memory is not lowered into what an unlimited one uses', async () => {
  const w = makeWorld();
  const c = byHand(w, { memoryInUseBytes: 2 ** 30 });
  w.declare({ adopt: true });
  await w.settle();
  expect(c.limits).toEqual({ ...aDesired().limits, memoryBytes: 0 });
  const memory = w.status()?.pending.find(({ field }) => field === 'resources.memory');
  expect(memory).toMatchObject({ from: 'no limit', cost: 'nextStop' });
});

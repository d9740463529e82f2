import { expect, test } from 'vitest';
import { suspendUntil } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { removalTimes } from '../support/removal-world.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const { graceMs, removeAfterMs } = removalTimes.deletion;
const homeOf = (name: string) => ({ ...aDesired().home, place: { kind: 'folder' as const, name } });
const names = ['ada', 'bea', 'cleo', 'dan', 'eve', 'fay'];

async function running(over: Parameters<TestWorld['declare']>[0] = {}) {
  const w = makeWorld();
  for (const name of names) w.declare({ name, owner: name, home: homeOf(name), ...over });
  for (const name of names) await w.settle(name);
  await w.scan();
  w.calls();
  return w;
}
const absence = (w: TestWorld, name = 'ada') => w.removing.now().absence(name)?.reason;
const lose = async (w: TestWorld, ...gone: string[]) => {
  for (const name of gone) w.declarations.delete(name);
  await w.scan();
};

test('its life without a file: a grace, a stop, a wait, and a memory that goes on when the file is back', async () => {
  const w = await running();
  const { generation } = w.intent()!;
  await lose(w, 'ada');
  await w.clock.advance(graceMs - 1_000);
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  await w.clock.advance(2_000);
  await w.settle();
  expect([w.states(), w.status()?.phase]).toEqual([{ 'ws-ada': 'exited' }, 'Stopped']);
  await w.clock.advance(removeAfterMs - 3_000);
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'exited' });
  await w.clock.advance(5_000);
  await w.settle();
  expect([w.states(), w.status()]).toEqual([{}, undefined]);
  expect(w.engine.homes.has('/data/users/ada')).toBe(true);
  expect(w.intent()).toMatchObject({ generation, homesSeen: ['/data/users/ada'] });
  expect(w.intent()).not.toHaveProperty('lastGood');
  w.declare({ home: homeOf('ada') });
  await w.scan();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.intent()!.generation).toBeGreaterThan(generation);
  for (const field of ['tombstone', 'removedAt']) expect(w.intent()).not.toHaveProperty(field);
});

test.each<[string, (w: TestWorld) => Promise<unknown> | unknown]>([
  ['the data folder cannot be seen', (w) => Object.assign(w.removing.knobs, { dataProblem: 'not mounted' })],
  ['a file may declare any name', (w) => Object.assign(w.removing.knobs, { unnamed: ['notes.yaml:1'] })],
  ['everything is suspended', (w) => w.host.holds.push({ reason: 'Suspended', message: 'all' })],
  ['it is suspended', (w) => w.decide(suspendUntil('', undefined))],
])('nothing goes on while %s, and all of the grace comes after', async (_, happen) => {
  const w = await running();
  await lose(w, 'ada');
  await happen(w);
  await w.clock.advance(3 * graceMs);
  await w.scan();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.intent()?.tombstone?.ripeAt).toBeUndefined();
});

test('a commit that cannot be fetched, and a folder that cannot be read, say nothing of who is missing', async () => {
  const w = await running();
  await lose(w, 'ada');
  for (let n = 0; n < 5; n += 1) {
    w.removing.restart();
    await w.scan({ trouble: { reason: 'FetchFailed', message: 'no network' } });
    await w.clock.advance(100);
  }
  expect(absence(w)).toBe('Unclear');
  w.removing.restart();
  await w.scan();
  await w.clock.advance(graceMs / 2);
  const unusable = { reason: 'Unusable', message: 'no such folder' } as const;
  for (const trouble of [() => w.removing.unreadable(), () => w.scan({ trouble: unusable })]) {
    await trouble();
    await w.clock.advance(100);
    await w.scan();
    await w.clock.advance(graceMs - 1_000);
    expect(w.intent()?.tombstone?.ripeAt).toBeUndefined();
  }
  await w.clock.advance(2_000);
  expect(w.intent()?.tombstone?.ripeAt).toBeDefined();
});

/** Nothing can be written while `full` holds anything. */
async function withDisk() {
  const full = new Set<string>();
  const w = makeWorld({
    beforeWrite: () => {
      if (full.size > 0) throw new Error('no space');
    },
  });
  for (const name of names) w.declare({ name, owner: name, home: homeOf(name) });
  for (const name of names) await w.settle(name);
  return { w, full };
}

test('new workspaces free nobody that is held, also for the next controller', async () => {
  const w = await running();
  await lose(w, 'ada', 'bea', 'cleo');
  const { hash } = w.removing.now().held()!;
  for (let n = 0; n < 20; n += 1) w.declare({ name: `new${n}`, owner: `new${n}`, home: homeOf(`new${n}`) });
  await w.scan();
  expect(w.removing.now().held()).toMatchObject({ hash, reason: expect.stringContaining('3 of 6') });
  w.removing.restart();
  await w.scan();
  await w.clock.advance(3 * graceMs);
  expect([w.removing.now().held()?.hash, w.intent()?.tombstone?.ripeAt]).toEqual([hash, undefined]);
  w.declare({ name: 'ada', owner: 'ada', home: homeOf('ada') });
  await w.scan();
  expect(w.removing.now().held()).toBeUndefined();
});

test('a record that cannot be written is written by a later scan, and nothing is done before', async () => {
  const { w, full } = await withDisk();
  full.add('disk');
  await lose(w, 'ada');
  expect(w.intent()?.tombstone).toBeUndefined();
  full.clear();
  await w.scan();
  full.add('disk');
  await w.clock.advance(2 * graceMs);
  expect(w.intent()?.tombstone?.ripeAt).toBeUndefined();
  full.clear();
  await w.clock.advance(graceMs);
  expect(w.intent()?.tombstone?.ripeAt).toBeDefined();
});

test('a return that could not be written leaves nothing behind: the next loss begins from its start', async () => {
  const { w, full } = await withDisk();
  await lose(w, 'ada');
  await w.clock.advance(2 * graceMs);
  expect(w.intent()?.tombstone?.ripeAt).toBeDefined();
  full.add('disk');
  w.declare({ home: homeOf('ada') });
  await w.scan();
  expect(w.intent()?.tombstone?.ripeAt).toBeDefined();
  full.clear();
  await lose(w, 'ada');
  await w.settle();
  expect(w.intent()?.tombstone?.ripeAt).toBeUndefined();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  full.add('disk');
  w.declare({ home: homeOf('ada') });
  await w.scan();
  full.clear();
  await w.clock.advance(graceMs);
  expect(w.intent()).not.toHaveProperty('tombstone');
});

test('what never had a good spec is forgotten with its file; a container without any record stays', async () => {
  const w = makeWorld();
  w.spoil('invalid');
  await w.settle();
  expect(w.status()?.phase).toBe('Failed');
  w.declarations.delete('ada');
  await w.scan();
  await w.settle();
  expect([w.status(), w.intent()]).toEqual([undefined, undefined]);

  const other = await running();
  other.declarations.delete('ada');
  other.forget('ada');
  await other.scan();
  await other.clock.advance(10 * graceMs);
  await other.settle();
  expect(other.states()).toEqual({ 'ws-ada': 'running' });
  expect(other.condition('SourceAbsent')).toMatchObject({ status: 'True', reason: 'NoFile' });
});

test.each(['invalid', 'conflict'] as const)('a name that is %s is not missing', async (kind) => {
  const w = await running();
  await lose(w, 'ada');
  w.spoil(kind);
  await w.scan();
  await w.clock.advance(3 * graceMs);
  await w.settle();
  expect(w.intent()).not.toHaveProperty('tombstone');
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('a source that is another is trusted when nobody is missing in it, or by approval', async () => {
  const w = await running();
  w.removing.knobs.roots = { specs: 'b' };
  await w.scan();
  await lose(w, 'ada');
  expect(w.removing.now().held()).toBeUndefined();
  w.removing.knobs.roots = { specs: 'c' };
  await lose(w, 'bea');
  const list = w.removing.now().held()!;
  expect(list.items.map(({ name }) => name)).toEqual(['ada', 'bea']);
  await w.scan();
  const told = (name: string) => w.events.reasons(name).filter((reason) => reason === 'DeletionHeld').length;
  expect(['ada', 'bea', 'cleo'].map(told), 'each is told once').toEqual([1, 1, 0]);
  w.removing.restart();
  await w.scan();
  expect(w.removing.now().held()).toEqual(list);
  expect(await w.removing.now().approve('000000000000')).toBeUndefined();
  expect(await w.removing.now().approve(list.hash)).toEqual(['ada', 'bea']);
  expect(w.removing.now().held()).toBeUndefined();
  await lose(w, 'cleo');
  await w.clock.advance(3 * graceMs);
  expect(['ada', 'bea', 'cleo'].map((name) => absence(w, name))).toEqual(Array(3).fill('AwaitsRemoval'));
});

test('while one is being removed it is neither renewed nor kept for what its spec asks of this host', async () => {
  const w = await running();
  w.declare({ home: homeOf('ada'), env: { NEW: '1' } });
  await w.settle();
  expect(w.condition('UpdatePending')?.status).toBe('True');
  const before = w.container()?.id;
  await w.decide((intent) => {
    const good = intent.lastGood!;
    const limits = { ...good.desired.limits, nanoCpus: 64e9 };
    const origins = { 'spec.resources.cpu': 'ada.yaml:7' };
    return { ...intent, lastGood: { ...good, origins, desired: { ...good.desired, limits } } };
  });
  await lose(w, 'ada');
  await w.clock.advance(graceMs + 1_000);
  await w.settle();
  expect([w.states(), w.container()?.id]).toEqual([{ 'ws-ada': 'exited' }, before]);
  await w.clock.advance(removeAfterMs + 1_000);
  await w.settle();
  expect(w.states()).toEqual({});
});

test('all that is left of it goes: what was set aside, what was renamed, and by policy its home', async () => {
  const w = await running({ deletionPolicy: 'Trash' });
  w.hands.rename('ws-ada', 'mine');
  await lose(w, 'ada', 'bea');
  w.host.homesOfOthers.push('users/bea');
  await w.clock.advance(graceMs + removeAfterMs + 60_000);
  for (const name of ['ada', 'bea']) await w.settle(name);
  expect([w.states(), w.states('bea')]).toEqual([{}, {}]);
  expect([...w.engine.homes.keys()]).not.toContain('/data/users/ada');
  expect([...w.engine.homes.keys()]).toContain('/data/users/bea');
  expect([...w.engine.trash.keys()]).toEqual([expect.stringMatching(/^ada@\d{8}T\d{6}Z$/)]);
  expect(w.intent()).not.toHaveProperty('homesSeen');
  expect(w.intent('bea')?.homesSeen).toEqual(['/data/users/bea']);
  w.declare({ home: homeOf('ada') });
  await w.scan();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('of two that leave one home at the same moment the last one takes it along to the trash', async () => {
  const w = await running({ deletionPolicy: 'Trash', home: { ...homeOf('both'), shared: true } });
  await lose(w, 'ada', 'bea');
  // As in what is known of both: whoever has a good spec uses its home.
  const users = () => ['ada', 'bea'].filter((name) => w.intent(name)?.lastGood);
  w.host.homesOfOthers.includes = () => users().length > 1;
  await w.clock.advance(graceMs + removeAfterMs + 60_000);
  await Promise.all(['ada', 'bea'].map((name) => w.settle(name)));
  expect([users(), [...w.engine.homes.keys()].filter((path) => path.endsWith('both'))]).toEqual([[], []]);
  expect([...w.engine.trash.keys()]).toEqual([expect.stringMatching(/^both@/)]);
});

test('a file that is back in the very moment of its end keeps what is left', async () => {
  const w = await running();
  await lose(w, 'ada');
  await w.clock.advance(graceMs + removeAfterMs + 60_000);
  const reconciled = w.one();
  w.declare({ home: homeOf('ada') });
  await w.scan();
  await reconciled;
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.intent()).not.toHaveProperty('removedAt');
});

test('its owner is told why it was stopped', async () => {
  const w = await running();
  await lose(w, 'ada');
  await w.clock.advance(graceMs + 1_000);
  await w.settle();
  expect(w.told.filter(({ end }) => end).map(({ end }) => end?.reason)).toEqual(['FileRemoved']);
});

test('another instance’s is not listed any more a grace after its file is gone; what of it is here stays', async () => {
  const w = makeWorld();
  w.host.holds.push({ reason: 'Elsewhere', message: 'it belongs to instance server-2' });
  w.declare({ instance: 'server-2', deletionProtection: true });
  await w.settle();
  expect(w.status()?.phase).toBe('Elsewhere');
  await lose(w, 'ada');
  await w.clock.advance(graceMs - 1_000);
  await w.settle();
  expect(w.status()?.phase).toBe('Elsewhere');
  await w.clock.advance(2 * graceMs);
  await w.settle();
  expect(w.status()).toBeUndefined();
  expect(w.removing.now().held()).toBeUndefined();
});

test('a hand that starts what is being removed is undone, and one that removes it is in nobody’s way', async () => {
  const w = await running({ drift: 'Report' });
  await lose(w, 'ada', 'bea');
  await w.clock.advance(graceMs + 1_000);
  for (const name of ['ada', 'bea']) await w.settle(name);
  w.hands.rm('ws-bea');
  await w.clock.advance(removeAfterMs + 1_000);
  for (const name of ['ada', 'bea']) await w.settle(name);
  expect([w.states(), w.states('bea'), w.status(), w.status('bea')]).toEqual([{}, {}, undefined, undefined]);
});

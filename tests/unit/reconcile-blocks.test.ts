import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { restartByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
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
const HOME = '/data/users/ada';
const guard = { reason: 'NetworkUnguarded', message: 'the rules are missing' };
const disk = { reason: 'DiskPressure', message: 'the disk is full' };

test('a home that was there and is gone is missing: no new one is made, nothing is started', async () => {
  const w = await running();
  w.engine.homes.delete(HOME);
  w.hands.rm('ws-ada');
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()?.phase).toBe('Pending');
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'HomeMissing' });
  expect(w.condition('Ready')?.message).toContain(HOME);
});

test('a missing home that is in the trash says how it comes back; a new workspace tells of it', async () => {
  const w = await running();
  const former = 'ada@20261124T153000Z';
  const home = w.engine.homes.get(HOME)!;
  w.engine.trash.set(former, home).set('ada-lovelace@20271124T153000Z', home);
  w.engine.homes.delete(HOME);
  w.hands.rm('ws-ada');
  await w.settle();
  expect(w.condition('Ready')).toMatchObject({ reason: 'HomeMissing' });
  expect(w.condition('Ready')?.message).toContain(`workdock home restore ada brings back ${former}`);

  const fresh = makeWorld();
  fresh.engine.trash.set(former, home);
  fresh.declare();
  await fresh.settle();
  expect(fresh.status()?.phase).toBe('Running');
  const made = (await fresh.events.store.read({})).filter(({ reason }) => reason === 'HomeCreated');
  expect(made.map(({ message }) => message)).toEqual([expect.stringContaining(former)]);
});

test('a container is proof that its home was there, even when no record says so', async () => {
  const w = makeWorld();
  w.declare({ state: 'Running' });
  w.host.network = guard; // so that the container is made and not started
  await w.one();
  await w.decide(({ homesSeen: _seen, ...intent }) => intent);
  w.engine.homes.delete(HOME);
  delete w.host.network;
  await w.one();
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'HomeMissing' });
});

test('a home of another owner is never chowned: it waits and says what mends it', async () => {
  const w = makeWorld();
  w.declare();
  w.engine.homes.set(HOME, { uid: 0, gid: 0, mark: 'root made it' });
  expect(await w.one()).toMatchObject({ kind: 'again' });
  expect(w.calls()).toEqual([]);
  expect(w.engine.homes.get(HOME)).toEqual({ uid: 0, gid: 0, mark: 'root made it' });
  expect(w.condition('Ready')).toMatchObject({ reason: 'HomeWrongOwner' });
  expect(w.condition('Ready')?.message).toContain('chown');
});

test('without the network guard nothing is started and nothing that runs is stopped', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.host.network = guard;
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  const { current } = await w.runtime.observe({ name: 'ada' });
  await w.decide(restartByPerson(aDesired(), 'now', current));
  await w.settle('ada', 3);
  expect(w.calls(), 'neither an update nor a restart that could not be finished').toEqual([]);
  expect(w.condition('Ready')).toMatchObject({ status: 'True' });
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'NetworkUnguarded' });

  w.hands.kill('ws-ada');
  expect(await w.one()).toMatchObject({ kind: 'again' });
  expect(w.states()['ws-ada']).not.toBe('running');
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'NetworkUnguarded' });
  delete w.host.network;
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('without the network guard a workspace with no network starts', async () => {
  const w = makeWorld();
  w.host.network = guard;
  w.declare({ network: { mode: 'none', allow: [] } });
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('a full disk stops creates and replacements, and nothing that runs or can run', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.host.disk = disk;
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  w.hands.kill('ws-ada');
  await w.settle();
  expect(w.calls()).toEqual(['start']);
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'DiskPressure' });
  w.declare({ name: 'bea', owner: 'bea', home: { ...aDesired().home, place: { kind: 'folder', name: 'bea' } } });
  expect(await w.one('bea')).toMatchObject({ kind: 'again' });
  expect(w.states('bea')).toEqual({});
  expect(w.condition('Ready', 'bea')).toMatchObject({ status: 'False', reason: 'DiskPressure' });
});

test('a disk that fills in the middle of a replacement brings the container before it back', async () => {
  const w = makeWorld({
    afterCall: (call) => {
      if (call.startsWith('setAside')) w.host.disk = disk;
    },
  });
  w.declare({ updatePolicy: 'Now' });
  await w.settle();
  const { id } = w.container()!;
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  await w.settle();
  expect(w.container()).toMatchObject({ id, state: 'running' });
});

test('a mount that is missing waits, and is told', async () => {
  const w = makeWorld();
  w.engine.missingMounts.add('/data/shared');
  w.declare({ mounts: [{ source: '/data/shared', target: '/data', readOnly: true }] });
  expect(await w.one()).toMatchObject({ kind: 'again' });
  expect(w.calls()).toEqual([]);
  expect(w.condition('MountMissing')).toMatchObject({ status: 'True' });
  w.engine.missingMounts.clear();
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('an engine that does not answer: phase Unknown, nothing inferred, nothing done twice after', async () => {
  const w = await running();
  const before = w.status();
  w.engine.reachable = false;
  expect(await w.one()).toMatchObject({ kind: 'failed', error: { code: 'ENGINE_UNREACHABLE' } });
  expect(w.status()).toMatchObject({ phase: 'Unknown', container: before?.container });
  expect(w.condition('Ready')).toMatchObject({ status: 'Unknown', reason: 'EngineUnreachable' });
  w.engine.reachable = true;
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()?.phase).toBe('Running');
});

const losses = (['ENGINE_TIMEOUT', 'ENGINE_CONFLICT', 'DISK_FULL'] as const).flatMap((code) =>
  (['beforeCall', 'afterCall'] as const).map((when) => [code, when] as const),
);
test.each(losses)('%s at every verb once, %s: no second container, and no revision is blamed', async (code, when) => {
  const lost = new Set<string>();
  const lose = (call: string) => {
    const [verb = ''] = call.split(' ');
    if (lost.has(verb)) return;
    lost.add(verb);
    throw new WorkdockError(code, `${verb} came to nothing`, { hint: 'looked at again' });
  };
  const w = makeWorld({ [when]: lose });
  w.declare();
  for (let pass = 0; pass < 6; pass += 1) await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.engine.counter).toBe(1);
  lost.clear();
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  for (let pass = 0; pass < 8; pass += 1) await w.settle();
  expect([...lost]).toEqual(['stop', 'setAside', 'create', 'start', 'remove']);
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.engine.counter).toBe(2);
  expect(w.intent()?.failed).toBeUndefined();
});

test('a foreign container under our name is told and never touched', async () => {
  const w = makeWorld();
  w.declare();
  await w.settle();
  const c = w.container()!;
  c.workspace = null;
  w.calls();
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(c.state).toBe('running');
  expect(w.condition('NameTaken')).toMatchObject({ status: 'True' });
});

test('what cannot be allotted is told under its own name, with the container as it is', async () => {
  const w = await running();
  w.parts().world.allot = async () => {
    throw new WorkdockError('OWNER_RESERVED', 'root is an account of the image', { hint: 'choose another owner' });
  };
  expect(await w.one()).toMatchObject({ kind: 'failed', error: { code: 'OWNER_RESERVED' } });
  expect(w.status()).toMatchObject({ phase: 'Running', last: { error: { code: 'OWNER_RESERVED' } } });
  expect(w.condition('Ready')).toMatchObject({ status: 'True' });
  w.hands.rm('ws-ada');
  await w.one();
  expect(w.status()?.phase).toBe('Failed');
  expect(w.condition('Ready')).toMatchObject({ status: 'False', reason: 'OWNER_RESERVED' });
});

test('an intent that cannot be written is a failure that the status tells', async () => {
  const full = new Set<string>();
  const w = makeWorld({
    beforeWrite: () => {
      if (full.has('disk')) throw new WorkdockError('NOT_PERSISTED', 'no space left', { hint: 'free space' });
    },
  });
  w.declare();
  await w.settle();
  w.calls();
  full.add('disk');
  w.declare({ env: { A: 'b' }, updatePolicy: 'Now' });
  expect(await w.one()).toMatchObject({ kind: 'failed', error: { code: 'NOT_PERSISTED' } });
  expect(w.calls()).toEqual([]);
  expect(w.status()).toMatchObject({ last: { error: { code: 'NOT_PERSISTED' } } });
});

test('a controller that dies right after the first start knows that the home was used', async () => {
  let dead = false;
  const w = makeWorld({
    afterCall: (call) => {
      dead ||= call.startsWith('start');
      if (dead) throw new Error('killed');
    },
    beforeWrite: () => {
      if (dead) throw new Error('killed');
    },
  });
  w.declare();
  await w.one();
  dead = false;
  w.restart();
  w.hands.rm('ws-ada');
  w.engine.homes.delete(HOME);
  w.calls();
  await w.one();
  expect(w.calls()).toEqual([]);
  expect(w.condition('Ready')).toMatchObject({ reason: 'HomeMissing' });
});

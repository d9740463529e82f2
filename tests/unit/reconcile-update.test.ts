import { expect, test } from 'vitest';
import { restartByPerson, startByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const GiB = 2 ** 30;

const running = async (over: Parameters<TestWorld['declare']>[0] = {}) => {
  const w = makeWorld();
  w.declare(over);
  await w.settle();
  await w.clock.advance(10_000);
  w.calls();
  return w;
};
const restart = async (w: TestWorld) => {
  const { current } = await w.runtime.observe({ name: 'ada' });
  await w.decide(restartByPerson(aDesired(), 'now', current));
};

test('OnStop: a change that needs a new container waits, and the status says which field changes how', async () => {
  const w = await running();
  const { id } = w.container()!;
  w.declare({ env: { TZ: 'Europe/Zurich' }, shmBytes: 128 * 2 ** 20 });
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.container()?.id).toBe(id);
  expect(w.status()?.pending).toEqual([
    { field: 'resources.shm', from: '64Mi', to: '128Mi', cost: 'nextStop', drift: false },
    { field: 'env.TZ', from: '', to: 'Europe/Zurich', cost: 'nextStop', drift: false },
  ]);
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'NextStop' });
  expect(w.condition('Ready')).toMatchObject({ status: 'True' });
});

test.each([
  ['a person stops it', async (w: TestWorld) => void (await w.decide(stopByPerson(aDesired(), 'now')))],
  ['a hand stops it', async (w: TestWorld) => w.hands.stop('ws-ada')],
  ['it is restarted', restart],
])('OnStop: what waits is applied when %s', async (_, stop) => {
  const w = await running();
  const { id } = w.container()!;
  w.declare({ env: { A: 'b' } });
  await w.settle();
  await stop(w);
  await w.settle();
  expect(w.container()?.id).not.toBe(id);
  expect(w.status()?.pending).toEqual([]);
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'False' });
});

test('Now: it is applied at once, and the container before it goes once the new one has stayed up', async () => {
  const w = await running({ updatePolicy: 'Now' });
  const { id } = w.container()!;
  w.declare({ updatePolicy: 'Now', image: { ref: 'other:1', pullPolicy: 'IfNotPresent' } });
  const result = await w.one();
  expect(w.calls(), 'the image comes before the stop').toEqual(['pull', 'stop', 'setAside', 'create', 'start']);
  expect(w.states()).toEqual({ 'ws-ada': 'running', 'ws-ada.old.1': 'exited' });
  expect(result).toMatchObject({ kind: 'again', afterMs: 2_000 });
  await w.settle();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.container()?.id).not.toBe(id);
});

test('Now: what keeps an update back is told, and not a stop that nobody waits for', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.declare({ updatePolicy: 'Now', image: { ref: 'none:1', pullPolicy: 'IfNotPresent' } });
  await w.one();
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'IMAGE_NOT_FOUND' });
  expect(w.status()?.message).toMatch(/^image .* -> none:1; waits: no image none:1/);
  expect(w.status()?.phase).toBe('Running');
});

test('limits change live, on the same container and without a stop', async () => {
  const w = await running();
  const { id, startedAt } = w.container()!;
  w.declare({ limits: { nanoCpus: 1e9, memoryBytes: GiB, pids: 256 } });
  await w.settle();
  expect(w.calls()).toEqual(['update']);
  expect(w.container()).toMatchObject({ id, startedAt, limits: { nanoCpus: 1e9, memoryBytes: GiB, pids: 256 } });
});

test('memory is not lowered into what is in use; it waits for a stop or for less use', async () => {
  const w = await running({ limits: { nanoCpus: 5e8, memoryBytes: 4 * GiB, pids: 128 } });
  w.hands.use('ws-ada', 3 * GiB);
  const lower = { limits: { nanoCpus: 1e9, memoryBytes: 2 * GiB, pids: 128 } };
  w.declare(lower);
  await w.settle();
  expect(w.container()?.limits).toMatchObject({ nanoCpus: 1e9, memoryBytes: 4 * GiB });
  expect(w.status()?.pending).toMatchObject([{ field: 'resources.memory', from: '4Gi', to: '2Gi', cost: 'nextStop' }]);
  w.hands.use('ws-ada', GiB);
  await w.settle();
  expect(w.container()?.limits.memoryBytes).toBe(2 * GiB);
  expect(w.status()?.pending).toEqual([]);
});

test('an edit of what never touches the container touches nothing', async () => {
  const w = await running();
  w.declare({ labels: { lab: 'neuro' }, stopGraceSeconds: 60, restartPolicy: 'Always' });
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.status()).toMatchObject({ labels: { lab: 'neuro' }, pending: [] });
});

test('a tag that moved is told and taken only by a restart', async () => {
  const w = await running();
  const { id } = w.container()!;
  w.engine.images.set('workdock-test:latest', 'sha256:newer');
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.condition('UpdateAvailable')).toMatchObject({ status: 'True', reason: 'TagMoved' });
  expect(w.status()?.message).toMatch(/now points to another image; workdock restart takes it/);
  await restart(w);
  await w.settle();
  expect(w.container()).toMatchObject({ imageId: 'sha256:newer', state: 'running' });
  expect(w.container()?.id).not.toBe(id);
  expect(w.condition('UpdateAvailable')).toMatchObject({ status: 'False' });
});

test('a restart with nothing pending keeps the container, and is done once', async () => {
  const w = await running();
  const { id, startedAt } = w.container()!;
  await restart(w);
  await w.settle();
  expect(w.calls()).toEqual(['stop', 'start']);
  expect(w.container()).toMatchObject({ id, state: 'running' });
  expect(w.container()?.startedAt).not.toBe(startedAt);
  await w.settle();
  expect(w.calls()).toEqual([]);
});

test('pullPolicy Always asks before every create and at no other time, and the image counts as ready', async () => {
  const image = { ref: 'workdock-test:latest', pullPolicy: 'Always' } as const;
  const w = await running({ image });
  await w.settle();
  expect(w.calls()).toEqual([]);
  expect(w.condition('ImageReady')).toMatchObject({ status: 'True' });
  w.engine.registry.set(image.ref, 'sha256:newer');
  w.hands.rm('ws-ada');
  await w.settle();
  expect(w.calls()).toEqual(['pull', 'create', 'start']);
  expect(w.container()?.imageId).toBe('sha256:newer');
});

test.each([
  ['does not start', 'unstartable'],
  ['ends at once', 'crashing'],
] as const)('a new revision that %s goes, the one before comes back, and it is not tried again', async (_, how) => {
  const w = await running({ updatePolicy: 'Now' });
  const old = w.container()!;
  w.engine[how].add('*');
  w.declare({ updatePolicy: 'Now', env: { A: 'bad' } });
  await w.settle();
  w.engine[how].clear();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.container()?.id).toBe(old.id);
  expect(w.status()?.phase).toBe('Running');
  expect(w.condition('Degraded')).toMatchObject({ status: 'True', reason: 'RolledBack' });
  expect(w.condition('Degraded')?.message).toContain('workdock restart ada tries again');
  expect(w.condition('UpdatePending')).toMatchObject({ status: 'True', reason: 'RevisionFailed' });
  const warnings = (await w.events.store.read({ name: 'ada' })).filter(({ type }) => type === 'Warning');
  expect(warnings).toMatchObject([{ reason: 'RevisionFailed' }]);
  w.calls();
  for (let pass = 0; pass < 3; pass += 1) {
    await w.clock.advance(60_000);
    await w.settle();
  }
  w.restart();
  await w.settle();
  expect(w.calls(), 'remembered, also by the next controller').toEqual([]);

  await restart(w);
  await w.settle();
  expect(w.container()?.id, 'a restart tries it again').not.toBe(old.id);
  expect(w.condition('Degraded')).toMatchObject({ status: 'False' });
});

test('a failed revision is forgotten with the spec that made it', async () => {
  const w = await running({ updatePolicy: 'Now' });
  const old = w.container()!;
  w.engine.unstartable.add('*');
  w.declare({ updatePolicy: 'Now', env: { A: 'bad' } });
  await w.settle();
  w.engine.unstartable.clear();
  w.declare({ updatePolicy: 'Now', env: { A: 'good' } });
  await w.settle();
  expect(w.container()?.id).not.toBe(old.id);
  expect(w.intent()?.failed).toBeUndefined();
  expect(w.condition('Degraded')).toMatchObject({ status: 'False' });
});

test('going back to the spec before: the container before it comes back, and is not made anew', async () => {
  const w = await running({ updatePolicy: 'Now' });
  const old = w.container()!;
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  await w.one();
  expect(w.states()).toEqual({ 'ws-ada': 'running', 'ws-ada.old.1': 'exited' });
  w.declare({ updatePolicy: 'Now' });
  await w.settle();
  expect(w.container()?.id).toBe(old.id);
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
});

test('an image that nowhere exists takes nothing down', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.declare({ updatePolicy: 'Now', image: { ref: 'nowhere:1', pullPolicy: 'IfNotPresent' } });
  expect(await w.one()).toMatchObject({ kind: 'failed', error: { code: 'IMAGE_NOT_FOUND' } });
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.condition('ImageReady')).toMatchObject({ status: 'False', reason: 'Missing' });
  expect(w.condition('Ready')).toMatchObject({ status: 'True' });
});

test('a restart that nothing can come of asks for no image', async () => {
  const image = { ref: 'workdock-test:latest', pullPolicy: 'Always' } as const;
  const w = await running({ image });
  w.hands.stop('ws-ada');
  await restart(w);
  w.host.network = { reason: 'NetworkUnguarded', message: 'no rules' };
  await w.settle('ada', 3);
  expect(w.calls()).toEqual([]);
  w.declare({ image, state: 'Stopped' });
  await w.settle();
  await w.settle();
  expect(w.calls()).toEqual([]);
});

test('a new revision that a person stops within its first seconds has not failed', async () => {
  const w = await running({ updatePolicy: 'Now' });
  w.declare({ updatePolicy: 'Now', env: { A: 'b' } });
  await w.one();
  const { id } = w.container()!;
  await w.decide(stopByPerson(aDesired(), 'now'));
  await w.one();
  const { current } = await w.runtime.observe({ name: 'ada' });
  await w.decide(startByPerson(aDesired(), 'later', current));
  await w.settle();
  expect(w.container()).toMatchObject({ id, state: 'running' });
  expect(w.intent()?.failed).toBeUndefined();
});

test('while a change waits for the next stop, a hand at the limits is told as one', async () => {
  const w = await running();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  w.hands.update('ws-ada', 3 * GiB);
  await w.settle();
  const drift = (await w.events.store.read({ name: 'ada' })).filter(({ reason }) => reason === 'Drift');
  expect(drift).toMatchObject([{ message: expect.stringMatching(/^resources\.memory: 3Gi instead of/) }]);
  expect(w.status()?.pending).toMatchObject([{ field: 'env.A' }]);
  w.declare({ env: { A: 'b' }, limits: { nanoCpus: 1e9, memoryBytes: GiB, pids: 256 } });
  await w.settle();
  expect((await w.events.store.read({ name: 'ada' })).filter(({ reason }) => reason === 'Drift')).toHaveLength(1);
});

test('an update that waits and one that is to be had are both told, and beside what is less than asked', async () => {
  const w = await running();
  w.declare({ env: { A: 'b' } });
  w.engine.images.set('workdock-test:latest', 'sha256:newer');
  await w.settle();
  expect(w.status()?.message).toMatch(
    /^at the next stop: env\.A unset -> b; workdock-test:latest now points to another/,
  );
  w.declare({ env: { A: 'b' }, limits: { nanoCpus: 64e9, memoryBytes: GiB, pids: 256 } });
  await w.settle();
  expect(w.condition('Degraded')?.reason).toBe('Clamped');
  expect(w.status()?.message).toMatch(/cpu.*; at the next stop: env\.A unset -> b; workdock-test/);
});

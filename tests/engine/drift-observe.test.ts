import { describe, expect, onTestFinished, test } from 'vitest';
import type { RuntimeHint } from '../../src/model/runtime.ts';
import { makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { openEngine, type TestEngine } from '../support/engine.ts';
import { randomUid } from '../support/prefix.ts';
import { until } from '../support/until.ts';

const anImage = ({ fitted }: TestEngine) => fitted().image.ref;
const secrets = async () => ({});

describe('whose a container is', () => {
  test('a copy made by docker commit carries our labels and is not ours', async () => {
    const engine = await openEngine();
    const { up, runtime, docker, prefix } = engine;
    const { id, wanted } = await up();
    await docker.getContainer(id).commit({ repo: `${prefix}copy`, tag: '1' });
    onTestFinished(() =>
      docker
        .getImage(`${prefix}copy:1`)
        .remove({ force: true })
        .then(() => undefined),
    );
    const copy = await docker.createContainer({ Image: `${prefix}copy:1`, name: `${prefix}mine` });
    const { strays, current, taken } = await runtime.observe(wanted);
    expect([strays, current?.id, taken]).toEqual([[], id, undefined]);
    expect((await runtime.list()).get('ada')?.map((row) => row.id)).toEqual([id]);
    await docker.getContainer(id).remove({ force: true });
    await copy.rename({ name: `${prefix}ada` });
    const alone = await runtime.observe(wanted);
    expect([alone.current, alone.taken?.id]).toEqual([undefined, copy.id]);

    const again = await runtime.create(
      { ...wanted, name: 'bea', image: { ...wanted.image, ref: `${prefix}copy:1` } },
      1,
    );
    const own = await runtime.observe({ ...wanted, name: 'bea' });
    expect(own.current?.id, 'what we make of such an image is ours').toBe(again);
  });

  test("another instance's container under our name is not ours", async () => {
    const { runtime, fitted, prefix, up } = await openEngine();
    const { id, wanted } = await up();
    const other = makeDockerRuntime({ instanceUid: randomUid(), prefix, mountRoots: [], secrets });
    expect(await other.observe(fitted())).toMatchObject({ strays: [], taken: { id } });
    expect((await other.list()).size).toBe(0);
    expect((await runtime.observe(wanted)).current?.id).toBe(id);
  });

  test('a name that is the start of another container id never reaches that container', async () => {
    const seed = await openEngine();
    const wanted = /^[a-f][a-f][0-9a-f]{6}/;
    const foreign = await until(
      async () => {
        const made = await seed.docker.createContainer({ Image: anImage(seed), Cmd: ['sleep', '300'] });
        if (wanted.test(made.id)) return made;
        await made.remove();
        return undefined;
      },
      { deadlineMs: 60_000 },
    );
    onTestFinished(() => foreign.remove({ force: true }), 30_000);
    await foreign.start();
    const before = (await foreign.inspect()).State.StartedAt;
    const [prefix, name] = [foreign.id.slice(0, 1), foreign.id.slice(1, 8)];
    const { runtime, up, fitted } = await openEngine({ prefix });
    expect(await runtime.observe(fitted({ name }))).toMatchObject({ strays: [] });
    expect((await runtime.observe(fitted({ name }))).taken).toBeUndefined();
    const prefixOfId = foreign.id.slice(0, 8);
    await expect(runtime.remove(prefixOfId)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(runtime.stop(prefixOfId, 1)).rejects.toMatchObject({ code: 'INTERNAL' });
    const { id } = await up({ name });
    expect(id).not.toBe(foreign.id);
    await runtime.stop(id, 2);
    await runtime.remove(id);
    const after = await foreign.inspect();
    expect([after.State.Status, after.State.StartedAt]).toEqual(['running', before]);
  });
});

describe('what goes on at the same time', () => {
  test('of two creates one wins, and the loser can look it up', async () => {
    const { runtime, fitted } = await openEngine();
    const wanted = fitted();
    await runtime.ensureHome(wanted);
    const made = await Promise.allSettled([runtime.create(wanted, 1), runtime.create(wanted, 1)]);
    const [won] = made.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const [lost] = made.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
    expect(lost).toMatchObject({ code: 'ENGINE_CONFLICT' });
    expect((await runtime.observe(wanted)).current?.id).toBe(won);
  });

  test('starts, stops and removals at once all succeed', async () => {
    const { runtime, up } = await openEngine();
    const { id, wanted } = await up();
    await Promise.all([1, 2, 3].map(() => runtime.start(id, wanted)));
    await Promise.all([1, 2, 3].map(() => runtime.stop(id, 3)));
    await Promise.all([1, 2, 3].map(() => runtime.remove(id)));
    expect((await runtime.observe(wanted)).current).toBeUndefined();
  });

  test('homes made at once are one home', async () => {
    const { runtime, fitted } = await openEngine();
    await Promise.all([1, 2, 3, 4].map(() => runtime.ensureHome(fitted())));
    expect((await runtime.observe(fitted())).home).toEqual({ kind: 'ready' });
  });
});

describe('networks', () => {
  test('one of our name that is not ours is said so and left alone', async () => {
    const { runtime, docker, network, prefix } = await openEngine();
    await docker.getNetwork(network.name).remove();
    const foreign = await docker.createNetwork({ Name: network.name, Labels: { theirs: prefix } });
    onTestFinished(() => foreign.remove());
    expect((await runtime.network(network))?.problem).toContain('not ours');
    await expect(runtime.ensureNetwork(network)).rejects.toMatchObject({ code: 'REFUSED' });
    expect((await foreign.inspect()).Labels).toEqual({ theirs: prefix });
  });

  test('one that lets neighbours talk, or has another subnet, is said so', async () => {
    const { runtime, network } = await openEngine();
    expect((await runtime.network({ ...network, subnet: '10.1.2.0/24' }))?.problem).toContain('subnet');
    expect((await runtime.network({ ...network, bridge: 'wd-other' }))?.problem).toContain('bridge');
    expect(await runtime.network({ ...network, name: `${network.name}-x` })).toBeNull();
  });

  test('a missing one is an error that passes once it is back', async () => {
    const { runtime, docker, fitted, network } = await openEngine();
    const wanted = fitted();
    await runtime.ensureHome(wanted);
    const id = await runtime.create(wanted, 1);
    await docker.getNetwork(network.name).remove();
    await expect(runtime.start(id, wanted)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    await runtime.ensureNetwork(network);
    await runtime.start(id, wanted);
    expect((await runtime.observe(wanted)).current).toMatchObject({ state: 'running', address: wanted.address });
  });
});

describe('homes in volumes', () => {
  test('are made for their owner, kept, and found again', async () => {
    const { up, runtime, inside, prefix } = await openEngine();
    const volume = `${prefix}home`;
    const home = { place: { kind: 'volume' as const, volume }, mountPath: '/home/user', shared: false };
    const { id, wanted } = await up({ home, homeSource: volume });
    expect((await inside(id, 'touch x; stat -c "%U %a" .; ls -A')).stdout).toBe('ada 700\nx');
    expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
    await runtime.stop(id, 3);
    await runtime.remove(id);
    const again = await up({ home, homeSource: volume });
    expect((await inside(again.id, 'ls')).stdout).toBe('x');
    const other = { ...wanted, identity: { uid: 30_000, gid: 30_000, groups: [] } };
    expect((await runtime.observe(other)).home).toMatchObject({ kind: 'wrongOwner', uid: wanted.identity.uid });
  });
});

describe('hints', () => {
  test('tell of the opening and of what hands do to ours, not of our own create and start, nor of others', async () => {
    const { runtime, up, docker, network, prefix } = await openEngine();
    const hints: RuntimeHint[] = [];
    const watch = runtime.watch((hint) => hints.push(hint));
    onTestFinished(watch.close);
    await until(() => hints.some(({ kind }) => kind === 'reconnected'));
    const foreign = await docker.createContainer({ Image: 'workdock-test:latest', name: `${prefix}x`, Cmd: ['true'] });
    const { id } = await up();
    await docker.getNetwork(network.name).disconnect({ Container: id });
    const count = (action: string) =>
      hints.filter((hint) => hint.kind === 'workspace' && hint.action === action).length;
    await until(() => count('network disconnect') > 0, { deadlineMs: 20_000 });
    expect([count('create'), count('start'), count('network connect')], 'the pass looks by itself').toEqual([0, 0, 0]);
    await docker.getContainer(id).kill();
    await docker.getContainer(id).start();
    await docker.getContainer(id).kill();
    await foreign.start();
    await docker.getContainer(id).remove();
    for (const action of ['start', 'die', 'destroy']) await until(() => count(action) > 0, { what: action });
    expect(new Set(hints.flatMap((hint) => (hint.kind === 'workspace' ? [hint.name] : [])))).toEqual(new Set(['ada']));
  });
});

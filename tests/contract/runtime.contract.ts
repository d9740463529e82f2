import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ErrorCode } from '../../src/lib/errors.ts';
import type { Fitted } from '../../src/model/fitted.ts';
import { isHandMade } from '../../src/model/observed.ts';
import type { NetworkSpec, Runtime } from '../../src/model/runtime.ts';

/** One runtime in a world of its own, and what a person could do to it behind its back. */
export type ContractWorld = {
  runtime: Runtime;
  network: NetworkSpec;
  /** Complete, with the home and the address of its `name` (default `ada`). */
  fitted: (over?: Partial<Fitted>) => Fitted;
  /** A workspace whose container the engine makes and cannot start. */
  unstartable: () => Fitted;
  /** A workspace whose first process writes `one` `two` `three` to stdout and `apart` to stderr, and stays. */
  speaker: () => Fitted;
  /** Limits as processes inside meet them. */
  limitsInside: (id: string) => Promise<{ cpus: number; memoryBytes: number; pids: number }>;
  hands: {
    rm: (id: string) => Promise<void>;
    stop: (id: string) => Promise<void>;
    kill: (id: string) => Promise<void>;
    pause: (id: string) => Promise<void>;
    rename: (id: string, to: string) => Promise<void>;
    update: (id: string, memoryBytes: number) => Promise<void>;
    disconnectNetwork: (id: string) => Promise<void>;
    /** Leaves a new file of so many bytes in the container itself, in a folder of its own: `/opt/tool/data`. */
    write: (id: string, bytes: number) => Promise<void>;
    /** Somebody else's container under this name, with the home of `fitted` and a share of the CPU; returns its id. */
    foreign: (name: string, fitted?: Fitted) => Promise<string>;
  };
  /** What the prefix makes of a workspace's name. */
  containerName: (name: string) => string;
  dispose: () => Promise<void>;
};

const NOBODY = 'f'.repeat(64);
const MIB = 2 ** 20;

/** What every runtime must do. The fake runs it too, so the fake cannot drift from a real engine. */
export function runtimeContract(label: string, make: () => Promise<ContractWorld>) {
  const open = async () => {
    const world = await make();
    onTestFinished(world.dispose, 60_000);
    const { runtime, fitted } = world;
    const up = async (over: Partial<Fitted> = {}) => {
      const wanted = fitted(over);
      await runtime.ensureHome(wanted);
      const id = await runtime.create(wanted, 1);
      await runtime.start(id, wanted);
      return { id, wanted };
    };
    const current = async (wanted = fitted()) => (await runtime.observe(wanted)).current;
    return { ...world, up, current };
  };
  const twice = async (call: () => Promise<void>) => {
    await call();
    await call();
  };
  const fails = (call: Promise<unknown>, code: ErrorCode) => expect(call).rejects.toMatchObject({ code });

  describe(`${label} runtime`, () => {
    test('nothing is there before it is made, and nothing after it is removed', async () => {
      const { runtime, fitted } = await open();
      const wanted = fitted();
      const empty = await runtime.observe(wanted);
      expect(empty).toMatchObject({ strays: [], home: { kind: 'absent' }, missingMounts: [] });
      expect(empty.current ?? empty.aside ?? empty.taken).toBeUndefined();
      await twice(() => runtime.ensureHome(wanted));
      const id = await runtime.create(wanted, 7);
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
      expect((await runtime.observe(wanted)).current).toMatchObject({ id, state: 'created', generation: 7 });
      await twice(() => runtime.remove(id));
      expect((await runtime.observe(wanted)).current).toBeUndefined();
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
    });

    test('a container that another name took over is seen there, whatever it is called, and nowhere else', async () => {
      const { runtime, fitted, up, containerName } = await open();
      const { id, wanted } = await up();
      const heir = { name: 'eve', adopted: [id] };
      const former = { ...wanted, given: [id] };
      expect((await runtime.observe(heir)).current).toMatchObject({ id, name: containerName('ada') });
      const seen = await runtime.observe(former);
      expect([seen.current, seen.strays]).toEqual([undefined, []]);
      expect(seen.taken).toEqual({ id, name: containerName('ada'), ours: true });
      await twice(() => runtime.restore(id, 'eve'));
      const own = await runtime.observe(heir);
      expect([own.ownName, own.current?.name, own.current?.id]).toEqual([
        containerName('eve'),
        containerName('eve'),
        id,
      ]);
      expect((await runtime.observe(heir, own)).current?.id).toBe(id);
      const free = await runtime.observe(former);
      expect([free.current, free.taken, free.strays]).toEqual([undefined, undefined, []]);
      const next = await runtime.create(wanted, 1);
      expect((await runtime.observe(former)).current?.id).toBe(next);
      expect((await runtime.observe(heir)).current?.id).toBe(id);
      await runtime.setAside(id, 'ada', 9);
      expect((await runtime.observe(heir)).aside).toMatchObject({ id, name: `${containerName('ada')}.old.9` });
      expect((await runtime.observe(former)).taken?.id).toBe(id);
      expect((await runtime.observe(former)).aside).toBeUndefined();
      expect((await runtime.observe(fitted({ name: 'bob' }))).strays).toEqual([]);
    });

    test('a container that was made by hand is its own once it is adopted, for every look and verb', async () => {
      const { runtime, fitted, hands, containerName, limitsInside } = await open();
      const wanted = fitted();
      await runtime.ensureHome(wanted);
      const id = await hands.foreign(containerName('ada'), wanted);
      const { taken } = await runtime.observe(wanted);
      expect(taken).toMatchObject({ id, foreign: { state: 'created', autoRemove: false } });
      expect(taken?.foreign?.home).toEqual({ source: wanted.homeSource, fits: true, readOnly: false });
      const other = fitted({ homeSource: `${wanted.homeSource}-other` });
      expect((await runtime.observe(other)).taken?.foreign?.home?.fits).toBe(false);
      expect(await runtime.list()).toEqual(new Map());

      const key = { ...wanted, adopted: [id] };
      const whose = new Map([[id, 'ada']]);
      const row = { id, name: containerName('ada'), state: 'created' };
      expect(await runtime.list(whose)).toEqual(new Map([['ada', [row]]]));
      const { current, taken: nobody, strays } = await runtime.observe(key);
      expect([current?.id, current?.generation, nobody, strays]).toEqual([id, 0, undefined, []]);
      expect(current && isHandMade(current)).toBe(true);
      const seen = await runtime.observe({ ...fitted({ name: 'eve' }), given: [id] });
      expect([seen.current, seen.taken, seen.strays]).toEqual([undefined, undefined, []]);
      expect((await runtime.observe({ ...wanted, given: [id] })).taken).toEqual({ id, name: row.name, ours: true });

      await twice(() => runtime.start(id, wanted));
      await twice(() => runtime.update(id, wanted.limits));
      expect((await runtime.observe(key)).current?.limits).toEqual(wanted.limits);
      expect(await limitsInside(id)).toMatchObject({ cpus: wanted.limits.nanoCpus / 1e9 });
      await twice(() => runtime.stop(id, 1));
      await twice(() => runtime.setAside(id, 'ada', 0));
      expect((await runtime.observe(key)).aside?.id).toBe(id);
      await twice(() => runtime.restore(id, 'ada'));
      await hands.rename(id, `${containerName('zoe')}.x`);
      expect((await runtime.observe(key)).strays.map((stray) => stray.id)).toEqual([id]);
      await twice(() => runtime.remove(id));
      expect(await runtime.list(whose)).toEqual(new Map());
    });

    test('every verb twice is the same as once', async () => {
      const { runtime, fitted, current } = await open();
      const wanted = fitted();
      await runtime.ensureHome(wanted);
      const id = await runtime.create(wanted, 1);
      await twice(() => runtime.start(id, wanted));
      expect(await current()).toMatchObject({ id, state: 'running', hash: wanted.hash, exitCode: 0, error: '' });
      await twice(() => runtime.pause(id));
      expect((await current())?.state).toBe('paused');
      await twice(() => runtime.unpause(id));
      expect((await current())?.state).toBe('running');
      await twice(() => runtime.update(id, wanted.limits));
      await twice(() => runtime.connect(id, wanted));
      await twice(() => runtime.disconnect(id, wanted.networkName ?? ''));
      await twice(() => runtime.stop(id, 5));
      expect((await current())?.state).toBe('exited');
      await twice(() => runtime.setAside(id, 'ada', 1));
      expect((await runtime.observe(wanted)).aside?.id).toBe(id);
      await twice(() => runtime.restore(id, 'ada'));
      expect((await current())?.id).toBe(id);
      await twice(() => runtime.remove(id));
      expect(await current()).toBeUndefined();
    });

    test('a stop and a start keep the container', async () => {
      const { runtime, up, current } = await open();
      const { id, wanted } = await up();
      await runtime.stop(id, 5);
      await runtime.start(id, wanted);
      expect(await current()).toMatchObject({ id, state: 'running' });
    });

    test('a paused container can be stopped', async () => {
      const { runtime, up, current } = await open();
      const { id } = await up();
      await runtime.pause(id);
      await runtime.stop(id, 5);
      expect((await current())?.state).toBe('exited');
    });

    test('a running container is not removed', async () => {
      const { runtime, up, current } = await open();
      const { id } = await up();
      await fails(runtime.remove(id), 'ENGINE_CONFLICT');
      expect((await current())?.state).toBe('running');
    });

    test('verbs on an unknown id fail and touch nothing; removing it is done already', async () => {
      const { runtime, fitted, up, current } = await open();
      const { id } = await up();
      const wanted = fitted();
      await fails(runtime.start(NOBODY, wanted), 'ENGINE_CONFLICT');
      await fails(runtime.stop(NOBODY, 1), 'ENGINE_CONFLICT');
      await fails(runtime.pause(NOBODY), 'ENGINE_CONFLICT');
      await fails(runtime.unpause(NOBODY), 'ENGINE_CONFLICT');
      await fails(runtime.update(NOBODY, wanted.limits), 'ENGINE_CONFLICT');
      await fails(runtime.connect(NOBODY, wanted), 'ENGINE_CONFLICT');
      await fails(runtime.disconnect(NOBODY, wanted.networkName ?? ''), 'ENGINE_CONFLICT');
      await fails(runtime.setAside(NOBODY, 'ada', 1), 'ENGINE_CONFLICT');
      await fails(runtime.restore(NOBODY, 'bea'), 'ENGINE_CONFLICT');
      await runtime.remove(NOBODY);
      expect(await current()).toMatchObject({ id, state: 'running' });
    });

    test('a container that is not up cannot be paused', async () => {
      const { runtime, up } = await open();
      const { id } = await up();
      await runtime.stop(id, 5);
      await fails(runtime.pause(id), 'ENGINE_CONFLICT');
    });

    test('limits hold inside, and change without a restart', async () => {
      const { runtime, fitted, up, current, limitsInside } = await open();
      const { id } = await up({ limits: { nanoCpus: 5e8, memoryBytes: 192 * MIB, pids: 77 } });
      expect(await limitsInside(id)).toEqual({ cpus: 0.5, memoryBytes: 192 * MIB, pids: 77 });
      const before = await current();
      for (const memoryBytes of [256 * MIB, 128 * MIB]) {
        const limits = { nanoCpus: 1e9, memoryBytes, pids: 99 };
        await runtime.update(id, limits);
        expect(await limitsInside(id)).toEqual({ cpus: 1, memoryBytes, pids: 99 });
        expect(await current(fitted())).toMatchObject({ limits, startedAt: before?.startedAt });
      }
      await runtime.update(id, { pids: 55 });
      expect(await limitsInside(id), 'what is not named stays').toEqual({ cpus: 1, memoryBytes: 128 * MIB, pids: 55 });
      await runtime.update(id, {});
      expect((await current())?.limits).toEqual({ nanoCpus: 1e9, memoryBytes: 128 * MIB, pids: 55 });
    });

    test('what hands do is seen', async () => {
      const { hands, runtime, fitted, up, current, containerName } = await open();
      const { id, wanted } = await up();
      await hands.pause(id);
      expect((await current())?.state).toBe('paused');
      await runtime.unpause(id);
      await hands.update(id, 128 * MIB);
      expect((await current())?.limits.memoryBytes).toBe(128 * MIB);
      await hands.disconnectNetwork(id);
      expect((await current())?.networks).toEqual([]);
      await hands.stop(id);
      expect((await current())?.state).toBe('exited');
      await runtime.start(id, wanted);
      await hands.kill(id);
      expect(await current()).toMatchObject({ state: 'exited', exitCode: 137 });
      await hands.rename(id, `${containerName('ada')}-mine`);
      const renamed = await runtime.observe(fitted());
      expect([renamed.current, renamed.strays.map((stray) => stray.id)]).toEqual([undefined, [id]]);
      await runtime.restore(id, 'ada');
      await hands.rm(id);
      expect(await current()).toBeUndefined();
    });

    test('a running container is looked at from outside, and what is gone is unknown', async () => {
      const { runtime, up, current } = await open();
      const { id } = await up();
      const container = { id, pid: (await current())?.pid ?? 0 };
      const seen = await runtime.readSignals(container, { kernels: false });
      expect(seen).toMatchObject({
        terminals: { ok: true, value: [] },
        cpuNs: { ok: true },
        networkBytes: { ok: true },
      });
      expect(seen.kernels).toBeUndefined();
      expect((await runtime.readSignals(container, { kernels: true })).kernels).toEqual({
        ok: true,
        value: { servers: 0, kernels: 0, busy: 0 },
      });
      expect(await runtime.processes(container)).toEqual([]);
      expect(await runtime.tellTerminals(container, 'nobody sits here')).toBe(0);
      await runtime.stop(id, 5);
      const gone = await runtime.readSignals(container, { kernels: true });
      for (const reading of [gone.cpuNs, gone.networkBytes, gone.terminals, gone.kernels]) {
        expect(reading).toEqual({ ok: false, message: expect.stringMatching(/./) });
      }
      await fails(runtime.processes(container), 'ENGINE_CONFLICT');
      expect(await runtime.tellTerminals(container, 'nobody')).toBe(0);
    });

    test('what is left in a container itself is named, and what was put there to run it is not', async () => {
      const { runtime, hands, fitted, up } = await open();
      const created = fitted({ name: 'bea' });
      await runtime.ensureHome(created);
      expect(await runtime.diff(await runtime.create(created, 1))).toEqual({ entries: [], more: 0, bytes: 0 });
      const { id } = await up();
      expect(await runtime.diff(id)).toEqual({ entries: [], more: 0, bytes: 0 });
      await hands.write(id, 3 * MIB);
      const found = await runtime.diff(id);
      expect(found).toMatchObject({
        entries: [{ path: expect.stringMatching(/^\/opt\/tool/), kind: 'added' }],
        more: 0,
      });
      expect(found.bytes / MIB).toBeCloseTo(3, 1);
      await runtime.stop(id, 5);
      expect(await runtime.diff(id), 'also while it is down').toEqual(found);
      await fails(runtime.diff(NOBODY), 'ENGINE_CONFLICT');
    });

    test('the old container is set aside for the new one, and can come back', async () => {
      const { runtime, fitted, up, containerName } = await open();
      const { id: old, wanted } = await up();
      await runtime.stop(old, 5);
      await fails(runtime.create(wanted, 2), 'ENGINE_CONFLICT');
      await runtime.setAside(old, 'ada', 1);
      const id = await runtime.create(fitted({ hash: 'v1:other' }), 2);
      const both = await runtime.observe(wanted);
      expect(both.current).toMatchObject({ id, hash: 'v1:other', generation: 2 });
      expect(both.aside).toMatchObject({ id: old, name: `${containerName('ada')}.old.1`, hash: wanted.hash });
      await fails(runtime.restore(old, 'ada'), 'ENGINE_CONFLICT');
      await runtime.remove(id);
      await runtime.restore(old, 'ada');
      await runtime.start(old, wanted);
      expect((await runtime.observe(wanted)).current).toMatchObject({ id: old, state: 'running' });
    });

    test('a container changes its network without a restart, and keeps that over one', async () => {
      const { runtime, network, up, current } = await open();
      const { id, wanted } = await up();
      const before = await current();
      expect(before).toMatchObject({ networks: [network.name], address: wanted.address });
      await runtime.disconnect(id, network.name);
      expect(await current()).toMatchObject({ networks: [], address: null, startedAt: before?.startedAt });
      await runtime.stop(id, 5);
      await runtime.start(id, wanted);
      expect((await current())?.networks).toEqual([]);
      const between = await current();
      await runtime.connect(id, wanted);
      expect(await current()).toMatchObject({
        networks: [network.name],
        address: wanted.address,
        startedAt: between?.startedAt,
      });
      await runtime.stop(id, 5);
      await runtime.start(id, wanted);
      expect(await current()).toMatchObject({ networks: [network.name], address: wanted.address });
    });

    test('with mode none there is no network, and one can be joined later', async () => {
      const { runtime, network, fitted, up, current } = await open();
      const { id } = await up({ network: { mode: 'none', allow: [] } });
      expect(await current()).toMatchObject({ networks: [], address: null });
      await runtime.connect(id, fitted());
      expect(await current()).toMatchObject({ networks: [network.name], address: fitted().address });
    });

    test('a home is made once and never given to another owner', async () => {
      const { runtime, fitted } = await open();
      const wanted = fitted();
      await runtime.ensureHome(wanted);
      const other = { ...wanted, identity: { uid: 30_000, gid: 30_000, groups: [] } };
      await runtime.ensureHome(other);
      const { uid, gid } = wanted.identity;
      expect((await runtime.observe(other)).home).toEqual({ kind: 'wrongOwner', uid, gid, path: wanted.homeSource });
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
    });

    test('a home goes to the trash under its name and time, once, and says there what it left', async () => {
      const { runtime, fitted } = await open();
      const wanted = fitted();
      const [first, second] = ['ada@20261124T153000Z', 'ada@20261124T153001Z'];
      expect(await runtime.trashHome(wanted, '2026-11-24T15:30:00.000Z'), 'nothing is there yet').toBeNull();
      await runtime.ensureHome(wanted);
      expect(await runtime.trashHome(wanted, '2026-11-24T15:30:00.700Z')).toBe(first);
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'absent', former: first });
      expect(await runtime.trashHome(wanted, '2026-11-24T16:00:00.000Z'), 'done before a crash').toBe(first);
      await runtime.ensureHome(wanted);
      expect((await runtime.observe(wanted)).home, 'a new one hides the former').toEqual({ kind: 'ready' });
      expect(await runtime.trashHome(wanted, '2026-11-24T15:30:00.000Z'), 'the name is taken').toBe(second);
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'absent', former: second });
    });

    test('a home that a container has, running or not, is not moved; nor is one of another kind', async () => {
      const { runtime, fitted, up, containerName } = await open();
      const { id, wanted } = await up();
      const at = '2026-11-24T15:30:00.000Z';
      const mount = { container: containerName('ada'), path: wanted.homeSource };
      expect(await runtime.mountsBelow(dirname(wanted.homeSource))).toEqual([{ ...mount, up: true }]);
      expect(await runtime.mountsBelow(`${wanted.homeSource}-of-bob`)).toEqual([]);
      await fails(runtime.trashHome(wanted, at), 'HOME_UNUSABLE');
      await runtime.stop(id, 1);
      expect(await runtime.mountsBelow(wanted.homeSource)).toEqual([{ ...mount, up: false }]);
      await fails(runtime.trashHome(wanted, at), 'HOME_UNUSABLE');
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
      await runtime.remove(id);
      const path = { ...wanted.home, place: { kind: 'path' as const, path: wanted.homeSource } };
      const given = fitted({ home: path });
      expect(await runtime.trashHome(given, at), 'a path of the host stays').toBeNull();
      expect((await runtime.observe(wanted)).home).toEqual({ kind: 'ready' });
      expect(await runtime.trashHome(wanted, at)).toBe('ada@20261124T153000Z');
    });

    test("somebody else's container under our name is reported and untouched", async () => {
      const { runtime, fitted, hands, containerName } = await open();
      const wanted = fitted();
      const theirs = await hands.foreign(containerName('ada'));
      expect(await runtime.observe(wanted)).toMatchObject({ taken: { id: theirs, name: containerName('ada') } });
      await runtime.ensureHome(wanted);
      await fails(runtime.create(wanted, 1), 'ENGINE_CONFLICT');
      expect((await runtime.observe(wanted)).taken?.id).toBe(theirs);
      expect((await runtime.list()).size).toBe(0);
      await hands.rename(theirs, `${containerName('ada')}.old.3`);
      const aside = { id: theirs, name: `${containerName('ada')}.old.3` };
      expect((await runtime.observe(wanted)).taken).toMatchObject(aside);
    });

    test('an image that is not there is said so', async () => {
      const { runtime, fitted } = await open();
      const wanted = fitted({ image: { ref: 'workdock-no-such-image:1', pullPolicy: 'Never' } });
      expect((await runtime.observe(wanted)).imageId).toBeNull();
      expect((await runtime.observe(fitted())).imageId).not.toBeNull();
      await runtime.ensureHome(wanted);
      await fails(runtime.ensureImage(wanted.image.ref, 'Never'), 'IMAGE_NOT_FOUND');
      await fails(runtime.create(wanted, 1), 'IMAGE_NOT_FOUND');
      await runtime.ensureImage(fitted().image.ref, 'IfNotPresent');
    });

    test('a failed start leaves a created container with the reason', async () => {
      const { runtime, unstartable } = await open();
      const wanted = unstartable();
      await runtime.ensureHome(wanted);
      const id = await runtime.create(wanted, 1);
      await fails(runtime.start(id, wanted), 'START_FAILED');
      const { current } = await runtime.observe(wanted);
      expect(current).toMatchObject({ id, state: 'created' });
      expect(current?.error).not.toBe('');
    });

    test('the list names every container of ours, by workspace', async () => {
      const { runtime, up, containerName } = await open();
      const [ada, bea] = [await up(), await up({ name: 'bea' })];
      await runtime.stop(bea.id, 5);
      const rows = Object.fromEntries(await runtime.list());
      expect(rows).toEqual({
        ada: [{ id: ada.id, name: containerName('ada'), state: 'running' }],
        bea: [{ id: bea.id, name: containerName('bea'), state: 'exited' }],
      });
    });

    test('the network is there once it was asked for', async () => {
      const { runtime, network } = await open();
      await twice(() => runtime.ensureNetwork(network));
      expect(await runtime.network(network)).toEqual({});
      expect(await runtime.takenSubnets()).not.toContain(network.subnet);
    });

    test('the engine tells what it can do', async () => {
      const { runtime } = await open();
      const { cpus, memoryBytes, apiVersion } = await runtime.capabilities();
      expect([cpus > 0, memoryBytes > 2 ** 20, /^\d+\.\d+$/.test(apiVersion)]).toEqual([true, true, true]);
    });
  });
}

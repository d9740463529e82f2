import { WorkdockError } from '../../lib/errors.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { Listing, Runtime } from '../../model/runtime.ts';
import { end, type FakeContainer, type FakeEngine } from './engine.ts';

type Options = { prefix?: string; networkName?: string; beforeCall?: (call: string) => Promise<void> | void };

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

function asContainer(c: FakeContainer): Container {
  const startedAt = iso(c.startedAt);
  const finishedAt = iso(c.finishedAt);
  const up = c.state === 'running' || c.state === 'paused';
  const { id, name, state, hash, generation, imageRef, imageId, limits, exitCode, error, oomKilled } = c;
  return {
    ...{ id, name, state, hash, generation, imageRef, imageId, limits, exitCode, error, oomKilled },
    networks: [...c.networks.keys()].sort((a, b) => a.localeCompare(b)),
    // Docker reports an address only while the container is up.
    address: up ? ([...c.networks.values()][0] ?? null) : null,
    createdAt: new Date(c.createdAt).toISOString(),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    ...(up && { pid: 1000, oomKills: c.oomKills, memoryInUseBytes: c.memoryInUseBytes }),
  };
}

/** An engine in memory that keeps Docker's rules, errors included. The contract suite holds it to the real one. */
export function makeFakeRuntime(engine: FakeEngine, options: Options = {}): Runtime {
  const { prefix = 'ws-', networkName = 'ws-net', beforeCall } = options;
  const fail = (
    code: 'ENGINE_CONFLICT' | 'NOT_FOUND' | 'IMAGE_NOT_FOUND' | 'START_FAILED' | 'ENGINE_REFUSED',
    text: string,
  ) => {
    throw new WorkdockError(code, text, { hint: 'see the engine' });
  };
  const reach = async () => {
    if (!engine.reachable)
      throw new WorkdockError('ENGINE_UNREACHABLE', 'the engine does not answer', { hint: 'start it' });
  };
  const by = (id: string): FakeContainer =>
    engine.containers.get(id) ?? (fail('NOT_FOUND', `no container ${id}`) as never);
  const named = (name: string) => [...engine.containers.values()].find((c) => c.name === name);
  const mutate = async (call: string) => {
    await reach();
    await beforeCall?.(call);
    await reach();
    engine.calls.push(call);
  };
  const up = (c: FakeContainer) => c.state === 'running' || c.state === 'paused';
  const free = (name: string) => named(name) && fail('ENGINE_CONFLICT', `the name ${name} is in use`);

  return {
    capabilities: async () => {
      await reach();
      const facts = { engine: 'fake', apiVersion: '1.41', cpus: 64, memoryBytes: 2 ** 40, cgroupVersion: 1 as const };
      return { ...facts, liveRestore: false, warnings: [] };
    },
    list: async () => {
      await reach();
      const listing: Listing = new Map();
      for (const { id, name, state, workspace } of engine.containers.values()) {
        if (workspace) listing.set(workspace, [...(listing.get(workspace) ?? []), { id, name, state }]);
      }
      return listing;
    },
    observe: async (key) => {
      await reach();
      const own = `${prefix}${key.name}`;
      const asideName = new RegExp(`^${own}\\.old\\.[0-9]+$`);
      const all = [...engine.containers.values()];
      const ours = all.filter((c) => c.workspace === key.name);
      const taken = all.find((c) => c.workspace !== key.name && (c.name === own || asideName.test(c.name)));
      const current = ours.find((c) => c.name === own);
      const aside = ours.find((c) => asideName.test(c.name));
      const home = key.homeSource === undefined ? undefined : engine.homes.get(key.homeSource);
      const wrong = home && key.identity && home.uid !== key.identity.uid;
      const observed: Observed = {
        at: engine.now(),
        ...(current && { current: asContainer(current) }),
        ...(aside && { aside: asContainer(aside) }),
        strays: ours.filter((c) => c !== current && c !== aside).map(asContainer),
        ...(taken && { taken: { id: taken.id, name: taken.name } }),
        imageId: (key.image && engine.images.get(key.image.ref)) ?? null,
        home: !home
          ? { kind: 'absent' }
          : wrong
            ? { kind: 'wrongOwner', uid: home.uid, gid: home.gid, path: key.homeSource ?? '' }
            : { kind: 'ready' },
        missingMounts: (key.mounts ?? [])
          .filter((mount) => engine.missingMounts.has(mount.source))
          .map(({ source }) => ({ source, message: `${source} does not exist` })),
      };
      return observed;
    },
    ensureImage: async (ref, pullPolicy) => {
      await mutate(`pull ${ref}`);
      const found = engine.registry.get(ref);
      if (found && pullPolicy !== 'Never') engine.images.set(ref, found);
      else if (!engine.images.has(ref)) fail('IMAGE_NOT_FOUND', `no image ${ref}`);
    },
    ensureHome: async ({ homeSource, identity: { uid, gid } }) => {
      await mutate(`home ${homeSource}`);
      if (!engine.homes.has(homeSource)) engine.homes.set(homeSource, { uid, gid, mark: `home of ${uid}` });
    },
    create: async (fitted, generation) => {
      const name = `${prefix}${fitted.name}`;
      await mutate(`create ${name}`);
      free(name);
      const imageId = engine.images.get(fitted.image.ref);
      if (!imageId) return fail('IMAGE_NOT_FOUND', `no image ${fitted.image.ref}`) as never;
      if (!engine.homes.has(fitted.homeSource))
        fail('ENGINE_REFUSED', `bind source ${fitted.homeSource} does not exist`);
      engine.counter += 1;
      const id = engine.counter.toString(16).padStart(64, '0');
      engine.containers.set(id, {
        ...{ id, name, workspace: fitted.name, state: 'created', hash: fitted.hash, generation, imageId },
        ...{
          imageRef: fitted.image.ref,
          limits: fitted.limits,
          homeSource: fitted.homeSource,
          createdAt: engine.now(),
        },
        networks: new Map(fitted.networkName ? [[fitted.networkName, fitted.address]] : []),
        ...{ exitCode: 0, error: '', oomKilled: false, oomKills: 0, memoryInUseBytes: 2 ** 20 },
      });
      return id;
    },
    update: async (id, limits) => {
      await mutate(`update ${id}`);
      by(id).limits = limits;
    },
    connect: async (id, fitted) => {
      await mutate(`connect ${id}`);
      if (fitted.networkName) by(id).networks.set(fitted.networkName, fitted.address);
    },
    disconnect: async (id, network) => {
      await mutate(`disconnect ${id} ${network}`);
      by(id).networks.delete(network);
    },
    start: async (id) => {
      await mutate(`start ${id}`);
      const c = by(id);
      if (up(c)) return;
      if (engine.unstartable.has(c.hash)) {
        c.error = 'exec: no such file';
        fail('START_FAILED', c.error);
      }
      Object.assign(c, { state: 'running', startedAt: engine.now(), error: '', oomKilled: false, oomKills: 0 });
      delete c.finishedAt;
      if (engine.crashing.has(c.hash)) end(engine, c, 1);
    },
    stop: async (id) => {
      await mutate(`stop ${id}`);
      const c = by(id);
      if (up(c)) end(engine, c, 143);
    },
    pause: async (id) => {
      await mutate(`pause ${id}`);
      const c = by(id);
      if (c.state === 'running') c.state = 'paused';
      else if (c.state !== 'paused') fail('ENGINE_CONFLICT', `${id} is not running`);
    },
    unpause: async (id) => {
      await mutate(`unpause ${id}`);
      const c = by(id);
      if (c.state === 'paused') c.state = 'running';
    },
    setAside: async (id, name, generation) => {
      await mutate(`setAside ${id}`);
      const aside = `${prefix}${name}.old.${generation}`;
      if (by(id).name === aside) return;
      free(aside);
      by(id).name = aside;
    },
    restore: async (id, name) => {
      await mutate(`restore ${id}`);
      if (by(id).name === `${prefix}${name}`) return;
      free(`${prefix}${name}`);
      by(id).name = `${prefix}${name}`;
    },
    remove: async (id) => {
      await mutate(`remove ${id}`);
      const c = engine.containers.get(id);
      if (c && up(c)) fail('ENGINE_CONFLICT', `cannot remove a running container ${id}`);
      engine.containers.delete(id);
    },
    network: async () => {
      await reach();
      return engine.network ? {} : null;
    },
    ensureNetwork: async ({ subnet }) => {
      await mutate(`network ${networkName}`);
      engine.network = { subnet };
    },
    takenSubnets: async () => [],
    watch: () => ({ close: () => undefined }),
  };
}

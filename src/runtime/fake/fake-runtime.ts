import { basename } from 'node:path';
import { entryName, newestOf } from '../../model/homes.ts';
import { type Listing, type Runtime, writtenMost } from '../../model/runtime.ts';
import { begin, end, type FakeContainer, type FakeEngine, fail, isDoomed, isUp } from './engine.ts';
import { fakeExec } from './exec.ts';
import { observeFake } from './fake-observe.ts';
import { fakeLogs } from './logs.ts';
import { makeFakeSignals, quietSignals } from './signals.ts';

type Options = {
  prefix?: string;
  /** Called before and after a mutating call has its effect; what it throws is what the caller gets. */
  beforeCall?: (call: string) => Promise<void> | void;
  afterCall?: (call: string) => Promise<void> | void;
};

/** An engine in memory that keeps Docker's rules, errors included. The contract suite holds it to the real one. */
export function makeFakeRuntime(engine: FakeEngine, options: Options = {}): Runtime {
  const { prefix = 'ws-', beforeCall, afterCall } = options;

  const read = () => {
    if (!engine.reachable) fail('ENGINE_UNREACHABLE', 'the engine does not answer', 'start it');
  };
  const mutate = async <T>(call: string, effect: () => T): Promise<T> => {
    read();
    await beforeCall?.(call);
    engine.calls.push(call);
    const result = effect();
    await afterCall?.(call);
    return result;
  };
  const by = (id: string): FakeContainer => engine.containers.get(id) ?? fail('ENGINE_CONFLICT', `no container ${id}`);
  const rename = (c: FakeContainer, name: string) => {
    if (c.name === name) return;
    checkFree(name);
    c.name = name;
  };
  const checkFree = (name: string) => {
    for (const c of engine.containers.values()) if (c.name === name) fail('ENGINE_CONFLICT', `${name} is in use`);
  };
  const checkMounts = (homeSource: string, mountSources: string[]) => {
    const missing = [
      ...(engine.homes.has(homeSource) ? [] : [homeSource]),
      ...mountSources.filter((source) => engine.missingMounts.has(source)),
    ];
    if (missing[0]) fail('MOUNT_MISSING', `bind source path does not exist: ${missing[0]}`);
  };
  const start = (c: FakeContainer) => {
    if (c.state === 'paused') fail('ENGINE_CONFLICT', `cannot start a paused container ${c.id}`);
    if (isUp(c)) return;
    try {
      checkMounts(c.homeSource, c.mountSources);
      if (isDoomed(engine.unstartable, c)) fail('START_FAILED', 'exec: no such file');
    } catch (error) {
      // As Docker does it: the state stays, the text is kept.
      Object.assign(c, { error: String(error), exitCode: 127 });
      throw error;
    }
    begin(engine, c);
  };

  return {
    capabilities: async () => {
      read();
      const facts = { engine: 'fake', apiVersion: '1.41', cpus: 64, memoryBytes: 2 ** 40, cgroupVersion: 1 as const };
      return { ...facts, liveRestore: false, warnings: [] };
    },
    list: async (adopted) => {
      read();
      const listing: Listing = new Map();
      for (const { id, name, state, workspace } of engine.containers.values()) {
        const whose = adopted?.get(id) ?? workspace;
        if (whose !== null) listing.set(whose, [...(listing.get(whose) ?? []), { id, name, state }]);
      }
      return listing;
    },
    observe: async (key) => {
      read();
      return observeFake(engine, prefix, key);
    },
    ensureImage: (ref, pullPolicy) =>
      mutate(`pull ${ref}`, () => {
        const found = engine.registry.get(ref);
        if (pullPolicy === 'IfNotPresent' && engine.images.has(ref)) return;
        if (found && pullPolicy !== 'Never') engine.images.set(ref, found);
        else if (!engine.images.has(ref)) fail('IMAGE_NOT_FOUND', `no image ${ref}`);
      }),
    ensureHome: ({ homeSource, identity: { uid, gid } }) =>
      mutate(`home ${homeSource}`, () => {
        if (!engine.homes.has(homeSource)) engine.homes.set(homeSource, { uid, gid, mark: `home of ${uid}` });
      }),
    homeFolder: async () => null,
    trashHome: ({ home: { place }, homeSource }, at, unless = 'Mounted') =>
      mutate(`trash ${homeSource}`, () => {
        if (place.kind !== 'folder') return null;
        const user = [...engine.containers.values()].find(
          (c) => c.homeSource === homeSource && (unless === 'Mounted' || isUp(c)),
        );
        if (user) fail('HOME_UNUSABLE', `container ${user.name} has it mounted`);
        const name = basename(homeSource);
        const home = engine.homes.get(homeSource);
        if (!home) return newestOf(name, [...engine.trash.keys()]) ?? null;
        let ms = Date.parse(at);
        while (engine.trash.has(entryName(name, ms))) ms += 1_000;
        engine.homes.delete(homeSource);
        engine.trash.set(entryName(name, ms), home);
        return entryName(name, ms);
      }),
    mountsBelow: async (folder) => {
      read();
      const below = [...engine.containers.values()].filter(({ homeSource }) =>
        `${homeSource}/`.startsWith(`${folder}/`),
      );
      return below.map((c) => ({ container: c.name, path: c.homeSource, up: isUp(c) }));
    },
    create: (fitted, generation) =>
      mutate(`create ${prefix}${fitted.name}`, () => {
        const { name: workspace, hash, limits, homeSource, networkName, address } = fitted;
        const imageRef = fitted.image.ref;
        const mountSources = fitted.mounts.map(({ source }) => source);
        const name = `${prefix}${workspace}`;
        checkFree(name);
        const imageId = engine.images.get(imageRef) ?? fail('IMAGE_NOT_FOUND', `no image ${imageRef}`);
        checkMounts(homeSource, mountSources);
        for (const fate of [engine.crashing, engine.unstartable]) if (fate.delete('*')) fate.add(hash);
        engine.counter += 1;
        const id = engine.counter.toString(16).padStart(64, '0');
        engine.containers.set(id, {
          ...{ id, name, workspace, state: 'created', hash, generation, imageRef, imageId, limits, homeSource },
          ...{ mountSources, createdAt: engine.now(), networks: new Map(networkName ? [[networkName, address]] : []) },
          ...{ exitCode: 0, error: '', oomKilled: false, oomKills: 0, memoryInUseBytes: 2 ** 20 },
          written: new Map(),
          signals: quietSignals(engine.monotonic()),
        });
        return id;
      }),
    update: (id, limits) =>
      mutate(`update ${id}`, () => {
        const c = by(id);
        const { memoryBytes = 0 } = limits;
        // 0 leaves it as it is.
        const tight = memoryBytes > 0 && memoryBytes < c.memoryInUseBytes;
        if (isUp(c) && tight) fail('ENGINE_CONFLICT', 'unable to set memory limit');
        c.limits = { ...c.limits, ...limits };
        c.restartPolicy = undefined;
      }),
    connect: (id, { networkName, address }) =>
      mutate(`connect ${id}`, () => {
        if (networkName !== null) by(id).networks.set(networkName, address);
      }),
    disconnect: (id, network) => mutate(`disconnect ${id} ${network}`, () => void by(id).networks.delete(network)),
    start: (id) => mutate(`start ${id}`, () => start(by(id))),
    stop: (id) =>
      mutate(`stop ${id}`, () => {
        const c = by(id);
        if (isUp(c)) end(engine, c, 143);
      }),
    pause: (id) =>
      mutate(`pause ${id}`, () => {
        const c = by(id);
        if (c.state !== 'running' && c.state !== 'paused') fail('ENGINE_CONFLICT', `${id} is not running`);
        c.state = 'paused';
      }),
    unpause: (id) =>
      mutate(`unpause ${id}`, () => {
        const c = by(id);
        if (c.state !== 'running' && c.state !== 'paused') fail('ENGINE_CONFLICT', `${id} is not paused`);
        c.state = 'running';
      }),
    setAside: (id, name, generation) =>
      mutate(`setAside ${id}`, () => rename(by(id), `${prefix}${name}.old.${generation}`)),
    restore: (id, name) => mutate(`restore ${id}`, () => rename(by(id), `${prefix}${name}`)),
    remove: (id) =>
      mutate(`remove ${id}`, () => {
        const c = engine.containers.get(id);
        if (c && isUp(c)) fail('ENGINE_CONFLICT', `cannot remove a running container ${id}`);
        engine.containers.delete(id);
      }),
    diff: async (id) => {
      read();
      const written = [...by(id).written].sort(([a], [b]) => (a < b ? -1 : 1));
      const entries = written.map(([path]) => ({ path, kind: 'added' as const }));
      const bytes = written.reduce((sum, [, size]) => sum + size, 0);
      return { entries: entries.slice(0, writtenMost), more: Math.max(0, entries.length - writtenMost), bytes };
    },
    network: async () => {
      read();
      return engine.network ? {} : null;
    },
    ensureNetwork: ({ name, subnet }) =>
      mutate(`network ${name}`, () => {
        engine.network = { subnet };
      }),
    takenSubnets: async () => [],
    ...makeFakeSignals(engine),
    exec: async (id, request) => {
      read();
      return fakeExec(engine, by(id), request);
    },
    hangUpLeftovers: async () => 0,
    logs: async (id, options, signal) => {
      read();
      return fakeLogs(engine, by(id), options, signal);
    },
    watch: () => ({ close: () => undefined }),
  };
}

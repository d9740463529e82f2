import { withAdoptions } from '../../src/adoptions.ts';
import type { Declaration, Desired } from '../../src/model/desired.ts';
import { placeText } from '../../src/model/home-place.ts';
import type { Intent } from '../../src/model/intent.ts';
import type { News } from '../../src/model/notes.ts';
import type { Pass, Result } from '../../src/model/result.ts';
import type { Block } from '../../src/model/target.ts';
import type { Allowed } from '../../src/reconcilers/workspace/aim.ts';
import { makeCrashLoop } from '../../src/reconcilers/workspace/crash-loop.ts';
import { makeEnds } from '../../src/reconcilers/workspace/ends.ts';
import { makeOomWatch } from '../../src/reconcilers/workspace/oom.ts';
import { makeReconcile } from '../../src/reconcilers/workspace/reconcile.ts';
import type { Deps, Hold } from '../../src/reconcilers/workspace/world.ts';
import { makeRenamedTo } from '../../src/renames.ts';
import { makeFakeEngine } from '../../src/runtime/fake/engine.ts';
import { makeFakeRuntime } from '../../src/runtime/fake/fake-runtime.ts';
import { makeHands } from '../../src/runtime/fake/hands.ts';
import { aPass } from './a-pass.ts';
import { makeFakeClock } from './fake-clock.ts';
import { aDesired } from './fitted.ts';
import { makeIdleWorld } from './idle-world.ts';
import { memoryEvents, memoryIntents, memoryStatus } from './memory-stores.ts';
import { makeRemovalWorld } from './removal-world.ts';

type Options = {
  beforeCall?: (call: string) => Promise<void> | void;
  afterCall?: (call: string) => Promise<void> | void;
  beforeWrite?: (intent: Intent) => void;
  afterWrite?: (intent: Intent) => void;
  /** Puts something around what the reconciler is made of; asked anew for each controller. */
  around?: (parts: Deps) => Deps;
};

type Knobs = { settled: boolean; probed: boolean; holds: Hold[]; homesOfOthers: string[]; secrets?: Block };

const times = { bootedAtMs: undefined, engineAway: undefined, controllerStartedAtMs: 0 };

/** The workspace reconciler on a fake engine under a fake clock, stores in memory, and knobs for everything else. */
export function makeWorld(options: Options = {}) {
  const clock = makeFakeClock();
  const engine = makeFakeEngine(clock.now, clock.monotonic);
  const intents = memoryIntents(options.beforeWrite, options.afterWrite);
  const runtime = withAdoptions(makeFakeRuntime(engine, options), intents.store);
  const events = memoryEvents(clock);
  const declarations = new Map<string, Declaration>();
  /** What the host says; tests turn these. */
  const host: Allowed & Knobs = {
    ...{ settled: true, probed: true, holds: [], homesOfOthers: [] },
  };
  const capabilities = {
    ...{ engine: 'fake', apiVersion: '1.41', cpus: 8, memoryBytes: 2 ** 35, cgroupVersion: 1 as const },
    ...{ liveRestore: false, warnings: [] },
  };
  const offsets = new Map<string, number>();
  /** Names whose pass is on its way. */
  const flying = new Set<string>();
  const owners = new Map<string, number>();
  const placeIn = (places: Map<string, number>, name: string) => {
    if (!places.has(name)) places.set(name, Math.max(1, ...places.values()) + 1);
    return places.get(name)!;
  };
  for (const ref of ['workdock-test:latest', 'other:1']) engine.registry.set(ref, `sha256:${ref}`);

  const renamedTo = makeRenamedTo(
    intents.store,
    (from) => [...declarations.values()].find((each) => each.kind === 'valid' && each.renamedFrom === from)?.name,
  );
  const allSuspended = () => host.holds.some(({ reason }) => reason === 'Suspended');
  const removing = makeRemovalWorld({ clock, intents, events, declarations, renamedTo, allSuspended });
  const world: Deps['world'] = {
    settled: () => host.settled,
    declaration: (name) => declarations.get(name),
    mayAccept: () => true,
    held: () => [],
    renamedTo,
    inFlight: (name) => flying.has(name),
    moveAddress: async (from, to) => {
      if (offsets.has(from)) offsets.set(to, offsets.get(from)!);
      offsets.delete(from);
    },
    holds: () => host.holds,
    absence: (name) => removing.now().absence(name),
    homeOfOthers: ({ home }) => host.homesOfOthers.includes(placeText(home.place)),
    capabilities: () => (host.probed ? capabilities : undefined),
    allot: async ({ name, owner, home }) => ({
      allotment: {
        identity: { uid: 20_000 + placeIn(owners, owner), gid: 20_000 + placeIn(owners, owner), groups: [] },
        homeSource: home.place.kind === 'folder' ? `/data/users/${home.place.name}` : '/elsewhere',
        networkName: 'ws-net',
        address: `10.99.0.${placeIn(offsets, name)}`,
        envFromDigest: '',
      },
      ...(host.secrets && { secrets: host.secrets }),
    }),
    allowed: async () => ({ ...(host.disk && { disk: host.disk }), ...(host.network && { network: host.network }) }),
  };
  const idle = makeIdleWorld({ runtime, world, clock, intents: intents.store, events: events.store });
  const told: (News & { name: string })[] = [];
  let status = memoryStatus();
  let idleWatch = idle.begin(status.store);

  const deps = (status: Deps['status']): Deps => ({
    ...{ runtime, clock, status, intents: intents.store, events: events.store },
    ...{
      crashLoop: makeCrashLoop(clock),
      oom: makeOomWatch(),
      ends: makeEnds({ runtime, clock, times: () => times }),
      tellOwner: (noted, news) => void told.push({ name: noted.name, ...news }),
      idle: idleWatch.watch,
      onDrift: () => undefined,
    },
    world,
  });

  const { around = (parts) => parts } = options;
  let parts = around(deps(status.store));
  let reconcile = makeReconcile(parts);

  const self = {
    ...{ clock, engine, runtime, intents, events, declarations, host, flying, hands: makeHands(engine) },
    parts: () => parts,
    /** What the owners of the homes were told. */
    told,
    /** What becomes of those whose file is gone; `scan` is a settled look at the files. */
    removing,
    scan: removing.scan,
    /** Leases of homes, streams, and memories of quiet stretches. */
    idle,
    /** One look at its signals, and what follows from it. */
    lookIdle: (name = 'ada') => idleWatch.sampler.look(name),
    idleWatch: () => idleWatch,
    status: (name = 'ada') => status.store.get(name),
    condition: (type: string, name = 'ada') => status.store.get(name)?.conditions.find((c) => c.type === type),
    /** Status writes so far. */
    changes: () => status.changes(),
    /** The controller dies and comes back: what was in memory is gone, the status folder with it. */
    restart: () => {
      removing.restart();
      status = memoryStatus();
      idleWatch = idle.begin(status.store);
      parts = around(deps(status.store));
      reconcile = makeReconcile(parts);
    },
    /** Someone saves a file. */
    declare: (over: Partial<Desired> = {}, renamedFrom?: string) => {
      const desired = aDesired(over);
      const { name } = desired;
      const source = { path: `${name}.yaml`, line: 1, sha256: '' };
      declarations.set(name, {
        kind: 'valid',
        name,
        desired,
        origins: {},
        source,
        ...(renamedFrom && { renamedFrom }),
      });
      return desired;
    },
    spoil: (kind: 'invalid' | 'conflict', name = 'ada') => {
      const problem = { file: `${name}.yaml`, line: 3, column: 5, path: 'spec', message: 'not so' };
      const source = { path: `${name}.yaml`, line: 1, sha256: '' };
      declarations.set(name, { kind, name, problems: [problem], source });
    },
    intent: (name = 'ada') => intents.store.get(name),
    /** Nothing is remembered of it, as if its intents had been deleted. */
    forget: (name: string) => {
      intents.forget(name);
      events.forget(name);
    },
    /** A person's verb. */
    decide: (change: (intent: Intent) => Intent, name = 'ada') => intents.store.update(name, change),
    one: (name = 'ada', trigger = 'test', pass: Partial<Pass> = {}) =>
      reconcile(name, trigger, { ...aPass(), ...pass }),
    /** Passes, with the pauses they ask for, until nothing more is asked; gives the last result. */
    settle: async (name = 'ada', limit = 30): Promise<Result> => {
      let result = await self.one(name);
      for (let pass = 1; result.kind === 'again' && pass < limit; pass += 1) {
        await clock.advance(result.afterMs);
        result = await self.one(name);
      }
      return result;
    },
    container: (name = 'ws-ada') => [...engine.containers.values()].find((c) => c.name === name),
    /** States of all containers of one workspace by name. */
    states: (workspace = 'ada') =>
      Object.fromEntries(
        [...engine.containers.values()].filter((c) => c.workspace === workspace).map((c) => [c.name, c.state]),
      ),
    /** Mutating calls since the last time this was asked, without ids. */
    calls: () => engine.calls.splice(0).map((call) => call.split(' ')[0]),
  };
  return self;
}
export type TestWorld = ReturnType<typeof makeWorld>;

import { timestamp } from '../../src/lib/clock.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import { type Ignorable, ignorable } from '../../src/model/drift.ts';
import {
  restartByPerson,
  resumed,
  startByPerson,
  stopByPerson,
  suspendUntil,
} from '../../src/reconcilers/workspace/intents.ts';
import { orderUpdate, updateAtNextStart } from '../../src/reconcilers/workspace/update-order.ts';
import { type FakeContainer, isUp, restartEngine } from '../../src/runtime/fake/engine.ts';
import { quietSignals } from '../../src/runtime/fake/signals.ts';
import { aDesired } from './fitted.ts';
import { makeRandom, type Random } from './random.ts';
import { brokenMark, usage } from './walk-idle.ts';
import { makeRules, unconverged, watchAbsences } from './walk-rules.ts';
import { makeWorld, type TestWorld } from './world.ts';

const MiB = 2 ** 20;
const names = ['ada', 'bea'] as const;
const PASSES = 60;
const NEVER_BEFORE = 333 * MiB;

/** What the next engine call or intent write comes to. */
type Fate = { at: 'before' | 'after'; on: 'call' | 'write'; kind: 'kill' | 'timeout' | 'refused'; inCalls: number };

type Walk = { w: TestWorld; random: Random; specs: Map<string, Desired>; doom: (fate: Fate) => void; name: string };
type Act = (walk: Walk) => unknown;

const rule = { enabled: true, mode: 'Enforce', timeoutMs: 40_000, cpuBelow: 0.1, warnBeforeMs: 0 } as const;
const plain = (name: string) => aDesired({ name, owner: name, home: homeOf(name), idle: rule });
const homeOf = (name: string) => ({ ...aDesired().home, place: { kind: 'folder' as const, name } });
const edit = ({ w, specs, name }: Walk, over: Partial<Desired>) =>
  void specs.set(name, w.declare({ ...specs.get(name)!, ...over }));
const currentOf = ({ w, name }: Walk) => [...w.engine.containers.values()].find((c) => c.name === `ws-${name}`);
const desiredOf = ({ w, name }: Walk) => w.intent(name)?.lastGood?.desired;
const now = ({ w }: Walk) => timestamp(w.clock.now());

const edits: Act[] = [
  (k) => edit(k, { env: { A: k.random.pick(['1', '2', '3']) } }),
  (k) => edit(k, { limits: { nanoCpus: 5e8, memoryBytes: k.random.pick([128, 256, 512]) * MiB, pids: 128 } }),
  (k) => edit(k, { updatePolicy: k.random.pick(['OnStop', 'Now']) }),
  (k) => edit(k, { drift: k.random.pick(['Heal', 'Heal', 'Report']) }),
  (k) => edit(k, { driftIgnore: k.random.pick<Ignorable[]>([['resources.memory'], ['network'], [...ignorable]]) }),
  (k) => edit(k, { driftIgnore: [] }),
  (k) => edit(k, { state: k.random.pick(['Running', 'Running', 'Stopped']) }),
  (k) => edit(k, { idle: { ...rule, mode: k.random.pick(['Enforce', 'Enforce', 'Observe']) } }),
  (k) => edit(k, { idle: { ...rule, enabled: k.random.pick([true, true, false]) } }),
  (k) => edit(k, { suspend: k.random.pick([true, false, false]) }),
  (k) => edit(k, { network: { mode: k.random.pick(['internet', 'none']), allow: [] } }),
  (k) => edit(k, { command: k.random.pick<Desired['command']>([{ kind: 'Keep' }, { kind: 'Image' }]) }),
  (k) => edit(k, { restartPolicy: k.random.pick(['Never', 'OnFailure', 'Always']) }),
  (k) =>
    edit(k, {
      image: {
        ref: k.random.pick(['workdock-test:latest', 'other:1', 'nowhere:1']),
        pullPolicy: k.random.pick(['IfNotPresent', 'Always']),
      },
    }),
  ({ w, name }) => w.spoil('invalid', name),
  ({ w, name }) => w.spoil('conflict', name),
  ({ w, name }) => w.declarations.delete(name),
  ({ w, name }) => w.declarations.delete(name),
  ({ w }) => w.host.settled && w.scan(),
  ({ w }) => w.host.settled && w.scan(),
  ({ w, random }) => Object.assign(w.removing.knobs, { unnamed: random.pick([[], [], ['a.yaml:1']]) }),
  ({ w, random }) => Object.assign(w.removing.knobs, { roots: { specs: random.pick(['a', 'a', 'b']) } }),
  ({ w }) => w.removing.unreadable(),
  ({ w }) => w.removing.now().approve(w.removing.now().held()?.hash ?? ''),
  (k) => edit(k, {}),
];

const hands: Act[] = [
  ({ w, name }) => w.hands.rm(`ws-${name}`),
  ({ w, name }) => w.hands.stop(`ws-${name}`),
  ({ w, name }) => w.hands.kill(`ws-${name}`),
  ({ w, name, random }) => w.hands.exit(`ws-${name}`, random.below(2)),
  ({ w, name }) => w.hands.pause(`ws-${name}`),
  ({ w, name, random }) => w.hands.rename(`ws-${name}`, `${name}-mine-${random.below(1_000)}`),
  ({ w, name, random }) => w.hands.update(`ws-${name}`, random.pick([64, 700]) * MiB),
  ({ w, name }) => w.hands.disconnect(`ws-${name}`),
  ({ w, name }) => w.hands.swapImage(`ws-${name}`, 'other:1'),
  ({ w, name }) => w.hands.start(`ws-${name}`),
  ({ w, random }) => {
    const any = random.pick([...w.engine.containers.values(), undefined]);
    if (any?.workspace && !isUp(any)) w.hands.start(any.name); // also one that was set aside
  },
  (k) => {
    const c = currentOf(k);
    if (c) c.memoryInUseBytes = k.random.pick([1, 200, 400]) * MiB;
  },
];

const people: Act[] = [
  (k) => verb(k, (desired) => stopByPerson(desired, now(k))),
  (k) => verb(k, (desired, c) => startByPerson(desired, now(k), c && !isUp(c) ? seen(c) : undefined)),
  (k) => verb(k, (desired, c) => restartByPerson(desired, now(k), c && seen(c))),
  (k) => {
    const readyBy = timestamp(k.w.clock.now() + k.random.pick([0, 5_000, 60_000]));
    return verb(k, (_, c) => orderUpdate({ at: now(k), readyBy }, c && seen(c)));
  },
  (k) => verb(k, (_, c) => updateAtNextStart(now(k), c && seen(c))),
  ({ w, name, random }) => {
    const until = random.pick([undefined, timestamp(w.clock.now() + 60_000)]);
    return w.decide(suspendUntil(timestamp(w.clock.now()), until), name);
  },
  ({ w, name }) => w.decide(resumed, name),
  ({ w }) => w.host.holds.push({ reason: 'Suspended', message: 'all' }),
  ({ w }) => w.host.holds.splice(0),
];
type Edit = ReturnType<typeof stopByPerson>;
const seen = (c: FakeContainer) =>
  ({ id: c.id, startedAt: c.startedAt === undefined ? '' : timestamp(c.startedAt) }) as Parameters<
    typeof startByPerson
  >[2];
const verb = (k: Walk, change: (desired: Desired, c: FakeContainer | undefined) => Edit) => {
  const desired = desiredOf(k);
  return desired && k.w.decide(change(desired, currentOf(k)), k.name);
};

const host: Act[] = [
  ({ w }) => restartEngine(w.engine),
  ({ w, random }) => Object.assign(w.engine, { reachable: random.pick([true, true, false]) }),
  ({ w }) => Object.assign(w.host, { disk: { reason: 'DiskPressure', message: 'full' } }),
  ({ w }) => void delete w.host.disk,
  ({ w }) => Object.assign(w.host, { network: { reason: 'NetworkUnguarded', message: 'no rules' } }),
  ({ w }) => void delete w.host.network,
  ({ w, random }) => w.engine.images.delete(random.pick(['workdock-test:latest', 'other:1'])),
  ({ w, random }) => w.engine.registry.set('workdock-test:latest', `sha256:${random.below(3)}`),
  ({ w }) => w.engine.crashing.add('*'),
  ({ w }) => w.engine.unstartable.add('*'),
  ({ w, random }) => w.clock.jump(random.pick([-3_600_000, 3_600_000])),
  ({ w, name }) => unmount(w, name),
  ({ w }) => mountAll(w),
  ({ w, name }) => {
    if (currentName(w, name)) return;
    const id = `f${w.engine.counter}${name}`.padEnd(64, 'f');
    w.engine.containers.set(id, { ...foreign(`ws-${name}`), id });
  },
  ({ w, name }) => {
    const c = currentName(w, name);
    if (c?.workspace === null) w.engine.containers.delete(c.id);
  },
];
const currentName = (w: TestWorld, name: string) =>
  [...w.engine.containers.values()].find((c) => c.name === `ws-${name}`);

/** Homes whose disk is not mounted at the moment, by world. */
const unmounted = new WeakMap<TestWorld, TestWorld['engine']['homes']>();
function unmount(w: TestWorld, name: string) {
  const source = `/data/users/${name}`;
  const home = w.engine.homes.get(source);
  if (!home) return;
  const away = unmounted.get(w) ?? new Map();
  unmounted.set(w, away.set(source, home));
  w.engine.homes.delete(source);
}
function mountAll(w: TestWorld) {
  for (const [source, home] of unmounted.get(w) ?? []) w.engine.homes.set(source, home);
  unmounted.delete(w);
}

const foreign = (name: string): FakeContainer => ({
  ...{ id: '', name, workspace: null, state: 'running', hash: '', generation: 0, imageRef: 'x', imageId: 'x' },
  ...{ limits: plain('x').limits, networks: new Map(), homeSource: '', mountSources: [], createdAt: 0, startedAt: 0 },
  ...{ exitCode: 0, error: '', oomKilled: false, oomKills: 0, memoryInUseBytes: 0, written: new Map() },
  signals: quietSignals(0),
});

const faults: Act[] = [
  ({ w }) => {
    w.restart();
    w.host.settled = false;
  },
  ({ w }) => Object.assign(w.host, { settled: true }),
  (k) => k.doom({ at: 'before', on: 'call', kind: 'kill', inCalls: k.random.below(4) }),
  (k) => k.doom({ at: 'after', on: 'call', kind: 'kill', inCalls: k.random.below(4) }),
  (k) => k.doom({ at: 'before', on: 'write', kind: 'kill', inCalls: k.random.below(3) }),
  (k) => k.doom({ at: 'after', on: 'write', kind: 'kill', inCalls: k.random.below(3) }),
  (k) => k.doom({ at: 'before', on: 'call', kind: 'timeout', inCalls: k.random.below(4) }),
  (k) => k.doom({ at: 'after', on: 'call', kind: 'timeout', inCalls: k.random.below(4) }),
  (k) => k.doom({ at: 'before', on: 'call', kind: 'refused', inCalls: k.random.below(4) }),
];

const error = (kind: Fate['kind']) =>
  kind === 'kill'
    ? new Error('killed')
    : new WorkdockError(kind === 'timeout' ? 'ENGINE_TIMEOUT' : 'ENGINE_FAILED', `lost: ${kind}`, { hint: '' });

/** One walk: `steps` random things happen to two workspaces and what is around them; then all is well again. */
export async function walk(seed: number, steps: number): Promise<void> {
  const random = makeRandom(seed);
  let fate: Fate | undefined;
  let dead = false;
  let passing = '';
  const broken: Error[] = [];

  const strike = (at: Fate['at'], on: Fate['on']) => {
    if (dead) throw error('kill');
    if (fate?.at !== at || fate.on !== on) return;
    fate.inCalls -= 1;
    if (fate.inCalls >= 0) return;
    const { kind } = fate;
    fate = undefined;
    dead = kind === 'kill';
    throw error(kind);
  };
  const held = (check: () => void) => {
    try {
      check();
    } catch (cause) {
      broken.push(cause as Error);
    }
  };
  const doom = (next: Fate) => {
    fate = next;
  };
  const callOf = (call: string) => ({ verb: call.split(' ')[0]!, workspace: passing });
  const w: TestWorld = makeWorld({
    beforeCall: (call) => {
      strike('before', 'call');
      held(() => rules.before(callOf(call)));
    },
    afterCall: (call) => {
      held(() => rules.after(callOf(call), w.engine.containers.get(call.split(' ')[1] ?? '')));
      strike('after', 'call');
    },
    beforeWrite: () => passing && strike('before', 'write'),
    afterWrite: () => passing && strike('after', 'write'),
  });
  const rules = makeRules(w);
  const specs = new Map<string, Desired>(names.map((name) => [name, w.declare(plain(name))]));
  const neighbour = { ...foreign('postgres'), id: 'e'.repeat(64) };
  w.engine.containers.set(neighbour.id, neighbour);
  const outside = () => JSON.stringify([...w.engine.containers.values()].filter((c) => c.workspace === null));

  const absences = watchAbsences(w);
  const one = async (name: string) => {
    absences();
    const before = outside();
    const homes = JSON.stringify([...w.engine.homes]);
    passing = name;
    const result = await w.one(name);
    passing = '';
    if (outside() !== before) broken.push(new Error('a foreign container was touched'));
    if (!JSON.stringify([...w.engine.homes]).startsWith(homes.slice(0, -1)))
      broken.push(new Error('a home was touched'));
    if (dead) {
      dead = false;
      w.restart();
    }
    absences();
    if (broken[0]) throw broken[0];
    return result;
  };

  /** Looks for idleness a few times in a row; a mark that they write must be one that may be. */
  const lookAround = async (name: string) => {
    for (let look = random.below(8); look >= 0; look -= 1) {
      const before = w.intent(name)?.mark?.seq;
      passing = name;
      await w.lookIdle(name).catch((cause: unknown) => dead || broken.push(cause as Error));
      passing = '';
      const mark = w.intent(name)?.mark;
      const wrong = mark?.by === 'idle' && mark.seq !== before ? brokenMark(w, name) : undefined;
      if (wrong) broken.push(new Error(`${name} was put to rest: ${wrong}`));
      if (dead) {
        dead = false;
        w.restart();
      }
      if (broken[0]) throw broken[0];
      await w.clock.advance(w.idle.settings.intervalMs);
    }
  };

  for (let step = 0; step < steps; step += 1) {
    const k = { w, random, specs, name: random.pick(names), doom };
    if (random.chance(0.55)) await one(k.name);
    else if (random.chance(0.3)) await w.clock.advance(random.pick([50, 900, 2_500, 61_000, 300_000]));
    else if (random.chance(0.25)) await lookAround(k.name);
    else await random.pick(random.pick([edits, hands, people, host, faults, usage]))(k);
    absences();
  }

  makeWell(w, specs);
  fate = undefined;
  await w.scan();
  for (const name of names) await converge(w, one, name);
}

function makeWell(w: TestWorld, specs: Map<string, Desired>) {
  mountAll(w);
  for (const fateful of [w.engine.crashing, w.engine.unstartable]) fateful.clear();
  Object.assign(w.engine, { reachable: true });
  Object.assign(w.host, { settled: true, disk: undefined, network: undefined, holds: [] });
  w.engine.registry.set('nowhere:1', 'sha256:found');
  for (const c of w.engine.containers.values()) {
    if (c.workspace === null && c.name.startsWith('ws-')) w.engine.containers.delete(c.id);
    c.memoryInUseBytes = 0;
  }
  for (const [name, { limits, ...spec }] of specs) {
    // What is ignored is as hands left it, until the file says something else: now it does.
    const memoryBytes = spec.driftIgnore?.includes('resources.memory') ? NEVER_BEFORE : limits.memoryBytes;
    w.declare({ ...spec, name, limits: { ...limits, memoryBytes }, suspend: false });
  }
  Object.assign(w.removing.knobs, { unnamed: [] });
}

/** Every pause is at most the crash loop's five minutes, so the passes are counted and not the time. */
async function converge(w: TestWorld, one: (name: string) => Promise<{ kind: string }>, name: string) {
  await w.decide(resumed, name);
  let quiet = 0;
  for (let pass = 0; pass < PASSES && quiet < 2; pass += 1) {
    const calls = w.engine.calls.length;
    const result = await one(name);
    quiet = result.kind === 'settled' && w.engine.calls.length === calls ? quiet + 1 : 0;
    await w.clock.advance('afterMs' in result ? Number(result.afterMs) : 5_000);
  }
  const wrong = quiet < 2 ? `no rest within ${PASSES} passes` : unconverged(w, name);
  if (!wrong) return;
  const { phase, last, plan } = w.status(name) ?? {};
  throw new Error(`${name}: ${wrong}: ${JSON.stringify({ states: w.states(name), phase, last, plan })}`);
}

import { type Ignorable, ignorable } from '../../src/model/drift.ts';
import type { Fitted } from '../../src/model/fitted.ts';
import type { Target } from '../../src/model/target.ts';
import { PROVEN_AFTER_MS } from '../../src/reconcilers/workspace/facts.ts';
import { liveWanted } from '../../src/reconcilers/workspace/live-fields.ts';
import { type FakeContainer, type FakeEngine, makeFakeEngine } from '../../src/runtime/fake/engine.ts';
import { quietSignals } from '../../src/runtime/fake/signals.ts';
import { aFitted } from './fitted.ts';

/** Every question the planner's answer may depend on, with all its answers. A case is one answer to each. */
export const axes = {
  run: ['Running', 'Stopped', 'Frozen', 'Absent'],
  command: ['Keep', 'Never', 'OnFailure', 'Always'],
  update: ['OnStop', 'Now'],
  create: ['free', 'blocked'],
  start: ['free', 'blocked'],
  failed: ['none', 'this', 'another'],
  restart: ['none', 'owed', 'done'],
  reached: [false, true],
  current: [
    ...['absent', 'created', 'created+error', 'running', 'paused', 'restarting'],
    ...['exited 0', 'exited 1', 'exited+error', 'dead', 'removing'],
  ],
  hash: ['same', 'other'],
  image: ['same', 'other ref', 'older id'],
  live: [
    'same',
    'cpu',
    'memory',
    'memory in use',
    'memory in use, no limit',
    'no network',
    'other network',
    'two networks',
    'address',
    'restarts',
  ],
  ignore: ['none', 'cpu', 'memory', 'network', 'all'],
  asked: ['as before', 'anew', 'of another', 'unknown'],
  ran: ['short', 'long'],
  offline: [false, true],
  aside: ['none', 'fits up', 'fits down', 'other up', 'other down', 'other paused', 'dead', 'removing'],
  strays: ['none', 'fits up', 'fits down', 'other up', 'other paused', 'two', 'dead'],
  home: ['ready', 'absent', 'wrongOwner', 'unusable'],
  present: [true, false],
  taken: ['no', 'current', 'aside'],
  mounts: ['there', 'missing'],
} as const;

export type Axes = { [K in keyof typeof axes]: (typeof axes)[K][number] };
export const ordinary = Object.fromEntries(Object.entries(axes).map(([key, [first]]) => [key, first])) as Axes;

/** The whole product as numbers: `caseAt(n)` for n below `caseCount`. Ordinary answers have index 0. */
export const caseCount = Object.values(axes).reduce((count, answers) => count * answers.length, 1);
export function caseAt(index: number): Axes {
  let rest = index;
  const pick = ([key, answers]: [string, readonly unknown[]]) => {
    const answer = answers[rest % answers.length];
    rest = Math.floor(rest / answers.length);
    return [key, answer];
  };
  return Object.fromEntries(Object.entries(axes).map(pick)) as Axes;
}

/** Every combination of the named axes, the others ordinary. */
export function* product(keys: readonly (keyof Axes)[], base: Axes = ordinary): Generator<Axes> {
  const [key, ...rest] = keys;
  if (key === undefined) {
    yield base;
    return;
  }
  for (const answer of axes[key]) yield* product(rest, { ...base, [key]: answer } as Axes);
}

const NOW = Date.UTC(2026, 0, 1, 12);
const LONG_AGO = NOW - 10 * PROVEN_AFTER_MS;
const MOUNT = { source: '/data/shared', target: '/data', readOnly: true };
const limits = aFitted().limits;
const PREFIX = 'ws-';

const variants = new Map<string, Fitted>();
/** What `drift.ignore` says in this case. */
export const ignoredOf = ({ ignore }: Pick<Axes, 'ignore'>): Ignorable[] => {
  if (ignore === 'all') return [...ignorable];
  return ignorable.filter((field) => field.endsWith(ignore));
};

function fittedOf({ command, update, offline, ignore }: Axes): Fitted {
  const key = `${command} ${update} ${offline} ${ignore}`;
  const driftIgnore = ignoredOf({ ignore });
  const make = () =>
    aFitted({
      command: command === 'Keep' ? { kind: 'Keep' } : { kind: 'Image' },
      restartPolicy: command === 'Keep' ? 'OnFailure' : command,
      updatePolicy: update,
      mounts: [MOUNT],
      network: { mode: offline ? 'none' : 'internet', allow: [] },
      ...(driftIgnore.length > 0 && { driftIgnore }),
    });
  const known = variants.get(key) ?? make();
  variants.set(key, known);
  return known;
}

let ids = 0;
function container(fitted: Fitted, over: Partial<FakeContainer>): FakeContainer {
  ids += 1;
  const networks = new Map(fitted.networkName ? [[fitted.networkName, fitted.address]] : []);
  return {
    ...{ id: ids.toString(16).padStart(64, 'c'), name: `${PREFIX}${fitted.name}`, workspace: fitted.name },
    ...{ state: 'running', hash: fitted.hash, generation: 3, imageRef: fitted.image.ref, imageId: 'sha256:now' },
    ...{ limits, networks, homeSource: fitted.homeSource, mountSources: [], createdAt: LONG_AGO },
    ...{ startedAt: LONG_AGO, exitCode: 0, error: '', oomKilled: false, oomKills: 0, memoryInUseBytes: 2 ** 20 },
    ...{ written: new Map(), signals: quietSignals(0) },
    ...over,
  };
}

const runOf = ({ current, ran }: Axes): Partial<FakeContainer> => {
  const [state, how] = current.split(/[ +]/);
  const startedAt = ran === 'long' ? LONG_AGO : NOW - 10;
  const base = { state: state as FakeContainer['state'], startedAt, ...(how === 'error' && { error: 'no such file' }) };
  if (state === 'created') return { ...base, startedAt: undefined } as Partial<FakeContainer>;
  const down = state !== 'running' && state !== 'paused' && state !== 'restarting';
  return down ? { ...base, finishedAt: NOW - 5, exitCode: how === '1' ? 1 : 0 } : base;
};

function liveOf({ live }: Axes, fitted: Fitted): Partial<FakeContainer> {
  const more = { ...limits, memoryBytes: limits.memoryBytes * 2 };
  const own: [string, string | null][] = fitted.networkName ? [[fitted.networkName, fitted.address]] : [];
  switch (live) {
    case 'same':
      return {};
    case 'cpu':
      return { limits: { ...limits, nanoCpus: 1 } };
    case 'memory':
      return { limits: more };
    case 'memory in use':
      return { limits: more, memoryInUseBytes: limits.memoryBytes };
    case 'memory in use, no limit':
      return { limits: { ...limits, memoryBytes: 0 }, memoryInUseBytes: limits.memoryBytes };
    case 'no network':
      return { networks: new Map() };
    case 'other network':
      return { networks: new Map([['bridge', '172.17.0.2']]) };
    case 'two networks':
      return { networks: new Map([['bridge', '172.17.0.2'], ...own]) };
    case 'restarts':
      return { restartPolicy: 'always', limits: more };
    case 'address':
      return { networks: new Map(fitted.networkName ? [[fitted.networkName, '10.99.0.77']] : []) };
  }
}

const down = { state: 'exited', finishedAt: LONG_AGO + 5_000 } as const;
const sideways = (kind: string, fitted: Fitted): Partial<FakeContainer> => {
  if (kind === 'dead' || kind === 'removing') return { ...down, state: kind };
  const hash = kind.startsWith('fits') ? fitted.hash : 'v1:other';
  if (kind.endsWith('down')) return { hash, ...down };
  return { hash, state: kind.endsWith('paused') ? 'paused' : 'running' };
};

/** The case as an engine that holds it and a target to plan for. */
export function realise(item: Axes): { engine: FakeEngine; target: Target } {
  const fitted = fittedOf(item);
  const engine = makeFakeEngine(() => NOW);
  const put = (over: Partial<FakeContainer>) => {
    const c = container(fitted, over);
    engine.containers.set(c.id, c);
    return c;
  };
  const imageId = item.image === 'older id' ? 'sha256:before' : 'sha256:now';
  const imageRef = item.image === 'other ref' ? 'other:1' : fitted.image.ref;
  const hash = item.hash === 'same' ? fitted.hash : 'v1:before';
  const current =
    item.current === 'absent'
      ? undefined
      : put({ hash, imageId, imageRef, generation: 4, ...runOf(item), ...liveOf(item, fitted) });
  const name = `${PREFIX}${fitted.name}`;
  if (item.aside !== 'none') put({ name: `${name}.old.3`, ...sideways(item.aside, fitted) });
  if (item.strays === 'two') {
    put({ name: 'mine', generation: 5 });
    put({ name: 'mine-too', ...sideways('other down', fitted) });
  } else if (item.strays !== 'none') put({ name: 'mine', ...sideways(item.strays, fitted) });
  if (item.taken !== 'no') {
    const own = item.taken === 'current';
    for (const c of engine.containers.values()) if (c.name === name && own) engine.containers.delete(c.id);
    put({ id: 'f'.repeat(64), workspace: null, name: own ? name : `${name}.old.9` });
  }
  const { uid, gid } = fitted.identity;
  if (item.home !== 'absent') {
    const owner = item.home === 'wrongOwner' ? 0 : uid;
    engine.homes.set(fitted.homeSource, {
      ...{ uid: owner, gid, mark: 'kept' },
      ...(item.home === 'unusable' && { unusable: 'a file, not a folder' }),
    });
  }
  if (item.present) engine.images.set(fitted.image.ref, 'sha256:now');
  engine.registry.set(fitted.image.ref, 'sha256:now');
  if (item.mounts === 'missing') engine.missingMounts.add(MOUNT.source);
  return { engine, target: targetOf(item, fitted, current) };
}

/** What its spec said of its live settings when they were last as wanted, and of which container. */
function recordOf({ asked }: Axes, fitted: Fitted, current: FakeContainer | undefined): Partial<Target> {
  const before = { ...fitted, limits: { nanoCpus: 1, memoryBytes: 2, pids: 3 }, networkName: 'former' };
  const reachedLiveOf = asked === 'of another' ? 'another' : (current?.id ?? 'another');
  return { reachedLive: liveWanted(asked === 'anew' ? before : fitted), reachedLiveOf };
}

const block = { reason: 'Blocked', message: 'not now' };
function targetOf(item: Axes, fitted: Fitted, current: FakeContainer | undefined): Target {
  const startedAt = current?.startedAt === undefined ? '' : new Date(current.startedAt).toISOString();
  const restart = { id: current?.id ?? 'x', startedAt: item.restart === 'owed' ? startedAt : 'earlier', at: 'now' };
  return {
    ...{ fitted, run: item.run, because: 'the test says so', generation: 5, reachedBefore: item.reached },
    ...(item.asked !== 'unknown' && recordOf(item, fitted, current)),
    ...(item.failed !== 'none' && { failedHash: item.failed === 'this' ? fitted.hash : 'v1:failed' }),
    ...(item.restart !== 'none' && { restart }),
    ...(item.create === 'blocked' && { createBlock: block }),
    ...(item.start === 'blocked' && { startBlock: block }),
  };
}

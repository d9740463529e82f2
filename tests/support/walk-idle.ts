import { timestamp } from '../../src/lib/clock.ts';
import { isBraked } from '../../src/reconcilers/workspace/holds.ts';
import { isUp } from '../../src/runtime/fake/engine.ts';
import type { Random } from './random.ts';
import type { TestWorld } from './world.ts';

type Watched = { w: TestWorld; random: Random; name: string };

/** Moments of the monotonic clock at which somebody last used a workspace. */
const uses = new WeakMap<TestWorld, Map<string, number>>();
const usesOf = (w: TestWorld) => {
  const known = uses.get(w) ?? new Map<string, number>();
  uses.set(w, known);
  return known;
};
const used = ({ w, name }: Watched) => void usesOf(w).set(name, w.clock.monotonic());
const upOf = ({ w, name }: Watched) =>
  [...w.engine.containers.values()].find((c) => c.name === `ws-${name}` && c.state === 'running');
/** What leaves no trace before the next look was no use: a kernel that is busy in between, a loop of a millisecond. */
const TRACE_MS = 10_000;
const JUST_MS = 2_000;
const signals = (k: Watched, change: object) => {
  const before = upOf(k)?.signals;
  const busy = before && (before.cores > 0 || before.bytesPerSecond > 1e5);
  if (busy && k.w.clock.monotonic() - before.sinceMs >= TRACE_MS) used(k);
  k.w.hands.signals(`ws-${k.name}`, change);
};

/** What people and their programs do in a workspace. */
export const usage: ((k: Watched) => unknown)[] = [
  (k) => signals(k, { cores: k.random.pick([0, 0, 1]) }),
  (k) => signals(k, { bytesPerSecond: k.random.pick([0, 0, 1e6]) }),
  (k) => signals(k, { kernels: { servers: 1, kernels: 1, busy: k.random.pick([0, 1]) } }),
  (k) => signals(k, { unreadable: k.random.pick([{}, {}, { cpuNs: 'dark' }, { kernels: 'dark' }]) }),
  (k) => {
    if (upOf(k)) used(k);
    k.w.hands.type(`ws-${k.name}`);
  },
  (k) => {
    used(k);
    const stream = k.w.idle.activity().open(k.name, 'exec');
    if (k.random.chance(0.7)) stream.close();
  },
  ({ w, name, random }) => {
    const at = timestamp(w.clock.now());
    const until = timestamp(w.clock.now() + random.pick([0, 60_000]));
    return w.decide((intent) => ({ ...intent, lease: { at, until, by: 'person' } }), name);
  },
];

/** What is wrong with an idle mark that was written just now; undefined when nothing is. Written from the issue. */
export function brokenMark(w: TestWorld, name: string): string | undefined {
  const intent = w.intent(name)!;
  const desired = intent.lastGood?.desired;
  const c = [...w.engine.containers.values()].find((each) => each.name === `ws-${name}`);
  if (desired?.state !== 'Running') return 'its spec does not want it to run';
  if (!desired.idle.enabled || desired.idle.mode !== 'Enforce') return 'its rule does not stop';
  if (!w.host.settled || w.host.holds.length > 0) return 'everything is held';
  if (w.declarations.get(name)?.kind === 'conflict') return 'two files declare it';
  if (!w.declarations.has(name) && w.intent(name)?.tombstone?.ripeAt) return 'it is being removed';
  if (isBraked(intent.suspend, w.clock.now()) || desired.suspend) return 'it is suspended';
  if (!c || !isUp(c) || c.state !== 'running') return 'it does not run';
  // What has only just begun leaves no trace yet.
  const forMs = w.clock.monotonic() - c.signals.sinceMs;
  const works = (c.signals.cores > 0 || c.signals.bytesPerSecond > 1e5) && forMs >= JUST_MS;
  if (works || c.signals.kernels.busy > 0) return 'it is busy';
  if (Object.keys(c.signals.unreadable).length > 0) return 'a signal cannot be read';
  const quietMs = w.clock.monotonic() - (usesOf(w).get(name) ?? 0);
  return quietMs < desired.idle.timeoutMs ? `somebody used it ${quietMs} ms ago` : undefined;
}

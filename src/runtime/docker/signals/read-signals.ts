import { join } from 'node:path';
import { makeSemaphore } from '../../../lib/async.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KernelReading, Reading, Readings } from '../../../model/idle.ts';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { cpuNs } from './cpu.ts';
import { makeWantsCpu } from './crowd.ts';
import { groupOf } from './group.ts';
import { networkBytes } from './network.ts';
import { attempt, readNow } from './reading.ts';
import { terminals } from './terminals.ts';

type Deps = {
  roots: CgroupRoots;
  clock: Clock;
  askJupyter: (container: RunningContainer) => Promise<Reading<KernelReading>>;
};

const within = <T, U>(found: Reading<T>, read: (value: T) => U): Reading<U> =>
  found.ok ? attempt(() => read(found.value)) : found;

const taken = (found: Reading<boolean>): boolean => found.ok && found.value;

/** What the kernel tells about one container from outside: a handful of small files, no process, no engine. */
export function makeReadSignals({ roots, clock, askJupyter }: Deps) {
  const oneAtATime = makeSemaphore(1);
  const wantsCpu = makeWantsCpu(roots);
  const wants = (ask: Parameters<typeof wantsCpu>[0]) => taken(attempt(() => wantsCpu(ask)));
  const look = (container: RunningContainer): Readings => {
    const group = attempt(() => groupOf(container, roots));
    const proc = (path: string) => join(roots.procRoot, String(container.pid), path);
    // Whole, as all that is counted from it; rounded down, because input after this look must be later than it.
    const atMs = Math.floor(clock.monotonic());
    const used = within(group, cpuNs);
    return {
      atMs,
      wallMs: clock.now(),
      cpuNs: used,
      networkBytes: within(group, () => networkBytes(readNow(proc('net/dev')))),
      terminals: within(group, () => terminals(proc('root/dev/pts'))),
      wantsCpu: group.ok && used.ok && wants({ id: container.id, group: group.value, atMs, cpuNs: used.value }),
    };
  };
  /** Never throws. A look at a thousand lets others have their turn in between. */
  return async (container: RunningContainer, ask: { kernels: boolean }): Promise<Readings> => {
    const seen = await oneAtATime(async () => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      return look(container);
    });
    return ask.kernels ? { ...seen, kernels: await askJupyter(container) } : seen;
  };
}

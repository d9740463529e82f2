import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CgroupRoots } from '../cgroup.ts';
import { type Group, pidsOf } from './group.ts';
import { attempt, listNow, readNow } from './reading.ts';

/** Processes that want to run for each CPU of the host, from which on one alone cannot be sure of a good share. */
const CROWDED = 1.5;
/**
 * Waiting for so much of the time is computing. Who only wakes now and then waits then, too: a shell that prints twice
 * a second, or Jupyter under a forgotten tab, about a fifth of the time beside eight others for each CPU.
 */
const WAITS = 0.5;
/** Share of a core that even a starved computation gets. The engine's init, which wakes once a second, uses less. */
const USES = 0.0025;
/** Tasks looked at in one container at most: whoever has more of them that sleep is not computing. */
const MOST_TASKS = 1_000;
/** Looks that lie closer together say nothing of their own: the kernel adds a wait when it is over. */
const LEAST_MS = 500;
/** Containers remembered. */
const REMEMBERED = 4_096;

/** Runnable tasks for each CPU: of this moment, or on average of the last minute if that is more. */
export function crowdOf(loadavg: string, cpus: number): number {
  const [minute, , , tasks] = loadavg.split(' ');
  const now = Number.parseInt(tasks ?? '', 10);
  const most = Math.max(Number(minute), now);
  return Number.isFinite(most) ? most / cpus : 0;
}

/** Milliseconds that each task of a container has waited for a CPU so far, its quota's pauses included. */
function waitedOf(group: Group, { procRoot }: CgroupRoots): Map<string, number> {
  const waited = new Map<string, number>();
  for (const pid of pidsOf(group)) {
    const folder = join(procRoot, String(pid), 'task');
    const tasks = attempt(() => listNow(folder));
    for (const task of tasks.ok ? tasks.value : []) {
      if (waited.size >= MOST_TASKS) return waited;
      // Time on a CPU, time ready for one without getting it (both ns), and how often it got one.
      const times = attempt(() => readNow(join(folder, task, 'schedstat')));
      if (times.ok) waited.set(task, Number(times.value.split(' ')[1]) / 1e6);
    }
  }
  return waited;
}

/** What has been added since; a task that counts from less is another one under the same number. */
function grownMs(before: Map<string, number>, now: Map<string, number>): number {
  let sum = 0;
  for (const [task, ms] of now) {
    const earlier = before.get(task) ?? 0;
    sum += ms < earlier ? ms : ms - earlier;
  }
  return sum;
}

type Look = { atMs: number; cpuNs: number; waited: Map<string, number>; wants: boolean };
type Ask = { id: string; group: Group; atMs: number; cpuNs: number };

/**
 * Whether the tasks of a container have waited for a CPU for half of the time since the look before, on a host that
 * has too few for all. CPU time says little then: of a computation that gets a twentieth of a core it shows five
 * percent. False when the host is not crowded, and at the first look when it is. Who used next to no CPU wanted none:
 * its tasks are not looked at, and what they had waited before still holds.
 */
export function makeWantsCpu(roots: CgroupRoots, cpus = availableParallelism()) {
  const looks = new Map<string, Look>();
  return ({ id, group, atMs, cpuNs }: Ask): boolean => {
    const load = attempt(() => readNow(join(roots.procRoot, 'loadavg')));
    const before = looks.get(id);
    looks.delete(id);
    if (!load.ok || crowdOf(load.value, cpus) < CROWDED) return false;
    const passedMs = before ? atMs - before.atMs : 0;
    if (before && passedMs < LEAST_MS) {
      looks.set(id, before);
      return before.wants;
    }
    const used = before !== undefined && cpuNs - before.cpuNs >= USES * passedMs * 1e6;
    const waited = used || !before ? waitedOf(group, roots) : before.waited;
    const wants = used && grownMs(before.waited, waited) >= WAITS * passedMs;
    looks.set(id, { atMs, cpuNs, waited, wants });
    for (const oldest of looks.keys()) if (looks.size > REMEMBERED) looks.delete(oldest);
    return wants;
  };
}

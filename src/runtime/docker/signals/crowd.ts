import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CgroupRoots } from '../cgroup.ts';
import { type Group, pidsOf } from './group.ts';
import { attempt, listNow, readNow } from './reading.ts';

/** Processes that want to run for each CPU of the host, from which on one alone cannot be sure of a good share. */
const CROWDED = 1.5;
/** Tasks looked at in one container at most: whoever has more of them that sleep is not computing. */
const MOST_TASKS = 1_000;

/** Runnable tasks for each CPU: of this moment, or on average of the last minute if that is more. */
export function crowdOf(loadavg: string, cpus: number): number {
  const [minute, , , tasks] = loadavg.split(' ');
  const now = Number.parseInt(tasks ?? '', 10);
  const most = Math.max(Number(minute), now);
  return Number.isFinite(most) ? most / cpus : 0;
}

const isRunnable = (stat: string): boolean => stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'R';

/**
 * Something of the container wants a CPU at this moment, on a host that has too few. CPU time says little then: of a
 * computation that gets a twentieth of a core it shows five percent. False when the host is not crowded.
 */
export function wantsCpu(group: Group, { procRoot }: CgroupRoots, cpus = availableParallelism()): boolean {
  const load = attempt(() => readNow(join(procRoot, 'loadavg')));
  if (!load.ok || crowdOf(load.value, cpus) < CROWDED) return false;
  let left = MOST_TASKS;
  return pidsOf(group).some((pid) => {
    const folder = join(procRoot, String(pid), 'task');
    const tasks = attempt(() => listNow(folder));
    if (!tasks.ok) return false;
    return tasks.value.some((task) => {
      left -= 1;
      const stat = left < 0 ? undefined : attempt(() => readNow(join(folder, task, 'stat')));
      return stat?.ok === true && isRunnable(stat.value);
    });
  });
}

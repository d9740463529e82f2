import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { memoryCgroup } from './cgroup.ts';
import { containerOf, type Engine } from './connect.ts';

type Deps = { engine: Engine; procRoot: string; cgroupRoot: string };

/** Signals from the host to the processes of one exec; the engine has no call for it. */
export function makeExecProcesses({ engine, procRoot, cgroupRoot }: Deps, exec: Docker.Exec, id: string) {
  const read = (...path: string[]) => readFile(join(procRoot, ...path), 'utf8').catch(() => '');
  /** A number may have gone to another process since: only one in this container's cgroup is ours. */
  const isInside = async (pid: number) => (await read(`${pid}`, 'cgroup')).includes(id);
  const leader = async (): Promise<{ pid: number; running: boolean }> => {
    const { Pid, Running } = await engine.read('inspect exec', (_docker, abortSignal) => exec.inspect({ abortSignal }));
    return { pid: Pid, running: Running };
  };
  const neighbours = async (): Promise<number[]> => {
    const info = await engine.read('inspect container', (docker, abortSignal) =>
      containerOf(docker, id).inspect({ abortSignal }),
    );
    const group = memoryCgroup(await read(`${info.State.Pid}`, 'cgroup'));
    if (!group) return [];
    const pids = await readFile(join(cgroupRoot, group.path, 'cgroup.procs'), 'utf8').catch(() => '');
    return pids.split('\n').filter(Boolean).map(Number);
  };

  return {
    signal: async (name: NodeJS.Signals): Promise<void> => {
      const { pid, running } = await leader();
      if (running && pid > 0 && (await isInside(pid))) kill(-pid, name);
    },
    hangUp: async (): Promise<void> => {
      const { pid: session } = await leader();
      if (session <= 0) return;
      const pids = await neighbours();
      const members = await Promise.all(
        pids.map(async (pid) => (sessionOf(await read(`${pid}`, 'stat')) === session ? [pid] : [])),
      );
      for (const name of ['SIGHUP', 'SIGCONT'] as const) for (const pid of members.flat()) kill(pid, name);
    },
  };
}

/** Field 6 of /proc/PID/stat, counted after the name, which may hold blanks and brackets. */
const sessionOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] ?? Number.NaN);

function kill(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkdockError } from '../../lib/errors.ts';
import type { CgroupRoots } from './cgroup.ts';
import type { Leader } from './exec-leader.ts';
import { groupOf, pidsOf } from './signals/group.ts';

type Deps = { roots: CgroupRoots; leader: Leader; id: string; initPid: () => Promise<number> };

/** Signals from the host to the processes of one command; the engine has no call for it. */
export function makeExecProcesses({ roots, leader, id, initPid }: Deps) {
  const at = (pid: number, file: string) => join(roots.procRoot, `${pid}`, file);
  const statOf = async (pid: number) => {
    const text = await readFile(at(pid, 'stat'), 'utf8').catch(() => '');
    // Fields 5 and 6 of proc(5), counted after the name, which may hold blanks and brackets.
    const [, , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, group: Number(group), session: Number(session) };
  };
  /** The command and what it has begun, but for what took a session of its own. Not before the command has started. */
  const members = async () => {
    if (!(await leader.started())) return [];
    const { pid: session } = await leader.look();
    if (session === 0) return [];
    // The first process may be gone and others of it live: the container's own then leads to them.
    const known = (await leader.isInside(session)) ? session : await initPid();
    const all = await Promise.all(pidsOf(groupOf({ id, pid: known }, roots)).map(statOf));
    return all.filter((each) => each.session === session);
  };
  const outputsOf = (pid: number): Promise<(string | undefined)[]> =>
    Promise.all(['fd/1', 'fd/2'].map((file) => readlink(at(pid, file)).catch(() => undefined)));

  return {
    signal: async (name: NodeJS.Signals): Promise<void> => {
      if (!(await leader.started())) return;
      const { pid, ended } = await leader.look();
      if (!ended && (await leader.isInside(pid))) kill(-pid, name);
    },
    /**
     * As when a terminal's line drops, but to all of its session and not only to its front: a job that only bash would
     * tell is told too. nohup, setsid and tmux outlive it. Group by group, because the kernel then misses no fork.
     */
    hangUp: async (): Promise<void> => {
      const groups = new Set((await members()).map(({ group }) => group));
      for (const name of ['SIGHUP', 'SIGCONT'] as const) for (const group of groups) kill(-group, name);
    },
    /** Nobody reads what the command writes: SIGPIPE to those of it that still have the pipes it was given. */
    breakPipe: async (): Promise<void> => {
      const all = await members();
      const outputs = await Promise.all(all.map(({ pid }) => outputsOf(pid)));
      const given = outputs[all.findIndex(({ pid, session }) => pid === session)] ?? [];
      const pipes = given.filter((target) => target?.startsWith('pipe:'));
      const writes = (index: number) => outputs[index]!.some((target) => pipes.includes(target));
      for (const { pid } of all.filter((_, index) => writes(index))) kill(pid, 'SIGPIPE');
    },
  };
}
export type ExecProcesses = ReturnType<typeof makeExecProcesses>;

/** Of a process, or of a group when negative. */
function kill(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    const hint = 'the controller may not signal processes of containers: run it as root';
    throw new WorkdockError('REFUSED', `cannot send ${name} to process ${pid}: ${code}`, { hint, cause });
  }
}

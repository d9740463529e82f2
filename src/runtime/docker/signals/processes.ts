import { join } from 'node:path';
import { WorkdockError } from '../../../lib/errors.ts';
import { plain } from '../../../lib/plain-text.ts';
import type { ProcessInfo } from '../../../model/idle.ts';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { keeperArgv } from '../keeper.ts';
import { groupOf, pidsOf } from './group.ts';
import { attempt, readNow } from './reading.ts';
import type { Sources } from './soon.ts';

/** One process as `/proc/PID/stat` has it; its name may hold spaces and brackets. */
export type Stat = {
  pid: number;
  comm: string;
  state: string;
  parent: number;
  terminal: number;
  /**
   * Another one after every `exec`: pid, start, and where its arguments lie in memory, which the kernel draws anew.
   */
  program: string;
};

export function statOf(text: string): Stat {
  const end = text.lastIndexOf(')');
  const fields = text
    .slice(end + 2)
    .trim()
    .split(' ');
  /** By its number in proc(5). */
  const field = (number: number) => fields[number - 3];
  const pid = Number.parseInt(text, 10);
  return {
    pid,
    comm: text.slice(text.indexOf('(') + 1, end),
    state: field(3) ?? '',
    parent: Number(field(4)),
    terminal: Number(field(7)),
    program: [pid, field(22), field(48), field(49)].join(':'),
  };
}

const COMMAND_LENGTH = 120;
const keeperName = keeperArgv.at(-1);

/** Ended, or a command of the engine's that has not become the asked one yet. */
const isPassing = ({ state, comm }: Stat): boolean => state === 'Z' || state === 'X' || comm.startsWith('runc:[');

/** All processes that live; those that end while we look are left out. */
export function statsOf(container: RunningContainer, roots: CgroupRoots): Stat[] {
  return pidsOf(groupOf(container, roots)).flatMap((pid) => {
    const found = attempt(() => statOf(readNow(join(roots.procRoot, String(pid), 'stat'))));
    return found.ok && !isPassing(found.value) ? [found.value] : [];
  });
}

/** The pid it has inside; the host's when the kernel does not tell. */
export const innerPid = (status: string, outer: number): number =>
  Number(/^NSpid:.*?(\d+)\s*$/m.exec(status)?.[1] ?? outer);

/** `name arguments` on one line. A process that has no arguments to show goes by its name. */
function commandOf(comm: string, cmdline: string): string {
  const [program = '', ...args] = cmdline.split('\0').filter((part) => part !== '');
  const name = plain(program.slice(program.lastIndexOf('/') + 1)) || plain(comm);
  const text = [name, ...args.map(plain)].join(' ');
  return text.length > COMMAND_LENGTH ? `${text.slice(0, COMMAND_LENGTH - 1)}…` : text;
}

const hint = 'the container ended in between, or this controller may not read /proc of the host';

/** What runs in a container for somebody: all but its init, the keeper and what the keeper waits with. */
export function makeProcesses({ roots, readSoon }: Sources) {
  return async (container: RunningContainer): Promise<ProcessInfo[]> => {
    const at = (pid: number, file: string) => join(roots.procRoot, String(pid), file);
    const found = attempt(() => statsOf(container, roots).filter(({ pid }) => pid !== container.pid));
    if (!found.ok) throw new WorkdockError('ENGINE_CONFLICT', `no processes seen: ${found.message}`, { hint });
    const stats = found.value;
    const lines = await Promise.all(stats.map(({ pid }) => readSoon(at(pid, 'cmdline')).catch(() => '')));
    /** A child of init's or the keeper's bears their words until it has become what they started. */
    const hasItsName = (line: string) => line.split('\0').findLast((word) => word !== '') === keeperName;
    const isKeeper = ({ parent }: Stat, index: number) => parent === container.pid && hasItsName(lines[index]!);
    const keepers = new Set(stats.filter(isKeeper).map(({ pid }) => pid));
    return stats.flatMap(({ pid, comm, parent }, index) => {
      const line = lines[index]!;
      const waits = keepers.has(parent) && (/^sleep\0/.test(line) || hasItsName(line));
      if (keepers.has(pid) || waits) return [];
      const status = attempt(() => readNow(at(pid, 'status')));
      return status.ok ? [{ pid: innerPid(status.value, pid), command: commandOf(comm, line) }] : [];
    });
  };
}

import { join } from 'node:path';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { readNow } from './reading.ts';

/** Where the processes and the CPU time of one container are counted. Version 2 has one tree for all. */
export type Group = { version: 1 | 2; folders: string[] };

type Entry = { number: string; controllers: string[]; mount: string; path: string };

function entries(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    return match ? [{ number: match[1]!, controllers: match[2]!.split(','), mount: match[2]!, path: match[3]! }] : [];
  });
}

/**
 * The control group of a container, from what its first process says of itself. Where version 1 counts CPU time
 * (`cpuacct`, also in hybrid mode) that is taken, else version 2, which hybrid mode has in a folder of its own.
 * @throws when the process is gone, or its pid belongs to another container by now.
 */
export function groupOf({ id, pid }: RunningContainer, { procRoot, cgroupRoot }: CgroupRoots): Group {
  const text = readNow(join(procRoot, String(pid), 'cgroup'));
  // The engine names the group after the container, with either of its drivers.
  if (!text.includes(id)) throw new Error(`process ${pid} is not of this container: it has ended`);
  const all = entries(text);
  const first = all.find(({ controllers }) => controllers.includes('cpuacct'));
  if (first) {
    // Where cpu and cpuacct are mounted as one, the short name is a link that some systems leave out.
    const folders = ['cpuacct', first.mount].map((mount) => join(cgroupRoot, mount, first.path));
    return { version: 1, folders: [...new Set(folders)] };
  }
  const second = all.find(({ number }) => number === '0');
  if (!second) throw new Error(`${join(procRoot, String(pid), 'cgroup')}: it names no group that counts CPU time`);
  return { version: 2, folders: [join(cgroupRoot, second.path), join(cgroupRoot, 'unified', second.path)] };
}

/** A file of the group, from the first of its folders that has it. */
export function readGroup({ folders }: Group, file: string): string {
  let first: unknown;
  for (const folder of folders) {
    try {
      return readNow(join(folder, file));
    } catch (error) {
      first ??= error; // the usual place is the one to tell people about
    }
  }
  throw first;
}

/** Host pids of all processes of the container. */
export const pidsOf = (group: Group): number[] =>
  readGroup(group, 'cgroup.procs')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);

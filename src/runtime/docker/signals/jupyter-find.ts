import { join } from 'node:path';
import type { RunningContainer } from '../../../model/runtime.ts';
import { mayServe, servesKernels } from './jupyter-command.ts';
import type { Server } from './jupyter-file.ts';
import { statsOf } from './processes.ts';
import type { Sources } from './soon.ts';

/** A server by its host pid, and what it wrote about itself once that was read. */
export type ServerProcess = { pid: number; server?: Server };

/** Containers remembered; of one that is looked at again later the command lines are read again. */
const REMEMBERED = 4_096;

/**
 * The Jupyter servers among a container's processes. What a process is gets read once: a command line stays until the
 * process becomes another program, and `program` tells that. So a container where nothing new runs costs one small read
 * per process.
 */
export function makeFindServers({ roots, readSoon }: Sources) {
  const known = new Map<string, Map<string, ServerProcess | null>>();
  return async (container: RunningContainer): Promise<ServerProcess[]> => {
    const before = known.get(container.id);
    const now = new Map<string, ServerProcess | null>();
    for (const { pid, program, comm } of statsOf(container, roots)) {
      if (!mayServe(comm)) continue;
      const read = () => readSoon(join(roots.procRoot, String(pid), 'cmdline'));
      const found = before?.get(program);
      now.set(program, found === undefined ? (servesKernels(await read()) ? { pid } : null) : found);
    }
    known.delete(container.id);
    known.set(container.id, now);
    for (const oldest of known.keys()) if (known.size > REMEMBERED) known.delete(oldest);
    return [...now.values()].filter((process) => process !== null);
  };
}

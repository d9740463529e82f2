import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Reading } from '../../../model/idle.ts';
import type { RunningContainer } from '../../../model/runtime.ts';
import type { CgroupRoots } from '../cgroup.ts';
import { statsOf } from './processes.ts';
import { attempt } from './reading.ts';
import { isTerminal, terminalFiles } from './terminals.ts';

/** The controller must never get a terminal of its own by opening one, nor wait for one that is stopped (Ctrl-S). */
const flags = constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

function write(path: string, text: Buffer): boolean {
  const file = openSync(path, flags);
  try {
    return isTerminal(fstatSync(file)) && writeSync(file, text) > 0;
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a text to every terminal that a process of the container sits at, and tells how many took it. Seen from the
 * terminal it is output, so it is no sign of a person. A terminal that nobody sits at yet is left alone: to the program
 * that is just making it, a stranger who opens and closes it looks like a hang-up.
 */
export function makeTellTerminals(roots: CgroupRoots) {
  return async (container: RunningContainer, text: string): Promise<number> => {
    const bytes = Buffer.from(text);
    const told = attempt(() => {
      // The kernel packs the device of `stat` and `tty_nr` alike.
      const used = new Set(statsOf(container, roots).map(({ terminal }) => terminal));
      const all = terminalFiles(join(roots.procRoot, String(container.pid), 'root/dev/pts'));
      return all
        .filter(({ stats }) => used.has(stats.rdev))
        .filter(({ path }) => taken(attempt(() => write(path, bytes))));
    });
    return told.ok ? told.value.length : 0;
  };
}

const taken = (one: Reading<boolean>): boolean => one.ok && one.value;

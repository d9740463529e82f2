import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { TerminalReading } from '../../../model/idle.ts';

const PTS_MAJORS = { first: 136, last: 143 };
/** Of a Linux device number as stat gives it: 8 bits of the minor, 12 of the major. */
const majorOf = (device: number): number => Math.floor(device / 256) % 4096;

/** A pseudo terminal as the kernel makes them, and not a file that somebody put there. */
export const isTerminal = (stats: Stats): boolean =>
  stats.isCharacterDevice() && majorOf(stats.rdev) >= PTS_MAJORS.first && majorOf(stats.rdev) <= PTS_MAJORS.last;

/** All terminals of a container, from its `/dev/pts`. */
export function terminalFiles(folder: string): { name: string; path: string; stats: Stats }[] {
  return readdirSync(folder).flatMap((number) => {
    const path = join(folder, number);
    const stats = /^\d+$/.test(number) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    return stats && isTerminal(stats) ? [{ name: `pts/${number}`, path, stats }] : [];
  });
}

const MULTIPLEXER = 5 * 256 + 2;

/**
 * When a key last came for any of them, read or not: whoever holds the other end of a terminal writes it to the
 * multiplexer, `ptmx`, of which each container has one of its own. 0 = not known.
 */
function keyAtMs(folder: string): number {
  const stats = lstatSync(join(folder, 'ptmx'), { throwIfNoEntry: false });
  return stats?.isCharacterDevice() && stats.rdev === MULTIPLEXER ? stats.mtimeMs : 0;
}

/**
 * When each terminal last had input. The kernel sets its access time when a program reads what somebody typed, in steps
 * of eight seconds (`tty_update_time`), and its change time when a program writes: output is not somebody being there.
 * A new terminal counts as input. Keys that nobody has read yet, as those before the end of a line in `sh` or those for
 * a program that computes, may be for any of them.
 */
export function terminals(folder: string): TerminalReading[] {
  const files = terminalFiles(folder);
  const keyMs = files.length > 0 ? keyAtMs(folder) : 0;
  const unread = files.every(({ stats }) => stats.atimeMs < keyMs);
  return files.map(({ name, stats }) => ({ name, inputAtMs: unread ? keyMs : stats.atimeMs }));
}

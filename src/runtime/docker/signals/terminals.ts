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

/**
 * When the input of each terminal was last read. The kernel sets a terminal's access time when a program reads what
 * somebody typed, in steps of eight seconds (`tty_update_time`), and its change time when a program writes: output is
 * not somebody being there. A new terminal counts as input.
 */
export const terminals = (folder: string): TerminalReading[] =>
  terminalFiles(folder).map(({ name, stats }) => ({ name, inputAtMs: stats.atimeMs }));

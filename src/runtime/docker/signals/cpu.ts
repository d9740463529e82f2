import { join } from 'node:path';
import { type Group, readGroup } from './group.ts';

const NS_PER_US = 1_000;

/**
 * CPU time of all processes of the container, ended ones included, in nanoseconds: `cpuacct.usage` (version 1) or
 * `usage_usec` of `cpu.stat` (version 2; there with or without the cpu controller).
 */
export function cpuNs(group: Group): number {
  const file = group.version === 1 ? 'cpuacct.usage' : 'cpu.stat';
  const text = readGroup(group, file);
  const digits = (group.version === 1 ? /^(\d+)$/m : /^usage_usec (\d+)$/m).exec(text)?.[1];
  if (digits === undefined) throw new Error(`${join(group.folders[0]!, file)}: it does not say the CPU time`);
  return group.version === 1 ? Number(digits) : Number(digits) * NS_PER_US;
}

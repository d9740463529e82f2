import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const WANTED = 65_536;
const CAP_SYS_RESOURCE = 1n << 24n;

const line = (text: string, start: string) =>
  text
    .split('\n')
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length)
    .trim() ?? '';

/**
 * Most open files a workspace may raise its limit to. An engine without CAP_SYS_RESOURCE (nested, some VMs) cannot go
 * above its own limit: every start then fails with "error setting rlimit type 7". The engine's cannot be asked for;
 * this process stands in for it, which is on the same host.
 */
export function openFilesLimit(procRoot: string): number {
  try {
    const read = (file: string) => readFileSync(join(procRoot, 'self', file), 'utf8');
    if ((BigInt(`0x${line(read('status'), 'CapBnd:')}`) & CAP_SYS_RESOURCE) !== 0n) return WANTED;
    const [, hard] = line(read('limits'), 'Max open files').split(/\s+/);
    return hard === 'unlimited' ? WANTED : Math.min(WANTED, Number(hard) || WANTED);
  } catch {
    return WANTED;
  }
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** CPU milliseconds (user and system, all threads) that `work` takes. */
export async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

let collect: (() => void) | undefined;

/** Bytes of the JavaScript heap that are in use once everything unreachable is gone. */
export function heapBytes(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

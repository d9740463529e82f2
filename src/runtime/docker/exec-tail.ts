import type { Clock } from '../../lib/clock.ts';
import type { Leader } from './exec-leader.ts';
import type { Outlet } from './outlet.ts';

/**
 * Docker (seen on 20.10.24) closes a command's outputs 2 s after its first process has ended and throws away what it
 * still holds: up to 115 kB were missing when the reader was slow, with exit code 0. So while a reader is slow the
 * process is looked at, and once it has ended the rest is fetched at once.
 */
const LOOK_MS = 400;
/** More than the engine can hold of one output: about 1.4 MB (a pipe, a fifo, 1 MB of its own, the socket). */
const TAIL_BYTES = 2 * 2 ** 20;

/** Returns what a write that waits has to call. The looks end with the waiting. */
export function makeTailKeeper(clock: Clock, leader: Leader, outlets: () => readonly Outlet[]) {
  let looking = false;
  const look = async (): Promise<void> => {
    const slow = outlets().filter((outlet) => outlet.waited()).length > 0;
    if (!slow) {
      looking = false;
    } else if (await leader.lives().catch(() => true)) {
      clock.timer(LOOK_MS, () => void look());
    } else {
      for (const outlet of outlets()) outlet.allow(TAIL_BYTES);
    }
  };
  return (): void => {
    if (looking) return;
    looking = true;
    clock.timer(LOOK_MS, () => void look());
  };
}

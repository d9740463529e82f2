import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/lib/clock.ts';

export type FakeClock = Clock & {
  /** Moves time on, firing every timer at its moment and letting the work it wakes run before the next one. */
  advance: (ms: number) => Promise<void>;
  /** Moves the wall clock only, as an administrator or NTP would. */
  jump: (ms: number) => void;
  pending: () => number;
};

/** Runs everything that is ready now: promises, and immediates that those set. */
export const drain = async (turns = 5): Promise<void> => {
  for (let i = 0; i < turns; i += 1) await turn();
};

/** Time that moves only when told. Starts at 2026-01-01T00:00:00Z, monotonic 0. */
export function makeFakeClock(): FakeClock {
  let elapsed = 0;
  let offset = Date.UTC(2026, 0, 1);
  let order = 0;
  const timers = new Map<number, { at: number; fire: () => void }>();

  const next = (until: number) => {
    let found: [number, { at: number; fire: () => void }] | undefined;
    for (const entry of timers) {
      if (entry[1].at <= until && (found === undefined || entry[1].at < found[1].at)) found = entry;
    }
    return found;
  };

  return {
    now: () => offset + elapsed,
    monotonic: () => elapsed,
    timer: (afterMs, fire) => {
      const id = order;
      order += 1;
      timers.set(id, { at: elapsed + Math.max(0, afterMs), fire });
      return () => void timers.delete(id);
    },
    advance: async (ms) => {
      const end = elapsed + ms;
      await drain();
      for (let entry = next(end); entry !== undefined; entry = next(end)) {
        timers.delete(entry[0]);
        elapsed = Math.max(elapsed, entry[1].at);
        entry[1].fire();
        await drain();
      }
      elapsed = end;
      await drain();
    },
    jump: (ms) => {
      offset += ms;
    },
    pending: () => timers.size,
  };
}

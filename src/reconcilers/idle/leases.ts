import type { Clock } from '../../lib/clock.ts';
import type { Lease } from '../../model/idle.ts';

/**
 * What is left of a lease. Its end is a wall-clock time, but wall clocks jump: from the first sight on its time is
 * counted on the monotonic clock, and it never lasts longer than it was given for.
 */
export function makeLeases(clock: Clock) {
  const ends = new Map<string, { key: string; atMs: number }>();
  return {
    leftMs: (name: string, lease: Lease | undefined): number => {
      if (!lease || lease.ended) {
        ends.delete(name);
        return 0;
      }
      const key = `${lease.at} ${lease.until}`;
      const until = Date.parse(lease.until);
      const known = ends.get(name);
      const spanMs = Math.min(until - clock.now(), until - Date.parse(lease.at));
      const end = known?.key === key ? known : { key, atMs: clock.monotonic() + spanMs };
      ends.set(name, end);
      return Math.max(0, end.atMs - clock.monotonic());
    },
  };
}
export type Leases = ReturnType<typeof makeLeases>;

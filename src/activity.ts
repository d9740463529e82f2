import type { Clock } from './lib/clock.ts';
import type { Activity } from './model/stream.ts';

type Use = { open: number; lastInputMs: number | undefined };

/** Who uses which workspace through us; in memory, because no stream outlives this process. */
export function makeActivity(clock: Pick<Clock, 'monotonic'>): Activity {
  const uses = new Map<string, Use>();
  return {
    open: (name) => {
      const use = uses.get(name) ?? { open: 0, lastInputMs: undefined };
      uses.set(name, use);
      use.open += 1;
      // Whoever comes in is there, whether or not they type.
      use.lastInputMs = clock.monotonic();
      let closed = false;
      return {
        input: () => {
          use.lastInputMs = clock.monotonic();
        },
        close: () => {
          if (!closed) use.open -= 1;
          closed = true;
        },
      };
    },
    of: (name) => ({ ...(uses.get(name) ?? { open: 0, lastInputMs: undefined }) }),
  };
}

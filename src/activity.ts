import type { Clock } from './lib/clock.ts';
import type { Activity } from './model/stream.ts';

type Use = { open: number; lastInputMs: number | undefined };

/** Who uses which workspace through us; in memory, because no stream outlives this process. */
export function makeActivity(clock: Pick<Clock, 'monotonic'>): Activity {
  const uses = new Map<string, Use>();
  const listeners: ((name: string) => void)[] = [];
  const used = (name: string, use: Use): void => {
    use.lastInputMs = clock.monotonic();
    for (const listener of listeners) listener(name);
  };
  return {
    open: (name) => {
      const use = uses.get(name) ?? { open: 0, lastInputMs: undefined };
      uses.set(name, use);
      use.open += 1;
      // Whoever comes in is there, whether or not they type.
      used(name, use);
      let closed = false;
      return {
        input: () => used(name, use),
        close: () => {
          if (!closed) use.open -= 1;
          closed = true;
        },
      };
    },
    onUse: (listener) => void listeners.push(listener),
    of: (name) => ({ ...(uses.get(name) ?? { open: 0, lastInputMs: undefined }) }),
  };
}

import { makeSemaphore } from '../../lib/async.ts';
import type { Clock } from '../../lib/clock.ts';
import type { IdleLog } from './deps.ts';

/** Looks at once. One that hangs on a program of a user gives up by itself. */
const WIDTH = 8;
/** Looks are spread by this share of their pause, so that those that began together drift apart. */
const JITTER = 0.1;
/** At first looks are this far apart, so that a thousand do not come at once. */
const SPREAD_MS = 10;

type Deps = {
  /** The pause until the next look, or null when there is nothing to look at any more. */
  look: (name: string) => Promise<number | null>;
  clock: Clock;
  /** 0 <= r < 1. */
  random: () => number;
  log: Pick<IdleLog, 'error'>;
  /** After a look that failed. */
  intervalMs: number;
};

/** Looks at each name over and over, each in its own rhythm; one that fails or hangs holds up nobody else. */
export function makeLoop({ look, clock, random, log, intervalMs }: Deps) {
  const limited = makeSemaphore(WIDTH);
  const timers = new Map<string, () => void>();
  const flying = new Map<string, Promise<void>>();
  let stopped = false;

  const later = (name: string, ms: number): void => {
    if (stopped) return;
    timers.get(name)?.();
    timers.set(
      name,
      clock.timer(ms, () => fly(name)),
    );
  };
  function fly(name: string): void {
    timers.delete(name);
    const flight = limited(() => (stopped ? Promise.resolve(null) : look(name)))
      .catch((err: unknown) => {
        log.error({ name, err }, 'a look for idleness failed');
        return intervalMs;
      })
      .then((pauseMs) => {
        flying.delete(name);
        if (pauseMs !== null) later(name, pauseMs * (1 - JITTER + 2 * JITTER * random()));
      });
    flying.set(name, flight);
  }

  return {
    /** Begins to look at a name; one that is looked at already keeps its rhythm. */
    begin: (name: string): void => {
      if (stopped || timers.has(name) || flying.has(name)) return;
      later(name, random() * Math.min(intervalMs, SPREAD_MS * (timers.size + flying.size)));
    },
    /** Nothing new; resolves when what flies has landed. */
    stop: async (): Promise<void> => {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
      await Promise.all(flying.values());
    },
  };
}

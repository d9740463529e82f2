import type { Clock } from '../lib/clock.ts';

/** A period is cut into so many ticks; each name belongs to one of them. */
const TICKS = 20;

type Deps = {
  clock: Clock;
  random: () => number;
  /** The period in milliseconds: no name waits longer for a look. */
  resyncMs: number;
  names: () => Iterable<string>;
  look: (name: string) => void;
};

/** FNV-1a, 32 bit (RFC 9923): spreads names evenly; nothing secret hangs on it. */
function hash(text: string, salt: number): number {
  let value = (0x811c9dc5 ^ salt) >>> 0;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/**
 * Looks at every name once per period, spread over it. Each name keeps its place in the period, so that the pause
 * between two looks is the period and not up to twice of it; the place differs from run to run.
 */
export function makeResync({ clock, random, resyncMs, names, look }: Deps) {
  const salt = Math.floor(random() * 2 ** 32);
  const tickMs = resyncMs / TICKS;
  const tickOf = (name: string): number => hash(name, salt) % TICKS;
  let startedMs: number | undefined;
  let count = 0;
  let cancel: () => void = () => {};

  const next = (): void => {
    const due = (startedMs ?? 0) + (count + 1) * tickMs;
    cancel = clock.timer(Math.max(0, due - clock.monotonic()), () => {
      const tick = count % TICKS;
      count += 1;
      for (const name of names()) if (tickOf(name) === tick) look(name);
      next();
    });
  };

  return {
    start: (): void => {
      startedMs = clock.monotonic();
      next();
    },
    stop: (): void => cancel(),
    /** Monotonic milliseconds of the name's next look; undefined before the start. */
    nextAtMs: (name: string): number | undefined => {
      if (startedMs === undefined) return undefined;
      const ticksAhead = (tickOf(name) - (count % TICKS) + TICKS) % TICKS;
      return startedMs + (count + ticksAhead + 1) * tickMs;
    },
  };
}

import type { Clock } from '../lib/clock.ts';
import { type Lane, lanes } from '../model/loop.ts';

/** `sinceMs`: in its lane; `queuedMs`: in any. Monotonic. */
export type Item = { name: string; lane: Lane; trigger: string; sinceMs: number; queuedMs: number };

/** One pick in so many goes to an item that waited longer than `agingMs`, so that churn starves nobody. */
const AGED_SHARE = 4;

const stronger = (a: Lane, b: Lane): boolean => lanes.indexOf(a) < lanes.indexOf(b);

type Options = { clock: Clock; agingMs?: number; onQueued?: () => void };

/**
 * Work to do, by name. A name is in it once; asked for while in flight it is remembered once, with the strongest lane,
 * and handed back by `done`. First in, first out within a lane. Every operation is O(1) in the number of names.
 */
export function makeQueue({ clock, agingMs = 5_000, onQueued }: Options) {
  const ready = { change: new Map<string, Item>(), event: new Map<string, Item>(), resync: new Map<string, Item>() };
  const inFlight = new Map<string, Item | null>();
  let picksSinceAged = 0;

  const queued = (name: string): Item | undefined => lanes.map((lane) => ready[lane].get(name)).find(Boolean);
  const head = (lane: Lane): Item | undefined => ready[lane].values().next().value;

  const pick = (): Item | undefined => {
    const [top, ...lower] = lanes.map(head).filter((item) => item !== undefined);
    const aged = lower.sort((a, b) => a.sinceMs - b.sinceMs)[0];
    picksSinceAged += 1;
    if (aged === undefined || picksSinceAged < AGED_SHARE || clock.monotonic() - aged.sinceMs < agingMs) return top;
    picksSinceAged = 0;
    return aged;
  };

  return {
    offer: (name: string, lane: Lane, trigger: string): void => {
      const nowMs = clock.monotonic();
      const item: Item = { name, lane, trigger, sinceMs: nowMs, queuedMs: nowMs };
      const asked = inFlight.get(name);
      if (asked !== undefined) {
        if (asked === null || stronger(lane, asked.lane)) inFlight.set(name, item);
        return;
      }
      const before = queued(name);
      if (before !== undefined && !stronger(lane, before.lane)) return;
      if (before !== undefined) ready[before.lane].delete(name);
      else onQueued?.();
      ready[lane].set(name, { ...item, queuedMs: before?.queuedMs ?? nowMs });
    },
    /** The next item, now in flight until `done`; undefined when nothing is ready. */
    take: (): Item | undefined => {
      const item = pick();
      if (item === undefined) return undefined;
      ready[item.lane].delete(item.name);
      inFlight.set(item.name, null);
      return item;
    },
    /** Ends the flight; returns what was asked for meanwhile, for the caller to offer again. */
    done: (name: string): Item | null => {
      const again = inFlight.get(name) ?? null;
      inFlight.delete(name);
      return again;
    },
    clear: (): void => {
      for (const lane of lanes) ready[lane].clear();
    },
    isQueued: (name: string): boolean => queued(name) !== undefined || (inFlight.get(name) ?? null) !== null,
    isInFlight: (name: string): boolean => inFlight.has(name),
    waiting: (): Record<Lane, number> => ({
      change: ready.change.size,
      event: ready.event.size,
      resync: ready.resync.size,
    }),
    readyCount: (): number => lanes.reduce((sum, lane) => sum + ready[lane].size, 0),
  };
}

export type Queue = ReturnType<typeof makeQueue>;

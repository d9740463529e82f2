import type { Clock } from '../lib/clock.ts';

/** Between two looks for a home that is due. */
const STEP_MS = 2_000;
/** A count takes at most one part in so many of a disk's time. */
const REST = 20;

/** A home to count: the workspace it is of, and where it is. */
export type Countable = {
  name: string;
  /** Where it is on this host; null when it is none. */
  folder: () => Promise<string | null>;
  /** Nothing has written to it since this wall-clock time, milliseconds; undefined while somebody may. */
  restsSince: number | undefined;
};
type Count = { bytes: number; atMs: number; wallMs: number };
type Deps = {
  homes: () => Iterable<Countable>;
  count: (folder: string, signal: AbortSignal) => Promise<number | undefined>;
  clock: Clock;
  /** Of one home. */
  everyMs: number;
  /** Not now: more urgent things go on. */
  isBusy?: () => boolean;
};

/**
 * Counts how much the homes take, one after the other and with long pauses, the oldest count first: each `everyMs`, or
 * later when there are many or large ones. One that nobody can have written to since is not counted again.
 */
export function watchUse({ homes, count, clock, everyMs, isBusy = () => false }: Deps) {
  const counts = new Map<string, Count>();
  const triedMs = new Map<string, number>();
  const ended = new AbortController();
  let cancel: () => void = () => undefined;

  const isDue = ({ name, restsSince }: Countable): boolean => {
    const last = triedMs.get(name);
    if (last !== undefined && clock.monotonic() - last < everyMs) return false;
    const known = counts.get(name);
    return known === undefined || restsSince === undefined || known.wallMs <= restsSince;
  };
  const next = (all: readonly Countable[]): Countable | undefined => {
    const age = ({ name }: Countable) => triedMs.get(name) ?? Number.NEGATIVE_INFINITY;
    return all.filter(isDue).sort((a, b) => age(a) - age(b))[0];
  };
  const forget = (all: readonly Countable[]): void => {
    const names = new Set(all.map(({ name }) => name));
    for (const name of triedMs.keys()) {
      if (names.has(name)) continue;
      triedMs.delete(name);
      counts.delete(name);
    }
  };

  async function step(): Promise<number> {
    if (isBusy()) return STEP_MS;
    const all = [...homes()];
    forget(all);
    const due = next(all);
    if (!due) return STEP_MS;
    const beganMs = clock.monotonic();
    const wallMs = clock.now();
    triedMs.set(due.name, beganMs);
    // A home that cannot be found or counted now has its old figure, and its age says so.
    const folder = await due.folder().catch(() => null);
    const bytes = folder === null ? undefined : await count(folder, ended.signal).catch(() => undefined);
    if (bytes !== undefined) counts.set(due.name, { bytes, atMs: clock.monotonic(), wallMs });
    return Math.max(all.some(isDue) ? 0 : STEP_MS, REST * (clock.monotonic() - beganMs));
  }
  const later = (ms: number): void => {
    if (ended.signal.aborted) return;
    cancel = clock.timer(ms, () => {
      void step()
        .catch(() => STEP_MS)
        .then(later);
    });
  };
  later(STEP_MS);

  return {
    get: (name: string): { value: number; atMs: number } | undefined => {
      const found = counts.get(name);
      return found && { value: found.bytes, atMs: found.atMs };
    },
    /** Nothing is counted any more; who asks an engine that hangs for a home is not waited for. */
    stop: (): void => {
      ended.abort();
      cancel();
    },
  };
}

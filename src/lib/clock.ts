/**
 * Time as a dependency. `now` is for people and files and may jump; every pause and age that decides something uses
 * `monotonic`, which never does.
 */
export type Clock = {
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonic: () => number;
  /** Calls `fire` once after `afterMs`; the returned function cancels it. Does not keep the process alive. */
  timer: (afterMs: number, fire: () => void) => () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (afterMs, fire) => {
    const handle = setTimeout(fire, afterMs);
    handle.unref();
    return () => clearTimeout(handle);
  },
};

/** RFC 3339 text with milliseconds, as status and events carry it. */
export const timestamp = (epochMs: number): string => new Date(epochMs).toISOString();

import type { Clock } from './clock.ts';

const STEP_MS = 50;

export type Lull = {
  /** Something more urgent than what can wait is going on. */
  isBusy: () => boolean;
  /** Resolves at once when nothing is, else when nothing is any more, or after `mostMs`. */
  come: () => Promise<void>;
  /** Nobody waits any longer, neither those who do nor those who come. */
  end: () => void;
};

/** For work that can wait while `isBusy`, as what is only told can while workspaces are being started. */
export function makeLull(isBusy: () => boolean, clock: Clock, mostMs: number): Lull {
  let ended = false;
  const waiting = new Set<() => void>();
  const look = (sinceMs: number, done: () => void): void => {
    if (ended || !isBusy() || clock.monotonic() - sinceMs >= mostMs) done();
    else clock.timer(STEP_MS, () => look(sinceMs, done));
  };
  return {
    isBusy: () => !ended && isBusy(),
    come: () =>
      new Promise<void>((resolve) => {
        waiting.add(resolve);
        look(clock.monotonic(), () => {
          waiting.delete(resolve);
          resolve();
        });
      }),
    end: () => {
      ended = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}

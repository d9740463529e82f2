import type { Clock } from './clock.ts';

const STEP_MS = 100;

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
  /** The one that has waited longest first. */
  let waiting: { sinceMs: number; resolve: () => void }[] = [];
  let cancel: (() => void) | undefined;
  const look = (): void => {
    cancel = undefined;
    const busy = !ended && isBusy();
    const latestMs = clock.monotonic() - mostMs;
    const due = waiting.filter(({ sinceMs }) => !busy || sinceMs <= latestMs);
    waiting = waiting.slice(due.length);
    for (const { resolve } of due) resolve();
    if (waiting.length > 0) cancel = clock.timer(STEP_MS, look);
  };
  return {
    isBusy: () => !ended && isBusy(),
    come: () =>
      new Promise<void>((resolve) => {
        waiting.push({ sinceMs: clock.monotonic(), resolve });
        if (!cancel) look();
      }),
    end: () => {
      ended = true;
      cancel?.();
      look();
    },
  };
}

import type { Clock } from '../lib/clock.ts';

const QUIET_MS = 100;
/** At most five writes a second of one file. */
const GAP_MS = 200;
/** Where a write takes long, less is written, later: for so many times as long as the last one took, at most. */
const REST = 4;
const MOST_REST_MS = 1_000;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

type Deps = {
  clock: Clock;
  /** Writes what the keys stand for; returns those it could not write. Never throws. */
  write: (keys: ReadonlySet<string>) => Promise<ReadonlySet<string>>;
};

/** Gathers changed keys and writes them together, soon but not often; what fails is tried again at growing pauses. */
export function makeCoalescer({ clock, write }: Deps) {
  let dirty = new Set<string>();
  let running: Promise<boolean> | undefined;
  let cancel: (() => void) | undefined;
  let lastMs = -Infinity;
  let restMs = 0;
  let failures = 0;
  let closed = false;

  const schedule = (): void => {
    if (closed || cancel !== undefined || running !== undefined || dirty.size === 0) return;
    const retryMs = failures === 0 ? 0 : RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]!;
    const waitMs = Math.max(QUIET_MS, restMs, lastMs + GAP_MS - clock.monotonic(), retryMs);
    cancel = clock.timer(waitMs, () => void cycle());
  };
  /** One write of everything dirty; true when all of it is on disk. */
  const cycle = async (): Promise<boolean> => {
    cancel?.();
    cancel = undefined;
    const keys = dirty;
    dirty = new Set();
    lastMs = clock.monotonic();
    running = write(keys).then((failed) => {
      for (const key of failed) dirty.add(key);
      failures = failed.size === 0 ? 0 : failures + 1;
      restMs = Math.min(REST * (clock.monotonic() - lastMs), MOST_REST_MS);
      return failed.size === 0;
    });
    const done = await running;
    running = undefined;
    schedule();
    return done;
  };
  /** Resolves when all that is dirty now was written, or found unwritable. */
  const flush = async (): Promise<void> => {
    await running;
    while (dirty.size > 0) if (!(await (running ?? cycle()))) return;
  };

  return {
    mark: (key: string): void => {
      dirty.add(key);
      schedule();
    },
    flush,
    /** Writes once more what is left. */
    close: async (): Promise<void> => {
      closed = true;
      await flush();
      cancel?.();
    },
  };
}

import type { Clock } from '../../lib/clock.ts';
import type { RunningContainer } from '../../model/runtime.ts';

const LEAST_PAUSE_MS = 2_000;
/** The pause after a round in its CPU time: about one part in a hundred of a core, however many there are. */
const SHARE = 100;

type Deps = {
  containers: () => RunningContainer[];
  /** Notes what runs in one. Never fails. */
  seen: (container: RunningContainer) => Promise<void>;
  clock: Clock;
  /** CPU time of this thread so far. */
  workedMs: () => number;
};

/**
 * Looks at what runs in every container, round after round: once one has ended by itself nobody can tell any more.
 * Starts at once; the returned function ends it.
 */
export function watchProcesses({ containers, seen, clock, workedMs }: Deps): () => Promise<void> {
  let isOver = false;
  let cancel = () => {};
  let round: Promise<void> = Promise.resolve();
  const look = async () => {
    const before = workedMs();
    for (const container of containers()) if (!isOver) await seen(container);
    const pauseMs = Math.max(LEAST_PAUSE_MS, SHARE * (workedMs() - before));
    if (!isOver) cancel = clock.timer(pauseMs, begin);
  };
  const begin = () => {
    round = look();
  };
  cancel = clock.timer(LEAST_PAUSE_MS, begin);
  return async () => {
    isOver = true;
    cancel();
    await round;
  };
}

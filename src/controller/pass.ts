import type { Clock } from '../lib/clock.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Pass, Reconcile, Result } from '../model/result.ts';
import type { Place } from './places.ts';
import type { Item } from './queue.ts';

type Deps = {
  reconcile: Reconcile;
  clock: Clock;
  deadlineMs: number;
  abort: AbortController;
  place: Place;
  pass: Pick<Pass, 'id' | 'log' | 'news'>;
  /** The deadline passed: the signal has fired and the pass goes on all the same. */
  onOverdue: () => void;
};

/**
 * One reconcile, with a deadline on its signal for the time it has a place. Never throws: what it throws is a failure
 * of this name alone.
 */
export async function runPass(item: Item, deps: Deps): Promise<Result> {
  const { reconcile, clock, deadlineMs, abort, place, pass, onOverdue } = deps;
  const deadline = makeDeadline(clock, deadlineMs, () => {
    abort.abort();
    onOverdue();
  });
  const away: Pass['away'] = async (work) => {
    deadline.rest();
    try {
      return await place.away(work);
    } finally {
      deadline.run();
    }
  };
  deadline.run();
  try {
    return await reconcile(item.name, item.trigger, { ...pass, signal: abort.signal, away });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return { kind: 'failed', error: WorkdockError.wrap(cause, 'INTERNAL', text, 'this is a bug: please report it') };
  } finally {
    deadline.end();
  }
}

/** Fires once, after `ms` of the time that it ran. */
function makeDeadline(clock: Clock, ms: number, fire: () => void) {
  let leftMs = ms;
  let sinceMs = 0;
  let cancel: (() => void) | undefined;
  const rest = (): void => {
    if (!cancel) return;
    cancel();
    cancel = undefined;
    leftMs -= clock.monotonic() - sinceMs;
  };
  return {
    run: (): void => {
      if (cancel || leftMs <= 0) return;
      sinceMs = clock.monotonic();
      cancel = clock.timer(leftMs, () => {
        leftMs = 0;
        fire();
      });
    },
    rest,
    end: (): void => {
      rest();
      leftMs = 0;
    },
  };
}

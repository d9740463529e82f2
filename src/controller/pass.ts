import type { Clock } from '../lib/clock.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Pass, Reconcile, Result } from '../model/result.ts';
import type { Item } from './queue.ts';

type Deps = {
  reconcile: Reconcile;
  clock: Clock;
  deadlineMs: number;
  abort: AbortController;
  pass: Omit<Pass, 'signal'>;
  /** The deadline passed: the signal has fired and the pass goes on all the same. */
  onOverdue: () => void;
};

/** One reconcile, with a deadline on its signal. Never throws: what it throws is a failure of this name alone. */
export async function runPass(item: Item, deps: Deps): Promise<Result> {
  const cancel = deps.clock.timer(deps.deadlineMs, () => {
    deps.abort.abort();
    deps.onOverdue();
  });
  try {
    return await deps.reconcile(item.name, item.trigger, { ...deps.pass, signal: deps.abort.signal });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return { kind: 'failed', error: WorkdockError.wrap(cause, 'INTERNAL', text, 'this is a bug: please report it') };
  } finally {
    cancel();
  }
}

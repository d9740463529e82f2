import type { Container } from '../../../model/observed.ts';
import type { Step } from '../../../model/step.ts';
import type { Target } from '../../../model/target.ts';
import { canStart, hasCompleted, restartOwed } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { stopped } from './stopping.ts';

function running(target: Target, c: Container): Step | undefined {
  const { fitted, because: why } = target;
  if (c.state === 'restarting' || hasCompleted(target, c)) return undefined;
  return { op: 'start', id: c.id, fitted, why };
}

/** A stop waits for nothing else, and what waits for the next stop comes after it. */
export const stopRule: Rule = (target, { current }) =>
  target.run === 'Stopped' && current ? stopped(target, current, target.because) : undefined;

/** Running or Frozen, whichever is wanted. */
export const runRule: Rule = (target, observed) => {
  const { current } = observed;
  const { run, because: why } = target;
  if (!current || run === 'Stopped') return undefined;
  const startable = canStart(target, observed);
  // A restart that could not be finished is not begun.
  if (startable && restartOwed(target, current)) {
    const stop = stopped(target, current, 'restarted by a person');
    if (stop) return stop;
  }
  if (current.state === 'paused') {
    return run === 'Frozen' ? undefined : { op: 'unpause', id: current.id, why: 'paused, and should run' };
  }
  if (current.state === 'running') return run === 'Frozen' ? { op: 'pause', id: current.id, why } : undefined;
  // What it mounts must be there; a full disk or a missing secret (createBlock) does not keep an existing one down.
  return startable ? running(target, current) : undefined;
};

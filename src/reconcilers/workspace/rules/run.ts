import type { Container } from '../../../model/observed.ts';
import type { Step } from '../../../model/step.ts';
import type { Target } from '../../../model/target.ts';
import { hasCompleted, isUp, restartOwed } from '../facts.ts';
import type { Rule } from '../plan.ts';
import { stopped } from './stopping.ts';

function running(target: Target, c: Container): Step | undefined {
  const { fitted, because: why } = target;
  if (c.state === 'restarting' || hasCompleted(target, c) || target.startBlock) return undefined;
  return { op: 'start', id: c.id, fitted, why };
}

/** Running, Stopped or Frozen, whichever is wanted. */
export const runRule: Rule = (target, observed) => {
  const { current } = observed;
  const { run, because: why } = target;
  if (!current) return undefined;
  if (run === 'Stopped') return stopped(target, current, why);
  if (isUp(current) && restartOwed(target, current)) return stopped(target, current, 'restarted by a person');
  if (current.state === 'paused') {
    return run === 'Frozen' ? undefined : { op: 'unpause', id: current.id, why: 'paused, and should run' };
  }
  if (current.state === 'running') return run === 'Frozen' ? { op: 'pause', id: current.id, why } : undefined;
  // What it mounts must be there; a full disk or a missing secret (createBlock) does not keep an existing one down.
  if (observed.home.kind !== 'ready' || observed.missingMounts.length > 0) return undefined;
  return running(target, current);
};

import type { WorkdockError } from '../../lib/errors.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { Phase } from '../../model/status.ts';
import type { Decision, Target } from '../../model/target.ts';
import { hasCompleted } from './facts.ts';

export type Seen = {
  decision: Decision;
  target?: Target;
  observed?: Observed;
  error?: WorkdockError;
  markedBy?: string;
};

const down = (markedBy: string | undefined): Phase =>
  markedBy === 'stop' ? 'Held' : markedBy === 'idle' || markedBy === 'schedule' ? 'Resting' : 'Stopped';

const asFound = (c: Container | undefined, markedBy: string | undefined): Phase => {
  if (!c) return 'Pending';
  return c.state === 'running' ? 'Running' : c.state === 'paused' ? 'Frozen' : down(markedBy);
};

/** For people, derived from what was decided and seen; nothing decides by it. */
export function phaseOf({ decision, target, observed, error, markedBy }: Seen): Phase {
  if (!observed) return 'Unknown';
  const { current } = observed;
  if (decision.kind === 'hold') {
    if (decision.reason === 'Elsewhere') return 'Elsewhere';
    if (!current && ['NeverValid', 'Conflict', 'Refused'].includes(decision.reason)) return 'Failed';
    return asFound(current, markedBy);
  }
  if (current?.state === 'running') return 'Running';
  if (current?.state === 'paused') return 'Frozen';
  if (decision.run === 'Stopped' || decision.run === 'Absent') return down(markedBy);
  if (current && target && hasCompleted(target, current)) return 'Stopped';
  if (observed.taken || target?.startBlock?.reason === 'CrashLoopBackOff') return 'Failed';
  if (error) return error.policy.retry === 'wait' ? 'Pending' : 'Failed';
  // Nobody starts what is only reported.
  if (target?.fitted.drift === 'Report' && target.reachedBefore) return asFound(current, markedBy);
  if (target?.createBlock || target?.startBlock || observed.missingMounts.length > 0) return 'Pending';
  return current ? 'Starting' : 'Pending';
}

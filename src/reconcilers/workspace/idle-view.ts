import { timestamp } from '../../lib/clock.ts';
import type { Condition, WorkspaceConditionType } from '../../model/conditions.ts';
import type { IdleView } from '../../model/idle.ts';
import type { WorkspaceStatus } from '../../model/status.ts';
import type { Judged } from './conditions.ts';
import type { Seen } from './phase.ts';

export type Fact = { status: boolean | 'Unknown'; reason: string; message: string };

/** `lastTransitionTime` moves only when the status does. */
export function asCondition(
  type: WorkspaceConditionType,
  { status: value, reason, message }: Fact,
  { before, now, generation }: { before: Condition | undefined; now: number; generation: number | undefined },
): Condition<WorkspaceConditionType> {
  const status = value === 'Unknown' ? 'Unknown' : value ? 'True' : 'False';
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp(now);
  return {
    type,
    status,
    reason,
    message,
    lastTransitionTime,
    ...(generation !== undefined && { observedGeneration: generation }),
  };
}

const factOf = ({ reason, message }: IdleView): Fact => ({
  status: reason === 'Idle' ? true : reason === 'SignalUnreadable' ? 'Unknown' : false,
  reason,
  message,
});

/** Also while nothing may be done, or is known of the files yet: that wakes nobody. */
const isResting = ({ decision, markedBy, observed }: Seen): boolean =>
  markedBy === 'idle' &&
  (decision.kind === 'hold' || decision.run === 'Stopped') &&
  observed?.current?.state !== 'running';

/** What the condition Idle says. */
export function idleFact(judged: Judged): Fact {
  const { observed, intent, idle } = judged;
  if (!observed) return { status: 'Unknown', reason: 'EngineUnreachable', message: '' };
  if (isResting(judged)) return { status: true, reason: 'Resting', message: intent?.mark?.evidence ?? '' };
  if (observed.current?.state !== 'running') return { status: false, reason: 'NotRunning', message: '' };
  if (intent?.lastGood?.desired.idle.enabled === false) {
    return { status: false, reason: 'Disabled', message: 'idle.enabled is false' };
  }
  if (idle) return factOf(idle);
  return {
    status: 'Unknown',
    reason: 'NotLooked',
    message: 'not looked at twice since it or the controller started',
  };
}

type Fields = Pick<WorkspaceStatus, 'verdict' | 'idleSince' | 'restsAt' | 'lastActivityAt'>;
const pick = ({ verdict, idleSince, restsAt, lastActivityAt }: Fields): Fields => ({
  ...(verdict && { verdict }),
  ...(idleSince !== undefined && { idleSince }),
  ...(restsAt !== undefined && { restsAt }),
  ...(lastActivityAt !== undefined && { lastActivityAt }),
});

/** Of a resting workspace those that led to the stop, of another one that does not run its last use. */
export function idleFields(judged: Judged, previous: WorkspaceStatus | undefined): Fields {
  const { observed, idle } = judged;
  const { restsAt, ...past } = pick(previous ?? {});
  if (!observed) return { ...past, ...(restsAt !== undefined && { restsAt }) };
  if (isResting(judged)) return past;
  if (observed.current?.state === 'running' && idle) return pick(idle);
  const { lastActivityAt } = past;
  return lastActivityAt === undefined ? {} : { lastActivityAt };
}

/** The status with another view of idleness, for the time between two passes. */
export function withIdleView(status: WorkspaceStatus, view: IdleView, now: number): WorkspaceStatus {
  const { verdict: _verdict, idleSince: _since, restsAt: _rests, lastActivityAt: _last, ...rest } = status;
  const conditions = status.conditions.map((before) =>
    before.type === 'Idle'
      ? asCondition('Idle', factOf(view), { before, now, generation: before.observedGeneration })
      : before,
  );
  return { ...rest, ...pick(view), conditions };
}

import type { Intent, Tombstone } from '../../model/intent.ts';
import type { Cause, EndReason, LastEnd } from '../../model/status.ts';
import type { Step } from '../../model/step.ts';
import { markText } from './decide.ts';
import type { Look } from './look.ts';
import { driftText } from './tell.ts';

/** So many links of a chain are kept, nearest first, and so much of the text of each. */
const MOST_LINKS = 4;
const MOST_TEXT = 160;

/** Ends that are our own doing: what led to those led to what follows as well. */
const own: readonly EndReason[] = [
  ...(['IdleStop', 'StoppedByPerson', 'StoppedBySpec', 'FileRemoved', 'RestartedByPerson', 'Updated'] as const),
];

/** The last change of its spec. */
export const specCause = ({ changed }: Pick<Intent, 'changed'> = {}): Cause[] =>
  changed ? [link('SpecChanged', changed.at, changed.what)] : [];

/** A revision that did not start is one of the spec of now: a changed one forgets it. */
export const failureCauses = ({ failed, changed }: Intent): Cause[] =>
  failed ? [link('RevisionFailed', failed.at, failed.reason), ...specCause({ changed })] : [];

type Known = Pick<Look, 'changes' | 'intent' | 'target' | 'observed'> & {
  lastEnd: LastEnd | undefined;
  /** When the run that was known before this pass began. */
  ranSince: string | undefined;
};

const link = (reason: string, at: string, message: string): Cause => ({
  ...{ reason, at },
  message: message.length > MOST_TEXT ? `${message.slice(0, MOST_TEXT - 1)}…` : message,
});

/** What a person, the idle rule or the files decided at or after a moment, by what is on record of it; newest first. */
export function decidedSince(intent: Intent | undefined, since: string | undefined): Cause[] {
  const { mark, restart, update, approved, changed, tombstone } = intent ?? {};
  if (tombstone?.ripeAt) return removalCauses(tombstone);
  const byUpdate = restart !== undefined && restart.at === update?.at;
  const links = [
    ...(mark ? [link(mark.by === 'idle' ? 'Rested' : 'Asked', mark.at, mark.evidence ?? markText(mark))] : []),
    ...(restart && restart.at !== mark?.at ? [link('Asked', restart.at, byUpdate ? byTurn : 'a restart')] : []),
    ...(approved ? [link('Approved', approved.at, 'a person let the change through')] : []),
    ...specCause({ changed }),
  ];
  const news = links.filter(({ at }) => since === undefined || at >= since);
  return news.sort((a, b) => (a.at < b.at ? 1 : -1));
}
const byTurn = 'an update in its turn';

/** The stages of a removal so far, newest first. */
export function removalCauses({ since, ripeAt, expiredAt, approvedAt, from }: Partial<Tombstone> = {}): Cause[] {
  if (since === undefined) return [];
  return [
    ...(expiredAt ? [link('RemovalExpired', expiredAt, 'its container is to be removed')] : []),
    ...(ripeAt ? [link('RemovalDue', ripeAt, 'it is to be stopped')] : []),
    ...(approvedAt ? [link('RemovalApproved', approvedAt, 'a person let its removal through')] : []),
    link('FileGone', since, from === undefined ? 'no file declares it' : `no file declares it in ${from}`),
  ];
}

/** An end that nobody of us decided, and after which it should run again. */
export function endCauses({ changes, lastEnd, ranSince }: Known): Cause[] {
  const down = changes.some(({ field, to }) => ['state', 'container'].includes(field) && to !== 'Stopped');
  if (!down || !lastEnd || own.includes(lastEnd.reason)) return [];
  // Both by the engine's clock. Of an earlier run it is no news.
  if (ranSince !== undefined && Date.parse(lastEnd.at) <= Date.parse(ranSince)) return [];
  return [link(lastEnd.reason, lastEnd.at, lastEnd.evidence)];
}

/**
 * What led to the steps that this look asks for, nearest first, out of what is on record: what differs although nothing
 * was decided, a revision that failed, and what was decided since the target was last reached. Pure.
 */
export function causesOf(known: Known, at: string): Cause[] {
  const { changes, intent, target, observed } = known;
  const drift = changes.filter((change) => change.drift);
  const byHand = drift.length > 0 ? [link('Drift', at, driftText(drift))] : [];
  const ends = endCauses(known);
  if (target.failedHash === target.fitted.hash) return [...byHand, ...failureCauses(intent)].slice(0, MOST_LINKS);
  const owed = drift.length < changes.length || drift.length === 0;
  const decided = owed ? decidedSince(intent, intent.reached?.at) : [];
  const { current, aside } = observed;
  const succeeded = current && aside && current.generation > aside.generation && decided.length === 0;
  return [...byHand, ...ends, ...decided, ...(succeeded ? specCause(intent) : [])].slice(0, MOST_LINKS);
}

/** Of these, what led to one step: who asked for a stop is why it is stopped, whatever waits for the next start. */
export function causesOfStep(
  causes: readonly Cause[],
  step: Step,
  { target, intent }: Pick<Look, 'target' | 'intent'>,
): Cause[] {
  const { mark } = intent;
  const asked = target.run === 'Stopped' && mark?.run === 'Stopped' && causes.some(({ at }) => at === mark.at);
  if (step.op === 'stop' && asked) return causes.filter(({ reason }) => reason !== 'SpecChanged');
  return [...causes];
}

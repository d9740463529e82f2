import { timestamp } from '../../lib/clock.ts';
import { durationText } from '../../lib/duration.ts';
import { toTheSecond } from '../../lib/moment.ts';
import { type Absence, type AbsenceReason, goneText } from '../../model/removal.ts';
import type { Case, Judging } from './judge.ts';

const BACK = 'put its file back to end this';

/** What is to come, to the second, and the same at every look. */
const moment = (epochMs: number): string => timestamp(Math.ceil(epochMs / 1_000) * 1_000).replace('.000', '');

/** For people: since when, what it waits for, what happens next, and what ends it. */
export function textOf(item: Case, judging: Judging, obstacle: AbsenceReason | undefined): Absence {
  const { tombstone, home } = item;
  const since = goneText(tombstone);
  if (item.elsewhere && !obstacle) {
    const message = `${since}; it is another instance’s, and not listed here any more once nothing of it is left here`;
    return { reason: 'InGrace', message };
  }
  if (tombstone.expiredAt !== undefined) {
    return { reason: 'Removing', message: `${since}: its container is removed now; ${home}` };
  }
  const waits = obstacle && waitsFor(obstacle, item, judging);
  if (tombstone.ripeAt === undefined) {
    const message = waits ?? `${unripe(item, judging)}; ${home}; ${BACK}`;
    return { reason: obstacle ?? 'InGrace', message: `${since}; ${message}` };
  }
  // Decided then; the engine may have been away, or the stop take its grace.
  const stopped = `${since}, so it is stopped from ${toTheSecond(tombstone.ripeAt)} on`;
  const { removeAfterMs } = judging.deletion;
  const due = `its container is removed after ${moment(Date.parse(tombstone.ripeAt) + removeAfterMs)}`;
  const message = waits ?? `${due}; ${home}; ${BACK}`;
  return { reason: obstacle ?? 'AwaitsRemoval', message: `${stopped}; ${message}` };
}

function unripe({ tombstone, watch }: Case, { deletion, now }: Judging): string {
  const { graceMs, removeAfterMs } = deletion;
  const [missedAt, seenAt] = [Date.parse(tombstone.since), watch?.missed?.wallMs ?? 0];
  // A time that is past when it is told says nothing; one that is to come stays the same at every look.
  const at = Math.max(missedAt, seenAt) + graceMs;
  const when = at > now.wallMs ? `at ${moment(at)}` : 'soon';
  return `it is stopped ${when}, and its container removed ${durationText(removeAfterMs)} after that`;
}

function waitsFor(obstacle: AbsenceReason, { tombstone }: Case, { held, unclear }: Judging): string {
  const next = tombstone.ripeAt === undefined ? 'nothing is stopped or removed' : 'its container is not removed';
  switch (obstacle) {
    case 'Protected':
      return `deletionProtection keeps it as it is; to remove it, put its file back without that, then remove the file`;
    case 'Suspended':
      return `while it is suspended ${next}`;
    case 'Held':
      return `held until workdock approve ${held?.hash}, or until the files are back: ${held?.reason}; ${next} before`;
    default:
      return `${next} while ${unclear}`;
  }
}

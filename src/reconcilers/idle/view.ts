import { timestamp } from '../../lib/clock.ts';
import { durationText } from '../../lib/duration.ts';
import type { IdleView, Verdict } from '../../model/idle.ts';
import type { Judgement } from './verdict.ts';

const MINUTE_MS = 60_000;
/** A quiet moment between two keys is no news: awake is told until it lasted this share of the timeout, or a minute. */
const NEWS_SHARE = 4;
const SLACK_MS = 1_000;

/** To the minute, so that a status file is not written with every look. */
const minuteOf = (at: string): string => timestamp(Math.floor(Date.parse(at) / MINUTE_MS) * MINUTE_MS);

type Input = {
  found: Judgement;
  verdict: Verdict;
  /** Why it may not be put to rest now. */
  blocked: string | undefined;
  startedAt: string;
  intervalMs: number;
  before: IdleView | undefined;
};

function reasonOf({ found, verdict, before }: Input): IdleView['reason'] {
  const { awake, unknown, idle, quietMs } = found;
  if (awake.some(({ signal }) => signal === 'lease')) return 'Leased';
  if (awake.length > 0) return 'Active';
  if (unknown.length > 0) return 'SignalUnreadable';
  if (idle) return 'Idle';
  const settled = quietMs >= Math.min(MINUTE_MS, verdict.timeoutMs / NEWS_SHARE);
  return before?.reason === 'Active' && !settled ? 'Active' : 'Quiet';
}

const isQuiet = (reason: IdleView['reason'] | undefined) => reason === 'Quiet' || reason === 'Idle';

/** Without figures that change with every look, as far as people do not ask for them. */
function messageOf(
  reason: IdleView['reason'],
  { because, mode, timeoutMs }: Verdict,
  blocked: string | undefined,
): string {
  if (!isQuiet(reason)) return because;
  const what = `every signal is quiet${reason === 'Idle' ? `, for the whole ${durationText(timeoutMs)}` : ''}`;
  if (blocked !== undefined) return `${what}; it is not put to rest: ${blocked}`;
  return mode === 'Observe' ? `${what}; idle.mode Observe leaves it running` : what;
}

/** Every look gives it anew, some milliseconds off: only a real move is news. */
function restsAtOf({ verdict: { restsAt }, before, intervalMs }: Input): string | undefined {
  const known = before?.restsAt;
  if (restsAt === undefined || known === undefined) return restsAt;
  const near = Math.abs(Date.parse(restsAt) - Date.parse(known)) <= 2 * intervalMs + SLACK_MS;
  return near ? known : restsAt;
}

/** What the status shows; the view before when nothing that people ask for has changed. Pure. */
export function viewOf(input: Input): IdleView {
  const { found, verdict, blocked, before, startedAt } = input;
  const reason = reasonOf(input);
  const quiet = isQuiet(reason);
  const restsAt = quiet ? restsAtOf(input) : undefined;
  const since = timestamp(Date.parse(verdict.at) - found.quietMs);
  const idleSince = isQuiet(before?.reason) ? before?.idleSince : since;
  const view: IdleView = {
    ...{ verdict, reason, message: messageOf(reason, verdict, blocked) },
    lastActivityAt: minuteOf(found.past.memory.activeAt ?? startedAt),
    ...(quiet && idleSince !== undefined && { idleSince }),
    ...(restsAt !== undefined && { restsAt }),
  };
  const sameMessage = !quiet || before?.message === view.message;
  const sameTimes = before?.restsAt === view.restsAt && before?.lastActivityAt === view.lastActivityAt;
  return before?.reason === reason && sameMessage && sameTimes ? before : view;
}

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

/** Every look gives a time anew, some milliseconds off: only a real move is news. */
function steady(known: string | undefined, now: string, intervalMs: number): string {
  if (known === undefined) return now;
  return Math.abs(Date.parse(now) - Date.parse(known)) <= 2 * intervalMs + SLACK_MS ? known : now;
}

/** What is so now, without a thought of what the status says already. Pure. */
export function viewNow(input: Input): IdleView {
  const { found, verdict, blocked, before, startedAt, intervalMs } = input;
  const reason = reasonOf(input);
  const view: IdleView = {
    ...{ verdict, reason, message: messageOf(reason, verdict, blocked) },
    lastActivityAt: minuteOf(found.past.memory.activeAt ?? startedAt),
  };
  if (!isQuiet(reason)) return view;
  const { restsAt } = verdict;
  const since = timestamp(Date.parse(verdict.at) - found.quietMs);
  return {
    ...view,
    idleSince: steady(before?.idleSince, since, intervalMs),
    ...(restsAt !== undefined && { restsAt: steady(before?.restsAt, restsAt, intervalMs) }),
  };
}

const times = ({ restsAt, idleSince, lastActivityAt }: IdleView) => `${restsAt} ${idleSince} ${lastActivityAt}`;

/** What the status shows; the view before when nothing that people ask for has changed. Pure. */
export function viewOf(input: Input): IdleView {
  const { before } = input;
  const view = viewNow(input);
  const sameMessage = !isQuiet(view.reason) || before?.message === view.message;
  const same = before?.reason === view.reason && sameMessage && times(before) === times(view);
  return same ? before : view;
}

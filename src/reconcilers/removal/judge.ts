import type { Config } from '../../model/config.ts';
import type { Tombstone } from '../../model/intent.ts';
import type { Absence } from '../../model/removal.ts';
import { textOf } from './text.ts';

/** What this process knows of its own; monotonic milliseconds where not said otherwise. */
export type Watch = {
  /** Since when every look missed it, and how many were clean scans. `wallMs`: the same moment by the wall clock. */
  missed?: { sinceMs: number; wallMs: number; scans: number };
  /** When this process knew of it as ripe, and for how long it had been so by then. */
  ripe?: { sinceMs: number; beforeMs: number };
};

/** A workspace that no file declares, with all that its removal depends on. */
export type Case = {
  name: string;
  tombstone: Tombstone;
  watch: Watch | undefined;
  isProtected: boolean;
  suspended: boolean;
  /** Of another instance: nothing of it is here that could be removed. */
  elsewhere: boolean;
  /** What becomes of its home, as a sentence. */
  home: string;
};

export type Moment = { wallMs: number; monotonicMs: number };

export type Judging = {
  deletion: Config['deletion'];
  now: Moment;
  /** The list that its removal waits for, or that holds every expiry; undefined while nothing is held. */
  held: { hash: string; reason: string } | undefined;
  /** Why the last scan says nothing of who is missing: files of unknown names; undefined when it was a clean one. */
  unclear: string | undefined;
};

export type Verdict = {
  next?: 'ripe' | 'expired';
  /** When time alone will bring the next stage; undefined when it waits for something else. */
  afterMs?: number;
  absence: Absence;
};

/** A clean scan missed it, once more or for the first time. */
export function watched(before: Watch | undefined, { ripeAt }: Tombstone, now: Moment): Watch {
  const { wallMs, monotonicMs } = now;
  const { missed = { sinceMs: monotonicMs, wallMs, scans: 0 }, ripe } = before ?? {};
  const known = ripe ?? (ripeAt === undefined ? undefined : ripeSince(ripeAt, now));
  return { missed: { ...missed, scans: missed.scans + 1 }, ...(known && { ripe: known }) };
}

/** Its time until the removal begins, or goes on with what passed before this process. */
export const ripeSince = (ripeAt: string, { wallMs, monotonicMs }: Moment): NonNullable<Watch['ripe']> => ({
  sinceMs: monotonicMs,
  beforeMs: Math.max(0, wallMs - Date.parse(ripeAt)),
});

/** Nobody can say that it was missed all the time: the grace begins anew. */
export const unwatched = ({ ripe }: Watch): Watch => (ripe ? { ripe } : {});

/** A stage that was reached in the future is one before the clock was set back: it says nothing about now. */
const leftByWall = (at: string, periodMs: number, { wallMs }: Moment): number => {
  const age = wallMs - Date.parse(at);
  return age < 0 ? 0 : Math.max(0, periodMs - age);
};

/**
 * By the wall clock and by this process's own time: a clock that jumps ahead brings nothing forward, one that is set
 * back puts nothing off for ever, and after a restart nothing happens before the files were missed for a grace anew.
 */
function leftMs({ tombstone, watch, elsewhere }: Case, { deletion, now }: Judging): number {
  const { since, ripeAt } = tombstone;
  if (!watch?.missed) return Infinity;
  const watchedMs = now.monotonicMs - watch.missed.sinceMs;
  const grace = Math.max(0, deletion.graceMs - watchedMs);
  if (ripeAt === undefined) return Math.max(grace, leftByWall(since, deletion.graceMs, now));
  if (elsewhere) return grace;
  const { sinceMs = now.monotonicMs, beforeMs = 0 } = watch.ripe ?? {};
  const ripeMs = beforeMs + now.monotonicMs - sinceMs;
  const own = Math.max(0, deletion.removeAfterMs - ripeMs);
  return Math.max(grace, own, leftByWall(ripeAt, deletion.removeAfterMs, now));
}

/** What keeps it from its next stage besides time. */
function obstacle(item: Case, { held, unclear }: Judging): Absence['reason'] | undefined {
  const { tombstone, isProtected, suspended, elsewhere } = item;
  if (isProtected && !elsewhere) return 'Protected';
  if (suspended && !elsewhere) return 'Suspended';
  // What a person let through is not kept by what others wait for; the last word, its end, is.
  if (held && (tombstone.ripeAt || !tombstone.approvedAt) && !elsewhere) return 'Held';
  return unclear === undefined ? undefined : 'Unclear';
}

/** The next stage of one workspace that no file declares, when to look again, and what it waits for. Pure. */
export function judge(item: Case, judging: Judging): Verdict {
  const { tombstone, watch } = item;
  const obstacleNow = tombstone.expiredAt === undefined ? obstacle(item, judging) : undefined;
  const absence = textOf(item, judging, obstacleNow);
  if (tombstone.expiredAt !== undefined || obstacleNow !== undefined) return { absence };
  const afterMs = leftMs(item, judging);
  const missedTwice = (watch?.missed?.scans ?? 0) >= 2;
  if (afterMs > 0 || !missedTwice) return { afterMs: afterMs === Infinity ? 0 : afterMs, absence };
  return { next: tombstone.ripeAt === undefined ? 'ripe' : 'expired', absence };
}

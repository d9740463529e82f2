import type { Lease } from '../../model/idle.ts';
import type { Intent } from '../../model/intent.ts';

const keyOf = ({ mtimeMs, text }: Pick<Lease, 'mtimeMs' | 'text'>) => `${mtimeMs} ${text}`;

/** Not longer than the config allows. */
export function capped(lease: Lease, maxKeepMs: number): Lease {
  const most = Date.parse(lease.at) + maxKeepMs;
  return Date.parse(lease.until) <= most ? lease : { ...lease, until: new Date(most).toISOString() };
}

export type LeaseChange = { set: Lease } | { end: Lease; why: string };

/**
 * What a look at `~/.workdock/keep` changes. A file makes one lease, once: the same file again is no new one, and one
 * that is gone ends its lease. A person's lease that lasts longer stays. Pure.
 */
export function leaseChange(
  known: Lease | undefined,
  found: Lease | undefined,
  { leftMs, maxKeepMs }: { leftMs: number; maxKeepMs: number },
): LeaseChange | undefined {
  const fromFile = known?.mtimeMs !== undefined || known?.text !== undefined;
  const over: LeaseChange | undefined =
    known && !known.ended && leftMs <= 0 ? { end: known, why: 'its time is over' } : undefined;
  if (found && fromFile && keyOf(known) === keyOf(found)) return over;
  if (!found || Date.parse(found.until) <= Date.parse(found.at)) {
    if (over || !known || known.ended || known.by !== 'file') return over;
    return {
      end: known,
      why: found ? 'the file asks for a time that is over' : 'the file is gone or holds no duration',
    };
  }
  const next = capped({ ...found, by: 'file' }, maxKeepMs);
  const longer = known?.by === 'person' && !known.ended && Date.parse(known.until) >= Date.parse(next.until);
  if (!longer) return { set: next };
  // The file is remembered with the lease that outlasts it.
  return { set: { ...known, ...(found.mtimeMs !== undefined && { mtimeMs: found.mtimeMs }), text: found.text ?? '' } };
}

/** A lease that ended stays on record: its file may still be there, and is no new one. */
export const withLease =
  (change: LeaseChange) =>
  (intent: Intent): Intent => ({
    ...intent,
    lease: 'set' in change ? change.set : { ...change.end, ended: true },
  });

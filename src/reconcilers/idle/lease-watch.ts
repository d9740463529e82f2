import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Lease } from '../../model/idle.ts';
import type { IdleDeps } from './deps.ts';
import { leaseChange, withLease } from './lease-file.ts';
import type { Leases } from './leases.ts';
import type { Running } from './running.ts';
import { tellLeaseEnded, tellLeaseSet } from './tell.ts';

const HOME_DEADLINE_MS = 5_000;

type Deps = Pick<IdleDeps, 'intents' | 'events' | 'leaseFromHome' | 'maxKeepMs' | 'news'> & { leases: Leases };

const late = () => new WorkdockError('HOME_UNUSABLE', 'the home does not answer', { hint: 'look at its disk' });
const isSame = (a: Lease | undefined, b: Lease) => a?.at === b.at && a.until === b.until;

/** Takes over what `~/.workdock/keep` says, ends leases whose time is over, and says both. */
export function makeLeaseWatch({ intents, events, leaseFromHome, maxKeepMs, news, leases }: Deps) {
  return async (name: string, { fitted }: Running): Promise<void> => {
    const before = intents.get(name)?.lease;
    // A home that cannot be read says nothing: what it asked for stays as it is.
    const unread = before?.text === undefined ? undefined : before;
    const found = fitted
      ? await withDeadline(HOME_DEADLINE_MS, () => leaseFromHome(fitted), late).catch(() => unread)
      : unread;
    const known = intents.get(name)?.lease;
    const change = leaseChange(known, found, { leftMs: leases.leftMs(name, known), maxKeepMs });
    if (!change) return;
    let stale = false;
    await intents.update(name, (intent) => {
      stale = intent.lease !== known;
      return stale ? intent : withLease(change)(intent);
    });
    if (stale) return; // a person was quicker
    news(name, 'lease');
    if ('end' in change) tellLeaseEnded({ events, name }, change.end, change.why);
    else if (!isSame(known, change.set)) tellLeaseSet({ events, name }, change.set);
  };
}

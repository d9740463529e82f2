import { withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Lease } from '../../model/idle.ts';
import type { IdleDeps } from './deps.ts';
import { leaseChange, withLease } from './lease-file.ts';
import type { Leases } from './leases.ts';
import type { Running } from './running.ts';
import { tellLeaseEnded, tellLeaseSet } from './tell.ts';

const HOME_DEADLINE_MS = 5_000;
/** Until a home is looked at again that did not answer, or whose place the engine has to be asked for. */
const LATER_MS = 60_000;

type Deps = Pick<IdleDeps, 'intents' | 'events' | 'leaseFromHome' | 'maxKeepMs' | 'news' | 'clock'> & {
  leases: Leases;
};

const late = () => new WorkdockError('HOME_UNUSABLE', 'the home does not answer', { hint: 'look at its disk' });
const isSame = (a: Lease | undefined, b: Lease) => a?.at === b.at && a.until === b.until;

/** Takes over what `~/.workdock/keep` says, ends leases whose time is over, and says both. */
export function makeLeaseWatch({ intents, events, leaseFromHome, maxKeepMs, news, clock, leases }: Deps) {
  const notBefore = new Map<string, number>();
  /** Fails when nothing is known of what the home asks for at the moment. */
  async function ask(fitted: Fitted): Promise<Lease | undefined> {
    const { name } = fitted;
    if (clock.monotonic() < (notBefore.get(name) ?? 0)) throw late();
    notBefore.set(name, clock.monotonic() + LATER_MS);
    const found = await withDeadline(HOME_DEADLINE_MS, () => leaseFromHome(fitted), late);
    if (fitted.home.place.kind !== 'volume') notBefore.delete(name);
    return found;
  }
  return async (name: string, { fitted }: Running): Promise<void> => {
    const before = intents.get(name)?.lease;
    // A home that cannot be read says nothing: what it asked for stays as it is.
    const unread = before?.text === undefined ? undefined : before;
    const found = fitted ? await ask(fitted).catch(() => unread) : unread;
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

import { makeSemaphore } from './lib/async.ts';
import { WorkdockError } from './lib/errors.ts';
import { plain } from './lib/plain-text.ts';
import type { HeldList } from './model/held.ts';
import type { Service } from './model/service.ts';
import type { InstanceStore } from './model/store.ts';

const LEAST_DIGITS = 6;
const KEPT = 20;

type Deps = {
  lists: () => HeldList[];
  /** Lets one list through; undefined when something else is held by now. */
  letThrough: (list: HeldList) => Promise<string[] | undefined>;
  instance: InstanceStore;
};

const nowHeld = (lists: HeldList[]): string =>
  lists.map(({ kind, hash, reason }) => `${kind} ${hash} (${reason})`).join('; ');

/** See `Service.approve`. Whoever asks again for what is through already is told so, and nothing more is done. */
export function makeApprove({ lists, letThrough, instance }: Deps): Service['approve'] {
  const done = (given: string) =>
    (instance.get().approvals ?? []).find(({ hash }) => given.length >= LEAST_DIGITS && hash.startsWith(given));
  const refuse = (given: string): WorkdockError => {
    const now = lists();
    if (now.length === 0) {
      return new WorkdockError('NOT_FOUND', 'nothing is held', { hint: '`workdock approve` lists what is' });
    }
    const hint = 'look at what is held now: `workdock approve` lists it, with the command for each list';
    const short = given.length < LEAST_DIGITS ? ` (at least ${LEAST_DIGITS} digits of a hash)` : '';
    const message = `nothing is held under ${plain(given)}${short}, so nothing was done; held now: ${nowHeld(now)}`;
    return new WorkdockError('REFUSED', message, { hint });
  };
  /** Whoever asks while another does is told what came of that. */
  const oneAtATime = makeSemaphore(1);
  const approve: Service['approve'] = async (asked) => {
    const given = asked.toLowerCase();
    const found = lists().filter(({ hash }) => given.length >= LEAST_DIGITS && hash.startsWith(given));
    const [list] = found;
    if (!list) {
      const before = done(given);
      if (before) return { ...before, outcome: 'already' };
    }
    const names = list && found.length === 1 ? await letThrough(list) : undefined;
    if (!list || !names) throw refuse(given);
    const { kind, hash } = list;
    const approval = { kind, hash, names };
    // Only so that a second try is told so; what was let through is on disk already.
    await instance
      .update((record) => ({ ...record, approvals: [approval, ...(record.approvals ?? [])].slice(0, KEPT) }))
      .catch(() => undefined);
    return { ...approval, outcome: 'approved' };
  };
  return (asked) => oneAtATime(() => approve(asked));
}

import type { Foresee, Foreseen } from './commands/plan-held.ts';
import type { HeldList } from './model/held.ts';
import { commitText, judge } from './reconcilers/guard/judge.ts';
import { heldRemovals } from './reconcilers/guard/removals.ts';
import { digestOf } from './reconcilers/workspace/intents.ts';

/** What the guards would hold of a change that is not in force yet. It has no hash and no time before it is. */
export const foresee: Foresee = (change) =>
  [...removals(change), ...disruptions(change)].map((list) => ({ ...list, hash: '', since: '' }));

function disruptions({ changes, config, running }: Foreseen): HeldList[] {
  const pending = changes.map(({ before, after, ...rest }) => {
    const [from, digest] = [digestOf(before), digestOf(after)];
    return { ...rest, before, after, waits: running.waits(rest.name), from, digest, by: commitText(rest.source) };
  });
  const { held } = judge(
    pending.filter(({ from, digest }) => from !== digest),
    { record: undefined, afresh: true, running, share: config.guard.disruptions, now: '', stays: () => false },
  );
  return held ? [held.list] : [];
}

/** All of them vanish at one moment, whenever that is. */
function removals({ gone, declared, config }: Foreseen): HeldList[] {
  const since = new Date(0).toISOString();
  const missing = gone.map(({ name, deletionProtection, suspend }) => ({
    ...{ name, since, ripe: false, approved: false, kept: deletionProtection || suspend },
  }));
  const list = heldRemovals({ missing, removed: [], declared, strange: [] }, config.guard);
  return list ? [{ ...list, items: list.items.map((item) => ({ ...item, detail: 'no file declares it' })) }] : [];
}

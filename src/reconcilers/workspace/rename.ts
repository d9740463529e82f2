import { timestamp } from '../../lib/clock.ts';
import { digest } from '../../lib/json.ts';
import type { Declaration } from '../../model/desired.ts';
import type { Intent } from '../../model/intent.ts';
import type { Observed } from '../../model/observed.ts';
import type { Deps } from './world.ts';

type Valid = Extract<Declaration, { kind: 'valid' }>;
type FinishDeps = Pick<Deps, 'intents' | 'status' | 'events'> & {
  moveAddress: Deps['world']['moveAddress'];
  /** Nobody of this name runs any more. */
  leave: (name: string) => void;
};

/**
 * - `none`: nothing is to be taken over.
 * - `held`, `busy`: a brake is on, or a pass of the old name is on its way. Nothing is accepted before.
 */
export type Taken = 'none' | 'taken' | 'held' | 'busy';

export const idsOf = ({ current, aside, strays }: Observed): string[] =>
  [current, aside, ...strays].flatMap((c) => (c ? [c.id] : []));

/**
 * All that was decided and is remembered under the name `from`, under the name of `mine`. The rename by itself is no
 * change of the spec: generation and rollout memory go on. A tombstone does not, as a file declares it after all.
 */
export function takenOver(
  mine: Intent,
  old: Intent | undefined,
  { from, ids, at }: { from: string; ids: readonly string[]; at: string },
): Intent {
  const { tombstone: _tombstone, approved: _approved, removedAt: _removedAt, ...kept } = old ?? mine;
  const { lastGood } = kept;
  const desired = lastGood && { ...lastGood.desired, name: mine.name };
  const isWhole = lastGood !== undefined && kept.digest === digest(lastGood.desired);
  const suspend = mine.suspend ?? kept.suspend;
  const homesSeen = [...new Set([...(kept.homesSeen ?? []), ...(mine.homesSeen ?? [])])];
  const adopted = [...new Set([...(kept.adopted ?? []), ...ids])];
  return {
    ...kept,
    name: mine.name,
    generation: Math.max(kept.generation, mine.generation),
    seq: Math.max(kept.seq, mine.seq),
    ...(isWhole && { digest: digest(desired) }),
    ...(lastGood && desired && { lastGood: { ...lastGood, desired } }),
    ...(suspend && { suspend }),
    ...(homesSeen.length > 0 && { homesSeen }),
    ...(adopted.length > 0 && { adopted }),
    renamed: { from, at, open: true },
  };
}

/**
 * What is left to do once all of `from` is on record under the new name. Each part may have been done before: a
 * controller that was killed in between goes on here.
 */
export async function finishRename(
  { intents, status, events, moveAddress, leave }: FinishDeps,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await moveAddress(from, to);
  await intents.remove(from);
  await intents.update(to, (intent) => {
    if (!intent.renamed?.open) return intent;
    const { open: _open, ...renamed } = intent.renamed;
    return { ...intent, renamed };
  });
  leave(from);
  status.forget(from);
  const message = `was ${from} until now: its home and its container go on`;
  events.emit({ name: to, type: 'Normal', reason: 'Renamed', message });
  events.emit({ name: from, type: 'Normal', reason: 'Renamed', message: `goes on as ${to}` });
}

export type RenameDeps = Pick<Deps, 'runtime' | 'world' | 'intents' | 'status' | 'events' | 'clock' | 'idle'>;

/**
 * Takes over what a declaration says was known under another name: first all of it is written under the new one, with
 * the ids of the containers, then the old record goes. The container gets its new name by an ordinary step.
 */
export const makeTakeOver =
  ({ runtime, world, intents, status, events, clock, idle }: RenameDeps) =>
  async ({ name, renamedFrom: from, desired }: Valid): Promise<Taken> => {
    if (from === undefined || world.renamedTo(from) !== name) return 'none';
    if (world.holds(desired).length > 0) return 'held';
    // One that began before this was known may still be about to make a container.
    const isFree = () => !world.inFlight(from) && world.renamedTo(from) === name;
    if (!isFree()) return 'busy';
    if (!intents.get(name)?.renamed?.open) {
      const ids = idsOf(await runtime.observe({ name: from }));
      if (!isFree()) return 'busy';
      const at = timestamp(clock.now());
      await intents.update(name, (mine) => takenOver(mine, intents.get(from), { from, ids, at }));
    }
    const leave = (gone: string) => idle.see(gone, { current: undefined });
    await finishRename({ intents, status, events, leave, moveAddress: world.moveAddress }, { from, to: name });
    return 'taken';
  };

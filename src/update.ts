import { type Clock, timestamp } from './lib/clock.ts';
import { durationText } from './lib/duration.ts';
import { WorkdockError } from './lib/errors.ts';
import type { Intent } from './model/intent.ts';
import type { Service } from './model/service.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { IntentStore } from './model/store.ts';
import type { UpdateOrder, UpdateReply } from './model/update.ts';
import { hasCompleted } from './reconcilers/workspace/facts.ts';
import type { makeSight } from './reconcilers/workspace/preview.ts';
import { isOpen, orderUpdate, takenBy, updateAtNextStart } from './reconcilers/workspace/update-order.ts';

type Deps = {
  /** As it is now: the status of a controller that has just begun knows nothing of what waits. */
  sight: ReturnType<typeof makeSight>;
  intents: IntentStore;
  clock: Clock;
  /** `limits.disruptions`. */
  atOnce: number;
  status: (name: string) => WorkspaceStatus;
  /** Refuses what may not be acted on. */
  check: (name: string) => void;
  /** Stores a decision, and wakes the loop. */
  mark: (name: string, change: (intent: Intent) => Intent, trigger: string) => Promise<WorkspaceStatus>;
};

const byName = (a: string, b: string) => (a < b ? -1 : 1);

/** One whose time was up this long ago is held by something else, and holds up nobody. */
const LOST_MS = 60_000;

/**
 * Updates in their turn: no more at once than the config allows, whoever asks. Orders are decisions, and so outlive
 * the client that asked and the controller that took them.
 */
export function makeUpdate({ sight, intents, clock, atOnce, status, check, mark }: Deps): Service['update'] {
  /** Asked for, and not stored yet. */
  const taking = new Set<string>();

  const onTheirWay = (): string[] => {
    const isLost = ({ readyBy }: UpdateOrder) => clock.now() > Date.parse(readyBy) + LOST_MS;
    const open = intents.all().filter(({ update }) => isOpen(update) && !isLost(update));
    return [...new Set([...open.map(({ name }) => name), ...taking])].sort(byName);
  };

  return async (name, withinMs): Promise<UpdateReply> => {
    const before = status(name);
    const later = (onTheirWay: string[]): UpdateReply => ({ name, status: before, outcome: 'later', onTheirWay });
    if (onTheirWay().includes(name)) return later(onTheirWay());
    check(name);
    const { found, waitsFor } = await sight(name);
    if (!found && waitsFor !== undefined) {
      throw new WorkdockError('REFUSED', `${name} cannot be updated: ${waitsFor}`, { hint: `workdock why ${name}` });
    }
    // An engine that nobody could ask yet.
    if (!found) return later([]);
    if (takenBy(found).length === 0) return { name, status: before, outcome: 'upToDate' };
    const { observed, target } = found;
    const { current } = observed;
    const now = clock.now();
    // One that has completed should run: a restart that is owed would start it.
    if (current && hasCompleted(target, current)) return { name, status: before, outcome: 'atNextStart' };
    if (target.run === 'Stopped') {
      const change = updateAtNextStart(timestamp(now), current);
      return { name, status: await mark(name, change, 'update at its next start'), outcome: 'atNextStart' };
    }
    const busy = onTheirWay();
    if (busy.includes(name) || busy.length >= atOnce) return later(busy);
    taking.add(name);
    try {
      const order = { at: timestamp(now), readyBy: timestamp(now + withinMs) };
      const trigger = `update by a person, within ${durationText(withinMs)}`;
      return { name, status: await mark(name, orderUpdate(order, current), trigger), outcome: 'asked', order };
    } finally {
      taking.delete(name);
    }
  };
}

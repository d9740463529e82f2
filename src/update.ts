import { type Clock, timestamp } from './lib/clock.ts';
import { durationText } from './lib/duration.ts';
import type { Intent } from './model/intent.ts';
import type { Runtime } from './model/runtime.ts';
import type { Service } from './model/service.ts';
import type { WorkspaceStatus } from './model/status.ts';
import type { IntentStore } from './model/store.ts';
import { isDown, type UpdateOrder, type UpdateReply, waitingFor } from './model/update.ts';
import { isOpen, orderUpdate, updateAtNextStart } from './reconcilers/workspace/update-order.ts';

type Deps = {
  runtime: Pick<Runtime, 'observe'>;
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

const hasCompleted = ({ conditions }: WorkspaceStatus) => conditions.some(({ reason }) => reason === 'Completed');

const byName = (a: string, b: string) => (a < b ? -1 : 1);

/** One whose time was up this long ago is held by something else, and holds up nobody. */
const LOST_MS = 60_000;

/**
 * Updates in their turn: no more at once than the config allows, whoever asks. Orders are decisions, and so outlive
 * the client that asked and the controller that took them.
 */
export function makeUpdate({ runtime, intents, clock, atOnce, status, check, mark }: Deps): Service['update'] {
  /** Asked for, and not stored yet. */
  const taking = new Set<string>();

  const onTheirWay = (): string[] => {
    const isLost = ({ readyBy }: UpdateOrder) => clock.now() > Date.parse(readyBy) + LOST_MS;
    const open = intents.all().filter(({ update }) => isOpen(update) && !isLost(update));
    return [...new Set([...open.map(({ name }) => name), ...taking])].sort(byName);
  };

  return async (name, withinMs): Promise<UpdateReply> => {
    const before = status(name);
    const busy = onTheirWay();
    if (busy.includes(name)) return { name, status: before, outcome: 'later', onTheirWay: busy };
    if (waitingFor(before).length === 0) return { name, status: before, outcome: 'upToDate' };
    check(name);
    if (isDown(before)) {
      // One that has completed should run: a restart that is owed would start it.
      if (hasCompleted(before)) return { name, status: before, outcome: 'atNextStart' };
      const { current } = await runtime.observe({ name });
      const change = updateAtNextStart(timestamp(clock.now()), current);
      return { name, status: await mark(name, change, 'update at its next start'), outcome: 'atNextStart' };
    }
    if (busy.length >= atOnce) return { name, status: before, outcome: 'later', onTheirWay: busy };
    taking.add(name);
    try {
      const { current } = await runtime.observe({ name });
      const now = clock.now();
      const order = { at: timestamp(now), readyBy: timestamp(now + withinMs) };
      const trigger = `update by a person, within ${durationText(withinMs)}`;
      return { name, status: await mark(name, orderUpdate(order, current), trigger), outcome: 'asked', order };
    } finally {
      taking.delete(name);
    }
  };
}

import { makeSemaphore } from '../../lib/async.ts';
import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Container } from '../../model/observed.ts';
import type { Runtime, WrittenLayer } from '../../model/runtime.ts';
import type { Loss } from '../../model/service.ts';
import { isUp } from './facts.ts';
import type { Look } from './look.ts';

/** The engine goes through every file of a layer: few at once. */
const WIDTH = 4;
const MOST_PROCESSES = 30;

type Seen = Pick<Look, 'observed' | 'steps' | 'changes'>;
type Ends = { when: Loss['when']; anew: boolean; stops: boolean };

/** Whether the container goes, or only what runs in it, and when; undefined when neither does. Pure. */
export function endsOf({ observed: { current }, steps, changes }: Seen): Ends | undefined {
  if (!current) return undefined;
  const now = {
    anew: steps.some(({ op }) => op === 'create'),
    stops: steps.some((step) => step.op === 'stop' && step.id === current.id),
  };
  if (now.anew || now.stops) return { when: 'now', ...now };
  const later = changes.filter(({ cost }) => cost === 'nextStop' || cost === 'recreate');
  if (later.length === 0) return undefined;
  const when = later.some(({ cost }) => cost === 'recreate') ? 'now' : 'nextStop';
  return { when, anew: later.some(({ field }) => field !== 'resources.memory'), stops: true };
}

/** What whoever works in it would lose: what is in the container and not in the home, and what runs. Never fails. */
export function makeLoss({ runtime, clock }: { runtime: Pick<Runtime, 'diff' | 'processes'>; clock: Clock }) {
  const limited = makeSemaphore(WIDTH);

  async function layerOf({ id }: Container, untilMs: number): Promise<WrittenLayer | { unread: string }> {
    if (clock.monotonic() >= untilMs) return { unread: 'too much to look at for one answer; ask for it by name' };
    return runtime.diff(id).catch((error: unknown) => ({
      unread: error instanceof WorkdockError ? error.message : String(error),
    }));
  }

  async function runningIn(c: Container): Promise<string[]> {
    if (!isUp(c) || c.pid === undefined) return [];
    const found = await runtime.processes({ id: c.id, pid: c.pid }).catch(() => []); // it ended under our eyes
    const lines = found.map(({ pid, command }) => `${command} (pid ${pid})`);
    const more = lines.length - MOST_PROCESSES;
    return more > 0 ? [...lines.slice(0, MOST_PROCESSES), `and ${more} more`] : lines;
  }

  /** `untilMs` (monotonic): no look at a layer is begun later. */
  return async (seen: Seen, untilMs: number): Promise<Loss | undefined> => {
    const { current } = seen.observed;
    const ends = endsOf(seen);
    if (!current || !ends) return undefined;
    const { when, anew, stops } = ends;
    const [layer, processes] = await Promise.all([
      anew ? limited(() => layerOf(current, untilMs)) : undefined,
      stops ? runningIn(current) : [],
    ]);
    return { when, processes, ...(layer && { layer }) };
  };
}

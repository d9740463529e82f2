import { type Clock, timestamp } from '../../lib/clock.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Observed } from '../../model/observed.ts';
import type { RunningContainer, Runtime } from '../../model/runtime.ts';
import type { LastEnd, WorkspaceStatus } from '../../model/status.ts';
import { isUp, restartOwed } from './facts.ts';
import { ended, type HostTimes, newEnd, type OurStop } from './last-end.ts';
import type { Look } from './look.ts';

type Deps = {
  runtime: Pick<Runtime, 'processes'>;
  clock: Clock;
  times: () => HostTimes;
};

type Stopping = Pick<Look, 'observed' | 'target' | 'intent'>;

/** Younger lists of processes are not taken anew. */
const FRESH_MS = 5_000;

/** Why we stop a container: the word of the target, or what it has to make room for. */
function causeOf({ target, observed, intent }: Stopping, why: string): OurStop {
  const current = observed.current;
  if (target.run === 'Running' || target.run === 'Frozen') {
    const owed = current !== undefined && restartOwed(target, current);
    return ended(owed ? 'RestartedByPerson' : 'Updated', why);
  }
  const mark = intent.mark;
  const evidence = [target.because, mark?.evidence].filter(Boolean).join('; ');
  if (mark?.by === 'idle' || mark?.by === 'schedule') return ended('IdleStop', evidence);
  return ended(mark?.by === 'stop' ? 'StoppedByPerson' : 'StoppedBySpec', evidence);
}

/** Notices every end of a container once, with its reason and the processes that ended with it. */
export function makeEnds({ runtime, clock, times }: Deps) {
  const stops = new Map<string, OurStop>();
  /** What ran in each container when we looked last. */
  const running = new Map<string, { askedMs: number; seenAt?: string; processes?: string[] }>();

  const list = async ({ id, pid }: RunningContainer): Promise<void> => {
    running.set(id, { ...running.get(id), askedMs: clock.monotonic() });
    const found = await runtime.processes({ id, pid }).catch(() => undefined); // it ended under our eyes
    if (!found) return;
    const processes = found.map((each) => `${each.command} (pid ${each.pid})`);
    running.set(id, { askedMs: clock.monotonic(), seenAt: timestamp(clock.now()), processes });
  };

  return {
    /** Right before a stop of ours: afterwards nobody knows what ran. */
    stopping: async (now: Stopping, why: string): Promise<void> => {
      const { current } = now.observed;
      if (!current || !isUp(current)) return;
      stops.set(current.id, causeOf(now, why));
      if (current.pid !== undefined) await list({ id: current.id, pid: current.pid });
    },
    /** Somebody looks at it anyway: what runs in it is noted, for an end that comes by itself. */
    seen: async (container: RunningContainer): Promise<void> => {
      const old = running.get(container.id);
      if (!old || clock.monotonic() - old.askedMs > FRESH_MS) await list(container);
    },
    /** The end that this look found and no earlier one. */
    look: (
      previous: WorkspaceStatus | undefined,
      observed: Observed,
      fitted: Pick<Fitted, 'command'> | undefined,
    ): LastEnd | undefined => {
      const { current, aside, strays } = observed;
      const containers = [current, aside, ...strays].filter((c) => c !== undefined);
      const before = previous?.container;
      const end = newEnd({
        before: before && { ...before, wasUp: ['Running', 'Frozen'].includes(previous.phase) },
        told: previous?.lastEnd,
        ...{ containers, stops, times: times(), now: timestamp(clock.now()) },
        keeps: fitted === undefined || fitted.command.kind === 'Keep',
      });
      if (!end) return undefined;
      const id = before?.id ?? current?.id ?? '';
      const { processes, seenAt } = running.get(id) ?? {};
      running.delete(id);
      stops.delete(id);
      return { ...end, ...(processes && { processes }), ...(seenAt && { processesSeenAt: seenAt }) };
    },
  };
}
export type Ends = ReturnType<typeof makeEnds>;

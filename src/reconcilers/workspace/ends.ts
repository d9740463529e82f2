import { type Clock, timestamp } from '../../lib/clock.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Intent } from '../../model/intent.ts';
import type { About, News } from '../../model/notes.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { RunningContainer, Runtime } from '../../model/runtime.ts';
import type { LastEnd, OwnersEnd, WorkspaceStatus } from '../../model/status.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import { isUp, restartOwed } from './facts.ts';
import { type Cause, ended, type HostTimes, newEnd } from './last-end.ts';
import type { Look } from './look.ts';
import { originOf } from './origin.ts';

type Deps = {
  runtime: Pick<Runtime, 'processes'>;
  clock: Clock;
  times: () => HostTimes;
};
type Stopping = Pick<Look, 'observed' | 'target' | 'intent' | 'changes'>;
type Known = { seenAt: string; processes: string[]; before?: Known };
export type EndLook = {
  observed: Observed;
  previous: WorkspaceStatus | undefined;
  intent: Intent | undefined;
  command: Fitted['command'] | undefined;
};

/** A list this young may have been taken while its processes were ending. */
const ENDING_MS = 1_000;
/** Of these a stop is remembered by; the note says how many more there were. */
const MOST_PROCESSES = 30;

/** What a new container is made for, and which file asks for it. */
function asked(changes: FieldChange[], intent: Intent): string {
  const rows = changes.filter(({ cost, drift, field }) => cost !== 'live' && !drift && field !== 'spec');
  if (rows.length === 0) return '';
  const text = rows.map(({ field, from, to }) => `${field} ${from || 'unset'} -> ${to || 'unset'}`).join(', ');
  const where = originOf(rows[0]!.field, intent);
  return `: ${text}${where ? `, asked for in ${where}` : ''}`;
}

/** Why we stop a container: the word of the target, or what it has to make room for. */
export function causeOf({ target, observed, intent, changes }: Stopping, why: string): Cause {
  const { current } = observed;
  if (target.run === 'Running' || target.run === 'Frozen') {
    const owed = current !== undefined && restartOwed(target, current);
    return ended(owed ? 'RestartedByPerson' : 'Updated', `${why}${asked(changes, intent)}`);
  }
  const { mark, lastGood } = intent;
  if (target.leaving) return ended('FileRemoved', target.because);
  // A mark that the spec overruled is not why.
  const byMark = lastGood?.desired.state === 'Stopped' || mark?.run !== 'Stopped' ? undefined : mark;
  const evidence = [target.because, byMark?.evidence].filter(Boolean).join('; ');
  if (byMark?.by === 'idle' || byMark?.by === 'schedule') return ended('IdleStop', evidence);
  return ended(byMark?.by === 'stop' ? 'StoppedByPerson' : 'StoppedBySpec', evidence);
}

/** Notices every end of a container once, with its reason and the processes that ended with it. */
export function makeEnds({ runtime, clock, times }: Deps) {
  /** What ran in each container when we looked last. */
  const running = new Map<string, Known>();
  /** Containers of which the engine said OOMKilled while they ran. */
  const ranOut = new Set<string>();

  const list = async ({ id, pid }: RunningContainer): Promise<Known | undefined> => {
    const found = await runtime.processes({ id, pid }).catch(() => undefined); // it ended under our eyes
    if (!found) return undefined;
    const processes = found.map((each) => `${each.command} (pid ${each.pid})`);
    const last = running.get(id);
    const before = last && { seenAt: last.seenAt, processes: last.processes };
    const known: Known = { seenAt: timestamp(clock.now()), processes, ...(before && { before }) };
    running.set(id, known);
    return known;
  };

  return {
    /** Call right before a step; what is to be remembered of a stop, because afterwards nobody knows what ran. */
    stopping: async (now: Stopping, step: Step): Promise<Intent['stopping']> => {
      const { current } = now.observed;
      if (step.op !== 'stop' || !current?.startedAt || current.id !== step.id || !isUp(current)) return undefined;
      const seen = current.pid === undefined ? undefined : await list({ id: current.id, pid: current.pid });
      const { processes = [], seenAt } = seen ?? {};
      const more = processes.length - MOST_PROCESSES;
      const shown = more > 0 ? [...processes.slice(0, MOST_PROCESSES), `and ${more} more`] : processes;
      return {
        ...{ id: current.id, startedAt: current.startedAt, ...causeOf(now, step.why) },
        ...(seenAt && { processes: shown, processesSeenAt: seenAt }),
      };
    },
    /** What runs in it now is noted, for an end that comes by itself. */
    seen: async (container: RunningContainer): Promise<void> => {
      await list(container);
    },
    /** What ran at the last look and does not any more. */
    missing: async (container: RunningContainer): Promise<string[]> => {
      const before = running.get(container.id)?.processes ?? [];
      const now = await list(container);
      return now ? before.filter((line) => !now.processes.includes(line)) : [];
    },
    /** The end that this look found and no earlier one, also of an earlier controller. */
    look: ({ observed, previous, intent, command }: EndLook): OwnersEnd | undefined => {
      const { current, aside, strays } = observed;
      const before = previous?.container;
      for (const c of [current, aside]) if (c && isUp(c) && c.oomKilled) ranOut.add(c.id);
      const end = newEnd({
        before: before && { ...before, wasUp: ['Running', 'Frozen'].includes(previous.phase) },
        told: knownEnd(previous, intent),
        containers: [current, aside, ...strays].filter((c) => c !== undefined),
        ...{ stopping: intent?.stopping, times: times(), now: timestamp(clock.now()) },
        ranOutBefore: before !== undefined && ranOut.has(before.id),
        keeps: command === undefined || command.kind === 'Keep',
      });
      if (!end) return undefined;
      const id = before?.id ?? current?.id ?? '';
      const latest = running.get(id);
      running.delete(id);
      const isLate = latest && Date.parse(end.at) - Date.parse(latest.seenAt) < ENDING_MS;
      const known = isLate ? (latest.before ?? latest) : latest;
      return { ...(known && { processes: known.processes, processesSeenAt: known.seenAt }), ...end };
    },
  };
}
export type Ends = ReturnType<typeof makeEnds>;

/** The status is a cache: when it was lost the intents still have what was told. */
export function knownEnd(previous: WorkspaceStatus | undefined, intent: Intent | undefined): LastEnd | undefined {
  const [seen, told] = [previous?.lastEnd, intent?.toldEnd];
  return seen && told ? (Date.parse(seen.at) >= Date.parse(told.at) ? seen : told) : (seen ?? told);
}

type Told = {
  next: WorkspaceStatus;
  intent: Intent | undefined;
  current: Container | undefined;
  end: OwnersEnd | undefined;
};

/** What the owner has to hear: an end that was not told yet, and what holds for it while it runs. */
export function newsOf({ next, intent, current, end }: Told): News {
  const { lastEnd, phase, lease } = next;
  const owed = lastEnd !== undefined && lastEnd.at !== intent?.toldEnd?.at;
  const { processes, processesSeenAt } = (intent?.stopping?.evidence === lastEnd?.evidence && intent?.stopping) || {};
  const remembered = { ...(processes && processesSeenAt && { processes, processesSeenAt }) };
  const about = phase === 'Running' && current && aboutOf(current, lease);
  return { ...(owed && { end: end ?? { ...lastEnd, ...remembered } }), ...(about && { about }) };
}

const aboutOf = ({ id, startedAt, limits }: Container, lease: WorkspaceStatus['lease']): About => ({
  run: `${id} ${startedAt}`,
  limits,
  ...(lease && { lease }),
});

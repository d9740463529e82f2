import { bytesText } from '../../lib/bytes.ts';
import type { Intent } from '../../model/intent.ts';
import type { Container } from '../../model/observed.ts';
import type { EndReason, LastEnd, OwnersEnd } from '../../model/status.ts';
import { isUp, KILLED, killedByMemory, TERMINATED } from './facts.ts';

export type Cause = Pick<LastEnd, 'reason' | 'evidence'>;
export const ended = (reason: EndReason, evidence: string): Cause => ({ reason, evidence });

/** What is known of the machine: wall-clock milliseconds. */
export type HostTimes = {
  bootedAtMs: number | undefined;
  controllerStartedAtMs: number;
  /** When the engine went and came back under our eyes. */
  engineAway: { goneMs: number; backMs: number } | undefined;
};

/** Ends with an engine lie between its going and its coming back, or this close to it. */
const AROUND_MS = 30_000;

function byItself(c: Container, facts: EndFacts): Cause {
  const { times, keeps } = facts;
  const [startedMs, finishedMs] = [Date.parse(c.startedAt!), Date.parse(c.finishedAt!)];
  const { bootedAtMs, engineAway, controllerStartedAtMs } = times;
  const code = `exit code ${c.exitCode}`;
  if (killedByMemory(c, facts)) {
    return ended('OOMKilled', `${code}, out of memory at the limit of ${bytesText(c.limits.memoryBytes)}`);
  }
  // A run from before the boot ended with it at the latest, whenever the engine noticed.
  if (bootedAtMs !== undefined && startedMs < bootedAtMs) return ended('HostRestarted', code);
  const { goneMs = 0, backMs = 0 } = engineAway ?? {};
  if (startedMs < goneMs && finishedMs > goneMs - AROUND_MS && finishedMs < backMs + AROUND_MS) {
    return ended('EngineRestarted', code);
  }
  const byHand = c.exitCode === KILLED || c.exitCode === TERMINATED || (keeps && c.exitCode === 0);
  if (byHand && finishedMs < controllerStartedAtMs) return ended('EndedWhileAway', code);
  if (byHand)
    return ended('StoppedByHand', `${code}, as after docker stop or kill, or a kill of everything from inside`);
  return ended(c.exitCode === 0 ? 'Completed' : 'Crashed', code);
}

export type EndFacts = {
  /** What was there at the last look, and whether it ran. */
  before: { id: string; startedAt?: string | undefined; wasUp: boolean } | undefined;
  /** The last end that is known. */
  told: LastEnd | undefined;
  containers: readonly Container[];
  stopping: Intent['stopping'];
  times: HostTimes;
  /** The engine said OOMKilled of it while it ran. */
  ranOutBefore: boolean;
  /** `command: Keep`: it has no end of its own. */
  keeps: boolean;
  now: string;
};

/** The end of a run that is news, if there is one. Pure. */
export function newEnd(facts: EndFacts): OwnersEnd | undefined {
  const { before, told, containers, stopping, now } = facts;
  const ours = (id: string, startedAt: string | undefined): Omit<OwnersEnd, 'at'> | undefined => {
    if (stopping?.id !== id || stopping.startedAt !== startedAt) return undefined;
    const { id: _id, startedAt: _startedAt, ...why } = stopping;
    return why;
  };
  const isOld = (at: string) => told !== undefined && Date.parse(at) <= Date.parse(told.at);
  const same = containers.find(({ id }) => id === before?.id);
  if (before?.wasUp && !same) {
    if (before.startedAt !== undefined && isOld(before.startedAt)) return undefined;
    return { at: now, ...(ours(before.id, before.startedAt) ?? ended('RemovedByHand', 'the container is gone')) };
  }
  const c = same ?? containers.find(({ finishedAt }) => finishedAt !== undefined);
  if (!c?.finishedAt || !c.startedAt || c.finishedAt === told?.at) return undefined;
  if (isUp(c)) {
    // Ended and started again between two looks; the first look at it knows of no run before.
    if (!before?.startedAt || Date.parse(c.finishedAt) <= Date.parse(before.startedAt)) return undefined;
    const cause = ours(c.id, before.startedAt) ?? ended('StoppedByHand', 'stopped and started by a hand');
    return { at: c.finishedAt, ...cause };
  }
  // Who was seen running and is down has ended since, whatever a clock that was set back says.
  const sawItRun = before?.wasUp === true && before.id === c.id && before.startedAt === c.startedAt;
  if (!sawItRun && isOld(c.finishedAt)) return undefined;
  return { at: c.finishedAt, ...(ours(c.id, c.startedAt) ?? byItself(c, facts)) };
}

import type { Container } from '../../model/observed.ts';
import type { EndReason, LastEnd } from '../../model/status.ts';
import { isUp } from './facts.ts';

/** A stop of ours that is on its way, as it was decided. */
export type OurStop = { reason: EndReason; evidence: string };
export const ended = (reason: EndReason, evidence: string): OurStop => ({ reason, evidence });

/** What is known of the machine: wall-clock milliseconds. */
export type HostTimes = {
  bootedAtMs: number | undefined;
  /** The engine answers again since, as far as we saw it go. */
  engineBackAtMs: number | undefined;
  controllerStartedAtMs: number;
};

/** Seen ends of an engine that restarts lie around the time it came back. */
const AROUND_MS = 60_000;
const KILLED = 137;
const TERMINATED = 143;

function byItself(c: Container, times: HostTimes, keeps: boolean): OurStop {
  const [startedMs, finishedMs] = [Date.parse(c.startedAt!), Date.parse(c.finishedAt!)];
  const code = `exit code ${c.exitCode}`;
  if (c.oomKilled && c.exitCode === KILLED) return ended('OOMKilled', `${code}, out of memory`);
  if (times.bootedAtMs !== undefined && times.bootedAtMs > startedMs && finishedMs < times.bootedAtMs + AROUND_MS) {
    return ended('HostRestarted', code);
  }
  const back = times.engineBackAtMs;
  if (back !== undefined && startedMs < back && Math.abs(finishedMs - back) < AROUND_MS) {
    return ended('EngineRestarted', code);
  }
  const byHand = c.exitCode === KILLED || c.exitCode === TERMINATED || (keeps && c.exitCode === 0);
  if (byHand && finishedMs < times.controllerStartedAtMs) return ended('EndedWhileAway', code);
  if (byHand) return ended('StoppedByHand', `${code}, as after docker stop or kill`);
  return ended(c.exitCode === 0 ? 'Completed' : 'Crashed', code);
}

export type EndFacts = {
  /** What was there at the last look, and whether it ran. */
  before: { id: string; startedAt?: string | undefined; wasUp: boolean } | undefined;
  /** The end that was told last. */
  told: LastEnd | undefined;
  containers: readonly Container[];
  stops: ReadonlyMap<string, OurStop>;
  times: HostTimes;
  /** `command: Keep`: it has no end of its own. */
  keeps: boolean;
  now: string;
};

/** The end of a run that nobody was told of yet, if there is one. Pure. */
export function newEnd({ before, told, containers, stops, times, keeps, now }: EndFacts): LastEnd | undefined {
  const same = containers.find(({ id }) => id === before?.id);
  if (before?.wasUp && !same) {
    const known = told !== undefined && before.startedAt !== undefined && told.at >= before.startedAt;
    if (known) return undefined;
    const ours = stops.get(before.id);
    return { at: now, ...(ours ?? ended('RemovedByHand', 'the container is gone')) };
  }
  const c = same ?? containers.find(({ finishedAt }) => finishedAt !== undefined);
  if (!c?.finishedAt || !c.startedAt || c.finishedAt === told?.at) return undefined;
  if (isUp(c)) {
    // Ended and started again between two looks; the first look at it knows of no run before.
    if (!before?.startedAt || Date.parse(c.finishedAt) <= Date.parse(before.startedAt)) return undefined;
    const ours = stops.get(c.id);
    return { at: c.finishedAt, ...(ours ?? ended('StoppedByHand', 'stopped and started by a hand')) };
  }
  return { at: c.finishedAt, ...(stops.get(c.id) ?? byItself(c, times, keeps)) };
}

import { shortSpan } from '../../lib/age.ts';
import { timestamp } from '../../lib/clock.ts';
import { durationText } from '../../lib/duration.ts';
import type { Evidence, IdleMemory, IdlePolicy, Verdict } from '../../model/idle.ts';
import { evidenceOf } from './signals/all.ts';
import type { Context, Counters, Glance } from './signals/signal.ts';
import { touched } from './signals/terminal.ts';

/** Two quiet looks right after others, at least: one alone may have fallen between two bursts. */
export const LEAST_LOOKS = 2;
/** A busy machine is late by this much without anything being wrong. */
const SLACK_MS = 1_000;

/** What this process knows of the looks before. Only `memory` outlives it. */
export type Past = {
  memory: IdleMemory;
  /** Monotonic time of the last look; null when that was in another life of the controller. */
  atMs: number | null;
  streams: number;
  /** Counters of the last looks, oldest first, as far back as about one interval. */
  counters: Counters[];
};

/** `cpuLimit`: cores it may use at most. */
export type Rules = { policy: IdlePolicy; intervalMs: number; cpuLimit: number };

export type Judgement = {
  past: Past;
  evidence: Evidence[];
  idle: boolean;
  quietMs: number;
  /** Signals that keep it awake, and those that cannot be read. */
  awake: Evidence[];
  unknown: Evidence[];
  /** Nothing was compared yet. */
  first: boolean;
  /** Busy cores since the look before, or about an interval; null when it cannot be told. */
  cpuCores: number | null;
};

/** A later look than this does not follow the one before: nobody knows what was in between. */
export const gapMs = (intervalMs: number): number => 2 * intervalMs + SLACK_MS;

/**
 * One look judged against those before. Pure. Idle means: every signal was quiet for the whole timeout, over at least
 * two looks that each followed another; a signal that cannot be read is not quiet. The wall clock is not asked.
 */
export function judge(glance: Glance, known: Past | null, { policy, intervalMs, cpuLimit }: Rules): Judgement {
  const past = known?.memory.run === glance.run ? known : null;
  const before = past?.memory ?? null;
  const { atMs } = glance.readings;
  const elapsedMs = past?.atMs === null || past?.atMs === undefined ? null : atMs - past.atMs;
  const follows = elapsedMs !== null && elapsedMs >= 0 && elapsedMs <= gapMs(intervalMs);
  const watchedMs = (before?.watchedMs ?? 0) + (follows ? elapsedMs : 0);
  const base = baseOf(past, { follows, atMs, intervalMs });
  const context: Context = {
    ...{ glance, policy, intervalMs, cpuLimit, before, follows, base, watchedMs },
    previousAtMs: past?.atMs ?? null,
    previousStreams: past?.streams ?? 0,
  };
  const evidence = evidenceOf(context);
  // A start is no reason to begin to count anew: the time since then is what is counted.
  const others = evidence.filter(({ signal }) => signal !== 'started');
  const awake = others.filter(({ keepsAwake }) => keepsAwake === 'yes');
  const unknown = others.filter(({ keepsAwake }) => keepsAwake === 'unknown');
  const quiet = awake.length === 0 && unknown.length === 0;
  const memory = remember(context, awake, quiet);
  const quietMs = watchedMs - memory.quietFromMs;
  const long = quietMs >= policy.timeoutMs && watchedMs >= policy.timeoutMs;
  return {
    past: {
      memory,
      atMs,
      streams: glance.streams.open,
      counters: [...since(past, base, follows), countersOf(glance)],
    },
    ...{ evidence, quietMs, awake, unknown, first: before === null },
    cpuCores: coresOf(glance, base, follows),
    idle: quiet && long && memory.quietLooks >= LEAST_LOOKS,
  };
}

function coresOf({ readings: { atMs, cpuNs } }: Glance, base: Counters | null, follows: boolean): number | null {
  if (!follows || !cpuNs.ok || base?.atMs === null || base?.cpuNs === null || base === null) return null;
  const passedMs = atMs - base.atMs;
  return passedMs > 0 ? Math.max(0, (cpuNs.value - base.cpuNs) / passedMs / 1e6) : null;
}

const countersOf = ({ readings: { atMs, cpuNs, networkBytes } }: Glance): Counters => ({
  atMs,
  cpuNs: cpuNs.ok ? cpuNs.value : null,
  networkBytes: networkBytes.ok ? networkBytes.value : null,
});

type When = { follows: boolean; atMs: number; intervalMs: number };

/**
 * The newest counters that are at least half an interval old: rates over a shorter time say nothing. After a time
 * without looks, those of the last look.
 */
function baseOf(past: Past | null, { follows, atMs, intervalMs }: When): Counters | null {
  if (!past) return null;
  const { cpuNs, networkBytes } = past.memory;
  if (!follows) return { atMs: null, cpuNs, networkBytes };
  const old = past.counters.findLast((each) => each.atMs !== null && atMs - each.atMs >= intervalMs / 2);
  return old ?? past.counters[0] ?? null;
}

/** What a later look may still compare with. */
const since = (past: Past | null, base: Counters | null, follows: boolean): Counters[] =>
  past && base && follows ? past.counters.slice(past.counters.indexOf(base)) : [];

function remember(
  { glance, before, follows, watchedMs, ...rest }: Context,
  awake: Evidence[],
  quiet: boolean,
): IdleMemory {
  const { readings, run } = glance;
  const { cpuNs, networkBytes } = countersOf(glance);
  const typed = touched({ glance, before, ...rest })?.length;
  const looks = (before?.quietLooks ?? 0) + (follows ? 1 : 0);
  return {
    ...{ run, watchedMs, cpuNs, networkBytes },
    quietFromMs: quiet ? (before?.quietFromMs ?? watchedMs) : watchedMs,
    quietLooks: quiet ? looks : 0,
    awakeAtMs: { ...before?.awakeAtMs, ...Object.fromEntries(awake.map(({ signal }) => [signal, watchedMs])) },
    typedAtMs: typed ? watchedMs : (before?.typedAtMs ?? null),
    terminals: readings.terminals.ok
      ? Object.fromEntries(readings.terminals.value.map(({ name, inputAtMs }) => [name, inputAtMs]))
      : null,
    activeAt: awake.length > 0 ? timestamp(readings.wallMs) : (before?.activeAt ?? null),
    told: quiet && (before?.told ?? false),
  };
}

/** Its quiet stretch ended after the last look: somebody came in through us. The same memory when none was on. */
export function cutShort(memory: IdleMemory): IdleMemory {
  const { watchedMs, quietFromMs, quietLooks, awakeAtMs } = memory;
  if (quietLooks === 0 && quietFromMs === watchedMs) return memory;
  return { ...memory, quietFromMs: watchedMs, quietLooks: 0, awakeAtMs: { ...awakeAtMs, stream: watchedMs } };
}

/** One line for people. */
export function becauseOf(
  { idle, awake, unknown, first, quietMs }: Judgement,
  { timeoutMs, mode }: IdlePolicy,
): string {
  const [one] = awake;
  if (one) return `${one.signal} keeps it awake: ${one.value}`;
  if (first) return 'looked at for the first time';
  const [dark] = unknown;
  if (dark) return `${dark.signal} ${dark.value}; that keeps it awake`;
  const quiet = `quiet for ${shortSpan(quietMs / 1_000)}`;
  if (!idle) return `${quiet} of ${durationText(timeoutMs)}`;
  return mode === 'Observe' ? `${quiet}; idle.mode Observe leaves it running` : quiet;
}

/** The judgement as status and API show it. `nowMs` is the wall clock; `waitMs` a countdown that is still to come. */
export function verdictOf(
  found: Judgement,
  policy: IdlePolicy,
  { nowMs, waitMs = 0 }: { nowMs: number; waitMs?: number },
): Verdict {
  const { idle, evidence, quietMs, awake, unknown } = found;
  const { timeoutMs, mode, enabled } = policy;
  const counts = enabled && mode === 'Enforce' && awake.length + unknown.length === 0;
  const restsAt = timestamp(nowMs + Math.max(0, timeoutMs - quietMs, waitMs));
  const because = becauseOf(found, policy);
  return { at: timestamp(nowMs), idle, because, quietMs, timeoutMs, mode, ...(counts && { restsAt }), evidence };
}

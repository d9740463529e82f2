import type { Evidence, IdleMemory, IdlePolicy, Readings, SignalName } from '../../../model/idle.ts';

/** Counters at a moment of the monotonic clock; null = at an unknown one, before the controller started. */
export type Counters = { atMs: number | null; cpuNs: number | null; networkBytes: number | null };

/** Everything one look gives. */
export type Glance = {
  /** Id and start of the container. */
  run: string;
  readings: Readings;
  /** Who uses it through us; `lastInputMs` is monotonic. */
  streams: { open: number; lastInputMs: number | undefined };
  /** What is left of a lease; 0 = none. */
  leaseLeftMs: number;
};

/** What a signal is judged by: this look, what was remembered of the looks before, and the rules. */
export type Context = {
  glance: Glance;
  policy: IdlePolicy;
  intervalMs: number;
  /** Cores it may use at most. */
  cpuLimit: number;
  /** Null at the first look at a run. */
  before: IdleMemory | null;
  /** Of the look before, monotonic; null = there was none in this process. */
  previousAtMs: number | null;
  /** Streams that were open then. */
  previousStreams: number;
  /** This look follows another one closely enough: what happened in between was watched. */
  follows: boolean;
  /** What the counters are compared with, about one interval old. */
  base: Counters | null;
  /** Time it was watched up to this look. */
  watchedMs: number;
};

/** One signal. Pure: the same context gives the same evidence. */
export type Signal = (context: Context) => Evidence;

type Finding = { value: string; threshold?: string; keepsAwake: Evidence['keepsAwake'] };

/** Adds since when: what keeps awake now has no age. */
export function evidence(
  signal: SignalName,
  context: Context,
  { value, threshold = '', keepsAwake }: Finding,
): Evidence {
  const at = context.before?.awakeAtMs[signal];
  const ageMs = keepsAwake === 'yes' ? 0 : at === undefined ? null : Math.max(0, context.watchedMs - at);
  return { signal, value, threshold, ageMs, keepsAwake };
}

export const unreadable = (signal: SignalName, context: Context, message: string): Evidence =>
  evidence(signal, context, { value: `cannot be read: ${message}`, keepsAwake: 'unknown' });

/** A counter has no meaning before there are two looks. */
export const firstLook = (signal: SignalName, context: Context): Evidence =>
  evidence(signal, context, { value: 'first look, nothing to compare with', keepsAwake: 'unknown' });

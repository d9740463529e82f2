import type { Result } from './result.ts';

/** Who asked, strongest first: a person or a changed spec, an engine event or a timer, the periodic look. */
export const lanes = ['change', 'event', 'resync'] as const;
export type Lane = (typeof lanes)[number];

/** Told what the loop does, as it does it. Must not throw. Durations in milliseconds. */
export type LoopWatch = {
  /** A name came into the queue. */
  queued: () => void;
  /** Its pass begins. */
  taken: (waitedMs: number) => void;
  passed: (result: Result, tookMs: number) => void;
  /** A pass outlived its deadline. */
  overdue: () => void;
  /** A look was planned for later. */
  planned: () => void;
};

/** The loop at this moment. */
export type LoopState = {
  waiting: Record<Lane, number>;
  /** Passes that take a place; one that is away, or outlived its deadline, takes none. */
  active: number;
  /** Passes in the middle of long work, and those that wait for a place after it. */
  away: number;
  /** How long each pass in flight has taken so far, milliseconds. */
  inFlightMs: number[];
};

/** Milliseconds since the engine was listed as a whole, and since its stream of events was last known to be alive. */
export type EngineAges = { listMs: number; streamMs: number };

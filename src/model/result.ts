import type { WorkdockError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** What one pass over one name came to. A union, so that "again in 5 s" and "failed" cannot be said together. */
export type Result =
  | { kind: 'settled' }
  /** Converged for now; look again after this time whatever happens. */
  | { kind: 'again'; afterMs: number; why: string }
  | { kind: 'failed'; error: WorkdockError };

/** One pass: `log` has its id, short and never given twice, in every line, and the name it is about. */
export type Pass = {
  id: string;
  log: Log;
  signal: AbortSignal;
  /** Fires when somebody changed something about the name since the pass began, and when the loop ends. */
  news: AbortSignal;
  /**
   * For work that takes long and waits rather than works: others have its place meanwhile, and it comes back before any
   * new pass begins. Its name stays its own. The pass's deadline rests, so `work` must have its own, and its own bound.
   */
  away: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Level-based: gets the name only, and reads the world itself. `trigger` is for people, never for decisions. */
export type Reconcile = (name: string, trigger: string, pass: Pass) => Promise<Result>;

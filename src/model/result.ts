import type { WorkdockError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** What one pass over one name came to. A union, so that "again in 5 s" and "failed" cannot be said together. */
export type Result =
  | { kind: 'settled' }
  /** Converged for now; look again after this time whatever happens. */
  | { kind: 'again'; afterMs: number; why: string }
  | { kind: 'failed'; error: WorkdockError };

/** One pass: `log` has its id, short and never given twice, in every line, and the name it is about. */
export type Pass = { id: string; log: Log; signal: AbortSignal };

/** Level-based: gets the name only, and reads the world itself. `trigger` is for people, never for decisions. */
export type Reconcile = (name: string, trigger: string, pass: Pass) => Promise<Result>;

import type { Fitted } from './fitted.ts';
import type { Intent, Run } from './intent.ts';

/** Why a workspace gets no step at all. */
export type HoldReason =
  | 'Suspended' // spec, person, or the whole controller
  | 'SourceUnsettled' // no settled scan yet
  | 'SourceAbsent' // no file declares it, and no good spec of it is known
  | 'Elsewhere' // another instance's
  | 'NeverValid' // its file never was valid
  | 'Conflict'
  | 'Renamed' // it goes on under another name in a moment
  | 'DataFolderMissing'
  | 'Refused'; // impossible here; the message says why

/** Something a step of one kind has to wait for. */
export type Block = { reason: string; message: string; retryAfterMs?: number };

/** What should be there, in which run state, and because of what. The input of `plan`. */
export type Target = {
  fitted: Fitted;
  run: Run;
  /** One line for people: `spec.state Running`, `stopped by a person at 12:00`. */
  because: string;
  generation: number;
  /** A revision that did not start; `plan` brings the old container back and does not try it again. */
  failedHash?: string;
  restart?: Intent['restart'];
  /** No file declares it, and that is acted on: nothing is renewed. `trashAt`: its home goes along. */
  leaving?: { trashAt?: string };
  /** True while the last fully reached target had this one's fingerprint: what differs now is drift, not a change. */
  reachedBefore: boolean;
  /** Live settings as they were last reached: one that is wanted as before and differs was changed by hand. */
  reachedLive?: Record<string, string>;
  /** The container that was so; absent = whichever is there. */
  reachedLiveOf?: string;
  /** No container may be created or replaced while set (disk pressure, missing mount or secret). */
  createBlock?: Block;
  /** No container may be started while set (network guard, crash loop backoff, missing mount). */
  startBlock?: Block;
};

export type Decision =
  | { kind: 'hold'; reason: HoldReason; message: string }
  | { kind: 'run'; run: Run; because: string };

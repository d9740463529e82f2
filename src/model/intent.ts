import type { Desired, Origins, SourceRef, SpecState } from './desired.ts';
import type { Lease } from './idle.ts';
import type { LastEnd, OwnersEnd } from './status.ts';
import type { UpdateOrder } from './update.ts';

export type Run = 'Absent' | 'Stopped' | 'Frozen' | 'Running';

/** Someone's decision about the run state. The latest `seq` wins, not the clock. */
export type Mark = {
  run: Exclude<Run, 'Absent'>;
  by: 'start' | 'stop' | 'access' | 'idle' | 'schedule';
  seq: number;
  at: string;
  /** The `spec.state` it was made against: a later edit of the state drops the mark. */
  forState: SpecState;
  evidence?: string;
};

/** What the engine showed when the target was last reached; a later difference with an unchanged target is drift. */
export type Reached = {
  fingerprint: string;
  at: string;
  /** What can change while it runs, by spec path, as it was when each was reached last. */
  live?: Record<string, string>;
  /** Full id of the container that `live` is of; kept while something is left to hands, absent = whichever is there. */
  liveOf?: string;
};

/** What was in force of one name. `byProgram`: no file of a person declares it. */
export type Accepted = {
  desired: Desired;
  byProgram: boolean;
  /** The name it had before, once that was seen to. */
  renamedFrom?: string;
};

/** What someone decided about one workspace that no file and no engine knows. Fsynced before it is acted on. */
/** No file declares it any more. Each time is written before it is acted on; a file that comes back ends all of it. */
export type Tombstone = {
  /** When a settled scan missed it first. */
  since: string;
  /** What that scan was of, when it was a commit. */
  from?: string;
  /** How many workspaces there were by then, itself among them: who comes later does not make it fewer at once. */
  of?: number;
  /** It may be stopped: the grace is over, a second clean scan missed it too, and nothing held it. */
  ripeAt?: string;
  /** Its container may be removed. */
  expiredAt?: string;
  /** A person let this removal through. */
  approvedAt?: string;
};

export type Intent = {
  schemaVersion: 1;
  name: string;
  /** Counts semantic changes of the resolved spec. `digest` tells whether it changed. */
  generation: number;
  digest: string;
  /** The last change of meaning: what, and where it stands. For people. */
  changed?: { at: string; what: string };
  lastGood?: { desired: Desired; origins: Origins; source: SourceRef };
  /** Highest mark sequence number ever given. */
  seq: number;
  mark?: Mark;
  /** Holds off the idle stop; a mark by hand does not end it. */
  lease?: Lease;
  /** A person's brake. `until` absent = until resumed. */
  suspend?: { at: string; until?: string };
  /** A restart is owed while the current container still has this id and start time. */
  restart?: { id: string; startedAt: string; at: string };
  tombstone?: Tombstone;
  /** Its container was removed, and what its policy says was done to its home; what is left is a memory. */
  removedAt?: string;
  /**
   * Full ids of containers that were made under an earlier name, or by hand (`adopt`), and are this workspace's now.
   * Labels cannot change, so nothing else tells whose they are; another workspace may have that name by now.
   */
  adopted?: string[];
  /**
   * The name it had before, once that was seen to: the same `renamedFrom` asks for nothing more. `open`: all that was
   * known of that name is here, and what is left under it must still go.
   */
  renamed?: { from: string; at: string; open?: true };
  /** A person let this change of its spec through. `digest`: of what was approved. */
  approved?: { digest: string; at: string };
  /** The last update that was asked for in its turn. */
  update?: UpdateOrder;
  /** A revision that did not start: not tried again until the spec changes or a person restarts. */
  failed?: { hash: string; reason: string; at: string };
  /** A stop of ours, noted before it: whoever finds that run ended knows why, also after a crash in between. */
  stopping?: Omit<OwnersEnd, 'at'> & { id: string; startedAt: string };
  /** The end that the owner was told last, in the home. */
  toldEnd?: LastEnd;
  reached?: Reached;
  /** Readable fields of the revisions whose containers may still exist, by hash: what an update changes, old to new. */
  revisions: Record<string, Record<string, string>>;
  /** Sources of homes that were made or found once, `*` = any: one that is gone later is missing and not new. */
  homesSeen?: string[];
};

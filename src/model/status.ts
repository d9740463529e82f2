import type { Condition, HostConditionType, WorkspaceConditionType } from './conditions.ts';
import type { SourceRef } from './desired.ts';
import type { HeldList, HeldNote } from './held.ts';
import type { Lease, Verdict } from './idle.ts';
import type { FieldChange } from './step.ts';
import type { HoldReason } from './target.ts';
import type { UpdateOrder } from './update.ts';

export const phases = [
  'Failed',
  'Unknown',
  'Pending',
  'Starting',
  'Running',
  'Frozen',
  'Resting',
  'Held',
  'Stopped',
  'Elsewhere',
] as const;
export type Phase = (typeof phases)[number];

/** Down because that was decided: nobody is at work in it. */
export const isDown = ({ phase }: { phase: Phase }): boolean => ['Resting', 'Held', 'Stopped'].includes(phase);

export type PlannedStep = { op: string; why: string };

/** Why a container ended. A contract, listed in docs/reference/conditions.md. */
export const endReasons = [
  'IdleStop',
  'StoppedByPerson',
  'StoppedBySpec',
  'FileRemoved',
  'RestartedByPerson',
  'Updated',
  'OOMKilled',
  'HostRestarted',
  'EngineRestarted',
  'EndedWhileAway',
  'StoppedByHand',
  'RemovedByHand',
  'Completed',
  'Crashed',
] as const;
export type EndReason = (typeof endReasons)[number];

export type LastEnd = { at: string; reason: EndReason; evidence: string };

/** An end with what its owner is told besides: command lines may hold what is nobody else's business. */
export type OwnersEnd = LastEnd & {
  /** What ran in it when it was last looked at; absent when nobody knows. */
  processes?: string[];
  processesSeenAt?: string;
};

/** `status/<name>.json`. A cache for people and programs: nothing decides by it. */
export type WorkspaceStatus = {
  schemaVersion: 1;
  name: string;
  owner: string;
  labels: Record<string, string>;
  generation: number;
  observedGeneration: number;
  phase: Phase;
  conditions: Condition<WorkspaceConditionType>[];
  source?: SourceRef;
  container?: {
    id: string;
    name: string;
    image: string;
    imageId: string;
    startedAt?: string;
    hash: string;
    /** It has to stay up yet: this one, the one before it, comes back if it does not. */
    setAside?: string;
  };
  /** Those of the file, or as hands made what is ignored. */
  limits?: { cpus: number; memoryBytes: number; pids: number };
  /** Up to a twentieth, or a MiB, off: it is written when it moved by more. */
  memoryInUseBytes?: number;
  home?: string;
  pending: FieldChange[];
  drift: FieldChange[];
  /** What hands changed and `drift.ignore` leaves as it is: no drift, and nothing waits for it. Absent when nothing. */
  ignored?: FieldChange[];
  plan: PlannedStep[];
  /** What waits for `workdock approve`; what was accepted last is in force. */
  held?: HeldNote[];
  /** The last update that was asked for in its turn (`restart --pending`), and what became of it. */
  update?: UpdateOrder;
  oom?: { kills: number; limitBytes: number; at: string };
  lastEnd?: LastEnd;
  /** The idle decision of the moment an answer last changed; of a resting workspace the one that led to the stop. */
  verdict?: Verdict;
  /** Everything is quiet since then; absent while something keeps it awake. */
  idleSince?: string;
  /** When it will be put to rest if nothing happens. */
  restsAt?: string;
  /** To the minute. */
  lastActivityAt?: string;
  /** What holds off the idle stop. */
  lease?: Pick<Lease, 'until' | 'by'>;
  /** The last decision for `why`: trigger, reasons, what it waits for, the next look. */
  last: {
    /** Id of the pass that decided it, as in log lines and events; one that only confirms it does not change it. */
    pass?: string;
    trigger: string;
    because: string;
    /** Why it gets no step at all; absent when it may. */
    hold?: HoldReason;
    /** What the look found that it was decided by; absent when the engine did not answer. */
    seen?: string;
    waitsFor?: string;
    nextLookAt?: string;
    error?: { code: string; message: string; hint: string };
  };
  message: string;
  since: string;
};

/** One row of `status.json` and of `workdock get`. */
export type WorkspaceSummary = {
  phase: Phase;
  ready: boolean;
  owner: string;
  container: string | null;
  image: string | null;
  since: string;
  idleSince?: string;
  restsAt?: string;
  message: string;
};

/** `status.json`. */
export type Summary = {
  schemaVersion: 1;
  writtenAt: string;
  controller: {
    pid: number;
    version: string;
    /** Name from the config. */
    instance: string;
    /** Of the data folder; in labels and firewall rules. */
    uid: string;
    startedAt: string;
    socket: string;
    specs: string[];
    data: string;
  };
  host: { conditions: Condition<HostConditionType>[]; engine?: Record<string, string | number | boolean> };
  /** What waits for `workdock approve`; absent when nothing does. */
  held?: HeldList[];
  workspaces: Record<string, WorkspaceSummary>;
};

/**
 * One link of what led to an event: an earlier event by its reason, or what ended a container. `at`: when that was, or
 * when it was found.
 */
export type Cause = { reason: string; at: string; message: string };

/** One line of `events/<name>.ndjson`. Equal events in a row become one with a count. */
export type WorkspaceEvent = {
  at: string;
  name: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  /** Id of the pass it is of; absent when no pass did it. */
  pass?: string;
  /** What woke that pass: `spec ada.yaml`, `engine: die`, `restart by a person`, `resync`. */
  trigger?: string;
  /** What led to it, nearest first; a few, out of what was on record. */
  because?: Cause[];
  evidence?: Record<string, unknown>;
};

import type { Readable } from 'node:stream';
import type { Desired, Origins } from './desired.ts';
import type { Approved, HeldList, HeldNote } from './held.ts';
import type { HomesService } from './homes.ts';
import type { IdlePolicy, Lease, Verdict } from './idle.ts';
import type { Problem } from './problem.ts';
import type { LogOptions, WrittenLayer } from './runtime.ts';
import type { Phase, Summary, WorkspaceEvent, WorkspaceStatus } from './status.ts';
import type { FieldChange } from './step.ts';
import type { EventFilter } from './store.ts';
import type { ExecAsk, ExecSession } from './stream.ts';
import type { UpdateReply } from './update.ts';

/** What whoever works in it would lose, now or at the next stop; homes and mounts are never among it. */
export type Loss = {
  when: 'now' | 'nextStop';
  /** What is in the container alone; absent when the container stays. */
  layer?: WrittenLayer | { unread: string };
  /** Command lines of what runs in it and would end. */
  processes: string[];
};

/** `origin`: where the new value stands, `ada.yaml:7`; absent for what hands changed. */
export type PlannedChange = FieldChange & { origin?: string };

/** One row of `workdock plan`. */
export type PlanRow = {
  name: string;
  /** The name it has until now; its home and its container go on. */
  renamedFrom?: string;
  steps: { op: string; why: string }[];
  changes: PlannedChange[];
  /** What hands changed and `drift.ignore` leaves as it is: no difference. Absent when nothing. */
  ignored?: FieldChange[];
  /** Absent when nothing ends, and where the engine was not asked. */
  loses?: Loss;
  /** A newer image that a restart would take along: an offer, and no difference. */
  available?: string;
  /** Why nothing is done although something differs. */
  waitsFor?: string;
  /** What of it waits for `workdock approve`, or would wait once these files are in force. */
  held?: HeldNote[];
};

export type Description = {
  status: WorkspaceStatus;
  desired?: Desired;
  /** By dotted spec path: `built-in`, `config`, `template neuro, lab.yaml:4`, `ada.yaml:7`. */
  origins?: Origins;
  problems: Problem[];
  events: WorkspaceEvent[];
  /** Of the loop at this moment. `failures`: in a row. */
  loop?: { queued: boolean; inFlight: boolean; failures: number; nextLookAt?: string };
};

/** What became of a spec that was handed in. `path` is the file in force. */
export type PutSpec = {
  name: string;
  /** `declaredElsewhere`: a file in a folder of specs has the name, or another file of ours; nothing was written. */
  outcome: 'created' | 'updated' | 'unchanged' | 'declaredElsewhere';
  source: { path: string; sha256: string };
};

/** One workspace as the idle rule would see it at the moment of asking; asking is no look. */
export type IdleRow = {
  name: string;
  owner: string;
  labels: Record<string, string>;
  phase: Phase;
  /** Absent when its spec cannot be used. */
  policy?: IdlePolicy;
  /** Absent unless it runs and was looked at. */
  verdict?: Verdict;
  idleSince?: string;
  restsAt?: string;
  lastActivityAt?: string;
  lease?: Pick<Lease, 'until' | 'by'>;
  /** Why it is not put to rest however quiet it is, or not judged at all. */
  note?: string;
};

/** What `cleanup` decided about one workspace; `quietMs` is there when it was judged. */
export type CleanupRow = {
  name: string;
  decision: 'stopped' | 'wouldStop' | 'kept';
  reason: string;
  quietMs?: number;
};

/** `lease` null = it was ended, or there was none. `cappedFromMs`: asked for, and more than the config allows. */
export type Kept = { name: string; phase: Phase; lease: Pick<Lease, 'until' | 'by'> | null; cappedFromMs?: number };

export type TopRow = {
  name: string;
  owner: string;
  labels: Record<string, string>;
  phase: Phase;
  /** Busy cores between the last two looks; absent before there were two. */
  cpuCores?: number;
  cpuLimit?: number;
  memoryBytes?: number;
  memoryLimitBytes?: number;
  /** Of its user: without its init and the keeper. */
  processes?: number;
  pidsLimit?: number;
};

/** What people and programs may ask about idleness. */
export type IdleService = {
  /** Every workspace, the longest quiet first. */
  idle: () => Promise<IdleRow[]>;
  /** Puts to rest what has been quiet for `idleMinutes`, and says of every workspace what was decided and why. */
  cleanup: (ask: { idleMinutes: number; dryRun: boolean }) => Promise<CleanupRow[]>;
  /** Holds off the idle stop for `forMs`, at most `idle.maxKeep`; 0 ends that. */
  keep: (name: string, forMs: number) => Promise<Kept>;
  top: () => Promise<TopRow[]>;
};

/** What the API serves and the verbs ask for. Unknown names throw NOT_FOUND, forbidden ones REFUSED. */
export type Service = IdleService & {
  homes: HomesService;
  summary: () => Summary;
  list: () => WorkspaceStatus[];
  describe: (name: string) => Promise<Description>;
  /** All problems of all spec files of the last scan. */
  problems: () => Problem[];
  plan: (name?: string) => Promise<PlanRow[]>;
  events: (filter: EventFilter) => Promise<WorkspaceEvent[]>;
  subscribe: (listener: (event: WorkspaceEvent) => void) => () => void;
  start: (name: string) => Promise<WorkspaceStatus>;
  stop: (name: string) => Promise<WorkspaceStatus>;
  restart: (name: string) => Promise<WorkspaceStatus>;
  /**
   * Restarts it if something waits for that, when it is its turn: as many as `limits.disruptions` allows are on their
   * way at once. What does not run `withinMs` later is put back, whether or not anybody still asks.
   * @throws REFUSED (suspended, stopped by its spec, of another instance)
   */
  update: (name: string, withinMs: number) => Promise<UpdateReply>;
  /**
   * Writes `given`, a whole document or its `spec` part, as the spec of `name`. Returns once it is on disk; the
   * controller takes it over when its files have come to rest. `ifAbsent`: what is declared stays as it is.
   * @throws SPEC_INVALID, NOT_PERSISTED, DATA_FOLDER_MISSING
   */
  putSpec: (name: string, given: unknown, options: { ifAbsent: boolean }) => Promise<PutSpec>;
  /** What waits for approval now. */
  held: () => HeldList[];
  /**
   * Lets exactly the list of this hash through, or of the only one that begins with it (6 digits at least). Returns
   * once that is on disk.
   * @throws REFUSED (another list is held by now), NOT_FOUND (nothing is held), NOT_PERSISTED
   */
  approve: (hash: string) => Promise<Approved>;
  /** `name` null = everything. `forMs` absent = until resumed. */
  suspend: (name: string | null, forMs?: number) => Promise<void>;
  resume: (name: string | null) => Promise<void>;
  /**
   * Runs a command as the workspace's user, with what it needs in its environment. A workspace at rest is woken first
   * and waited for, until `signal` fires.
   * @throws NOT_FOUND, REFUSED (stopped by its spec or a person, suspended, or at rest and not to be started),
   *         WAIT_TIMEOUT
   */
  exec: (name: string, ask: ExecAsk, signal: AbortSignal) => Promise<ExecSession>;
  /** What its first process has written. Ends when `signal` fires. @throws NOT_FOUND, REFUSED (no container yet) */
  logs: (name: string, options: LogOptions, signal: AbortSignal) => Promise<{ stdout: Readable; stderr: Readable }>;
  /** Everything that is counted, as Prometheus reads it: text format 0.0.4. */
  metrics: () => Promise<string>;
  /** Facts for `doctor`. */
  health: () => Promise<Summary['host']>;
};

import type { Readable } from 'node:stream';
import type { Desired, Origins } from './desired.ts';
import type { Problem } from './problem.ts';
import type { LogOptions } from './runtime.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from './status.ts';
import type { FieldChange } from './step.ts';
import type { EventFilter } from './store.ts';
import type { ExecAsk, ExecSession } from './stream.ts';

/** One row of `workdock plan`. */
export type PlanRow = {
  name: string;
  steps: { op: string; why: string }[];
  changes: FieldChange[];
  /** Why nothing is done although something differs. */
  waitsFor?: string;
};

export type Description = {
  status: WorkspaceStatus;
  desired?: Desired;
  /** By dotted spec path: `built-in`, `config`, `template neuro`, `workspaces/ada.yaml:7`. */
  origins?: Origins;
  problems: Problem[];
  events: WorkspaceEvent[];
};

/** What became of a spec that was handed in. `path` is the file in force. */
export type PutSpec = {
  name: string;
  /** `declaredElsewhere`: a file in a folder of specs has the name, or another file of ours; nothing was written. */
  outcome: 'created' | 'updated' | 'unchanged' | 'declaredElsewhere';
  source: { path: string; sha256: string };
};

/** What the API serves and the verbs ask for. Unknown names throw NOT_FOUND, forbidden ones REFUSED. */
export type Service = {
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
   * Writes `given`, a whole document or its `spec` part, as the spec of `name`. Returns once it is on disk; the
   * controller takes it over when its files have come to rest. `ifAbsent`: what is declared stays as it is.
   * @throws SPEC_INVALID, NOT_PERSISTED, DATA_FOLDER_MISSING
   */
  putSpec: (name: string, given: unknown, options: { ifAbsent: boolean }) => Promise<PutSpec>;
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
  /** Facts for `doctor`. */
  health: () => Promise<Summary['host']>;
};

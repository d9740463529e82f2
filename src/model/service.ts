import type { Desired, Origins } from './desired.ts';
import type { Problem } from './problem.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from './status.ts';
import type { FieldChange } from './step.ts';
import type { EventFilter } from './store.ts';

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
  /** `name` null = everything. `forMs` absent = until resumed. */
  suspend: (name: string | null, forMs?: number) => Promise<void>;
  resume: (name: string | null) => Promise<void>;
  /** Facts for `doctor`. */
  health: () => Promise<Summary['host']>;
};

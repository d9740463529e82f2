import type { Readable, Writable } from 'node:stream';
import type { CleanupRow, IdleRow, Kept } from '../model/service.ts';
import type { WorkspaceEvent, WorkspaceStatus } from '../model/status.ts';
import type { EventFilter } from '../model/store.ts';
import type { TerminalSize } from '../model/stream.ts';
import type { WorkspaceV1 } from '../spec/workspace-schema.ts';

/** What a workspace should be, as under `spec:` of a file; the owner is an argument of its own. */
export type WorkspaceSpec = Omit<WorkspaceV1['spec'], 'owner'>;

/** Milliseconds until a call gives up with WAIT_TIMEOUT; what was asked for stays asked for. */
export type WaitOptions = {
  /** False returns when the wish is stored and does not wait for it to come true. Default true. */
  wait?: boolean;
  /** Default 60,000. */
  timeoutMs?: number;
};

export type CreateOptions = WaitOptions & {
  /** Of the workspace, when it is not the owner's. */
  name?: string;
  /** Written with the spec; without a spec they count only for a workspace that is created. */
  labels?: Record<string, string>;
};

export type GotOrCreated = {
  /**
   * - `created`, `updated`: the spec was written.
   * - `unchanged`: it was this one already, or none was given.
   * - `declaredElsewhere`: a spec file of a person has the name; the workspace is as that file says.
   */
  outcome: 'created' | 'updated' | 'unchanged' | 'declaredElsewhere';
  status: WorkspaceStatus;
};

type ExecCommon = {
  /** Added to the environment of the workspace. */
  env?: Record<string, string>;
  /** Absolute path in the workspace. Default: the home. */
  workingDir?: string;
  /** False refuses with REFUSED instead of starting a workspace at rest. Default true. */
  start?: boolean;
};

export type ExecOptions = ExecCommon & {
  /** All that the command reads; without it its stdin is closed. A source that fails ends the command. */
  stdin?: string | Uint8Array | Readable | AsyncIterable<Uint8Array>;
  /** Milliseconds from the call, waking included. Default: none, a command may take days. */
  timeoutMs?: number;
  /** Of stdout and stderr together. Default 16 MiB. */
  maxOutputBytes?: number;
};

export type ExecResult = {
  /** Of the command: 128 + n for a signal, 127 when there is no such program, 126 when it cannot run. */
  exitCode: number;
  /** UTF-8; for other bytes there is `execStream`. */
  stdout: string;
  stderr: string;
};

export type ExecStreamOptions = ExecCommon & {
  /** With a terminal of this size; stderr is then part of stdout. Default none. */
  terminal?: TerminalSize;
};

/** A command that runs. Who does not read makes it wait, so read both outputs or `resume()` the unwanted one. */
export type ExecStream = {
  /** `end` closes the command's stdin and nothing else. */
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  resize: (size: TerminalSize) => void;
  /** To the command's process group. */
  signal: (name: NodeJS.Signals) => void;
  /** Exit code as of `exec`, once both outputs were read. @throws CONTROLLER_UNREACHABLE when the connection breaks. */
  exited: Promise<number>;
  /** Goes away. The processes of a terminal get HUP; a command without one goes on. */
  close: () => void;
};

/**
 * The workspaces of one controller. Workspaces are called by their name, which is their owner's unless a spec says
 * otherwise. Calls fail with `WorkdockError`: decide by its `code`, show its `message` and `hint` to people. Any call
 * may fail with CONTROLLER_UNREACHABLE; each connects anew, so one that fails says nothing about the next.
 */
export type Workspaces = {
  /**
   * The workspace of `owner`; it is declared when nobody has declared it yet. With a `spec` an earlier one that was
   * written this way is replaced where it differs; without one it is left as it is. Names that a spec file declares are
   * never written. Waits until the workspace is Ready, or at rest for a reason (stopped, resting, of another instance):
   * it wakes nobody, and the same call again changes nothing.
   *
   * @throws SPEC_INVALID  every problem with its place is in the message; nothing was written.
   * @throws NOT_PERSISTED, DATA_FOLDER_MISSING  nothing was written.
   * @throws REFUSED  the folders of specs cannot be read, so nobody knows whether the name is declared.
   * @throws WAIT_TIMEOUT  it is declared, and not Ready yet. Any other code is why it cannot become so.
   */
  getOrCreate: (owner: string, spec?: WorkspaceSpec, options?: CreateOptions) => Promise<GotOrCreated>;
  /**
   * Runs a command as the owner and waits for its end. `argv` is a program and its arguments; for pipes and the like
   * name a shell: `['sh', '-c', text]`. A workspace at rest is started first. An exit code is a result, not an error.
   * Ended for `timeoutMs`, `maxOutputBytes` or a failed `stdin`, the command gets TERM, and KILL 2 s later.
   *
   * @throws REFUSED  stopped by a person, by its spec, or suspended; `start: false` and it does not run.
   * @throws WAIT_TIMEOUT, OUTPUT_TOO_LONG  the command was ended.
   * @throws NOT_FOUND, USAGE
   */
  exec: (owner: string, argv: string[], options?: ExecOptions) => Promise<ExecResult>;
  /** The same as streams, for output that is long, binary or wanted at once, and for terminals. Errors as of `exec`. */
  execStream: (owner: string, argv: string[], options?: ExecStreamOptions) => Promise<ExecStream>;
  /**
   * Who runs and has been quiet for so many minutes (parts count), the longest first, with the evidence of every
   * signal and `note` when something keeps it from being put to rest all the same. Time in which no controller watched
   * is not quiet.
   * @throws USAGE
   */
  listIdle: (idleMinutes: number) => Promise<IdleRow[]>;
  /**
   * Puts to rest who has been quiet for so many minutes, after a last look at each. Gives a decision with its reason
   * for every workspace, also for those that were kept: by a signal, a lease, `idle.enabled: false`, a suspend, or
   * because they cannot be judged. The containers stop after the answer, with the grace of their specs. `dryRun` only
   * tells.
   * @throws USAGE
   */
  cleanupIdle: (idleMinutes: number, options?: { dryRun?: boolean }) => Promise<CleanupRow[]>;
  /**
   * Holds off the idle stop for so many milliseconds from now; 0 ends that. At most `idle.maxKeep` of the config: then
   * `cappedFromMs` says what was asked for.
   * @throws NOT_FOUND, USAGE, REFUSED
   */
  keep: (owner: string, forMs: number) => Promise<Kept>;
  /** The status as `state/status/<name>.json` has it; undefined when there is no such workspace. */
  status: (owner: string) => Promise<WorkspaceStatus | undefined>;
  list: () => Promise<WorkspaceStatus[]>;
  /**
   * Starts it and keeps it running: a person's word. Waits until it is Ready.
   * @throws NOT_FOUND, REFUSED (stopped by its spec, suspended), WAIT_TIMEOUT
   */
  start: (owner: string, options?: WaitOptions) => Promise<WorkspaceStatus>;
  /**
   * Stops it and holds it until `start` or an edit of `spec.state`: a person's word. Processes get TERM and the grace
   * of the spec. Waits until it has stopped.
   * @throws NOT_FOUND, REFUSED (suspended), WAIT_TIMEOUT
   */
  stop: (owner: string, options?: WaitOptions) => Promise<WorkspaceStatus>;
  /** Stops and starts it, applying updates that wait for the next stop; else as `start`. */
  restart: (owner: string, options?: WaitOptions) => Promise<WorkspaceStatus>;
  /**
   * Until it is as asked. `goal` is `Ready`, `Stopped` or `Condition=Type=True|False|Unknown`.
   * @throws USAGE for another goal, NOT_FOUND, WAIT_TIMEOUT
   */
  wait: (owner: string, goal: string, options?: Pick<WaitOptions, 'timeoutMs'>) => Promise<WorkspaceStatus>;
  /** The last events, oldest first: what was done, when and why. All workspaces unless `name` is given. */
  events: (filter?: EventFilter) => Promise<WorkspaceEvent[]>;
  /**
   * The last `limit` events (default none), then each as it happens, until `signal` fires; then it resolves.
   * @throws CONTROLLER_UNREACHABLE when the controller ends.
   */
  follow: (onEvent: (event: WorkspaceEvent) => void, options?: FollowOptions) => Promise<void>;
  /** A client has nothing to close. An embedded controller ends, and the workspaces go on running. */
  close: () => Promise<void>;
};

export type FollowOptions = EventFilter & { signal?: AbortSignal };

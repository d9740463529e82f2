import type { Readable, Writable } from 'node:stream';

export type TerminalSize = { rows: number; columns: number };

/** One command to run in a running container, as its user unless `user` says otherwise. */
export type ExecRequest = {
  argv: string[];
  /** Added to the container's environment. */
  env: Record<string, string>;
  /** Absolute path in the container. */
  workingDir: string;
  /** `uid:gid`. */
  user: string;
  /** Null = no terminal: stdout and stderr stay apart. With one its size is right before the command's first byte. */
  terminal: TerminalSize | null;
  stdin: boolean;
};

/** What a client asks to run in a workspace; what it leaves out follows from the workspace. */
export type ExecAsk = {
  argv: string[];
  env: Record<string, string>;
  /** Absent = the home. */
  workingDir?: string;
  terminal: TerminalSize | null;
  stdin: boolean;
  /** Wake the workspace when it rests. */
  start: boolean;
};

/** A command that runs. All streams keep backpressure: who does not read makes the command wait, not memory grow. */
export type ExecSession = {
  /** `end` closes the command's stdin and leaves its output open. */
  stdin: Writable;
  stdout: Readable;
  /** Ends at once when there is a terminal. */
  stderr: Readable;
  resize: (size: TerminalSize) => Promise<void>;
  /** To the command's process group: `SIGINT`, `SIGTERM`, … A command that has ended takes none. */
  signal: (name: NodeJS.Signals) => Promise<void>;
  /** The terminal is gone: HUP to every process of its session. Without a terminal nothing happens. */
  hangUp: () => Promise<void>;
  /** Exit code, after both outputs ended: 128 + n for a signal, 126/127 as a shell says it. */
  exited: Promise<number>;
};

/** Who uses a workspace through us right now; read by the idle verdict, written by the API. In memory. */
export type Activity = {
  /** A stream was opened. `input`: bytes came from its client. */
  open: (name: string, kind: 'exec' | 'shell' | 'terminal') => { input: () => void; close: () => void };
  /** `lastInputMs` is monotonic; undefined = none since the controller started. */
  of: (name: string) => { open: number; lastInputMs: number | undefined };
};

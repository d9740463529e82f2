import type { Readable, Writable } from 'node:stream';

export type TerminalSize = { rows: number; columns: number };

/** One command to run in a running container, as its user unless `user` says otherwise. */
export type ExecRequest = {
  argv: string[];
  /** Added to the container's environment. */
  env: Record<string, string>;
  /** Absolute path in the container; absent = where its first process began, its home. */
  workingDir?: string;
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

/**
 * A command that runs. All streams keep backpressure: who does not read makes the command wait, not memory grow. One
 * socket carries both outputs: who wants only one of them discards the other (`resume`), or both stop.
 *
 * Destroying all three streams says that the client has gone. A command with a terminal is then to be hung up by the
 * caller; one without goes on, and gets SIGPIPE when it writes a second later or more.
 */
export type ExecSession = {
  /**
   * `end` closes the command's stdin and leaves its output open; in a terminal it is ctrl-d. What is written after the
   * command has ended, or without `stdin` in the request, is taken and dropped.
   */
  stdin: Writable;
  /**
   * Ends when the engine closes it: at the end of the command, or, when something it left behind still holds it, 2 s
   * after that (Docker). A command that could not be started has one line on stderr that says why.
   */
  stdout: Readable;
  /** Ends at once when there is a terminal. */
  stderr: Readable;
  /** Without a terminal, or after the end, nothing happens. */
  resize: (size: TerminalSize) => Promise<void>;
  /** To the command's process group: `SIGINT`, `SIGTERM`, … Waits until it has started; one that ended takes none. */
  signal: (name: NodeJS.Signals) => Promise<void>;
  /**
   * The terminal is gone: HUP, and CONT for what was stopped, to every process of its session. nohup, setsid and tmux
   * outlive it; `disown` alone does not. Without a terminal nothing happens.
   */
  hangUp: () => Promise<void>;
  /**
   * Exit code, after both outputs ended: 128 + n for a signal, 126/127 as a shell says it. It waits for the outputs to
   * be read. Rejects when the engine is lost meanwhile, or its container was stopped before it began; need not be
   * handled.
   */
  exited: Promise<number>;
};

/** Who uses a workspace through us right now; read by the idle verdict, written by the API. In memory. */
export type Activity = {
  /** A stream was opened. `input`: bytes came from its client. */
  open: (name: string, kind: 'exec' | 'shell' | 'terminal') => { input: () => void; close: () => void };
  /** Called with the name at every opening and every input, so at every key: it must be quick. */
  onUse: (listener: (name: string) => void) => void;
  /** `lastInputMs` is monotonic; undefined = none since the controller started. */
  of: (name: string) => { open: number; lastInputMs: number | undefined };
};

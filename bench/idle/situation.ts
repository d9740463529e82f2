import type { Controller, Lab } from '../../tests/support/lab.ts';
import type { Recorder } from './record.ts';

/** A workspace in which something happens, and somebody who makes it happen. */
export type Stage = {
  lab: Lab;
  name: string;
  recorder: Recorder;
  controller: Controller;
  /** Runs in the workspace and goes on after this returns, as a job that somebody left there. */
  leave: (script: string) => Promise<void>;
  /** Resolves so many milliseconds after the begin of the watch. */
  at: (ms: number) => Promise<void>;
  /** Ends what runs on this side; called when the situation is over. */
  afterwards: (end: () => unknown) => void;
};

/** One row of the matrix. What is right was written down before anything was measured. */
export type Situation = {
  name: string;
  right: 'stays' | 'stops';
  why: string;
  /** Needs the big image: JupyterLab, tmux. */
  big?: true;
  /** Has a controller for itself, started with these variables. */
  alone?: Record<string, string>;
  /** Sets it up. What it returns begins when everybody is ready, together with the clock. */
  play: (stage: Stage) => Promise<(() => unknown) | undefined>;
  /** What workdock is to give as its reason at the end. */
  because?: RegExp;
  /** A stop before this is wrong, too. */
  notBeforeMs?: number;
};

/** What the spec's timeout, 30 m by default, is shrunk to; the looks come every second instead of every 30. */
export const TIMEOUT_MS = 16_000;
export const INTERVAL_MS = 1_000;
/** Who has not stopped by then stays. */
export const WATCH_MS = 3.5 * TIMEOUT_MS;

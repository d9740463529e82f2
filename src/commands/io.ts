import type { ApiClient } from '../client/client.ts';

/** The world of one verb: tests give another one. */
export type Io = {
  /** One line of data, stdout. */
  out: (line: string) => void;
  /** One line for people, stderr. */
  err: (line: string) => void;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Columns when stdout is a terminal, else absent: nothing is cut and nothing coloured. */
  width?: number;
  colour: boolean;
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  /** Exit code of a verb that answered, such as 1 for `plan --exit-code`. Failures are thrown. */
  exitWith: (code: number) => void;
};

export type VerbDeps = {
  io: Io;
  /** The controller of the state folder in force; does not connect yet. */
  client: () => Promise<ApiClient>;
};

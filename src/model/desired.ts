import type { Ignorable } from './drift.ts';
import type { IdlePolicy } from './idle.ts';
import type { Problem } from './problem.ts';

/** OnDemand: starts at the first access. */
export type SpecState = 'Running' | 'Stopped' | 'OnDemand';
export type PullPolicy = 'IfNotPresent' | 'Always' | 'Never';
export type Command = { kind: 'Keep' } | { kind: 'Image' } | { kind: 'Argv'; argv: string[] };

/** Where the home lives: a folder under the data folder, a host path, or an engine volume. */
export type HomePlace =
  | { kind: 'folder'; name: string }
  | { kind: 'path'; path: string }
  | { kind: 'volume'; volume: string };
export type Home = { place: HomePlace; mountPath: string; shared: boolean };
export type Mount = { source: string; target: string; readOnly: boolean };

/** The limits that an engine changes on a running container. */
export type Limits = { nanoCpus: number; memoryBytes: number; pids: number };

/** A spec after template, site and built-in defaults and unit conversion: every field present, machine units. */
export type Desired = {
  name: string;
  labels: Record<string, string>;
  owner: string;
  /** Only the controller with this instance name takes it; absent = any. */
  instance?: string;
  template?: string;
  state: SpecState;
  image: { ref: string; pullPolicy: PullPolicy };
  command: Command;
  env: Record<string, string>;
  /** File names under the secrets root. Values are read at the last moment and never stored by us. */
  envFrom: string[];
  groups: number[];
  limits: Limits;
  shmBytes: number;
  home: Home;
  mounts: Mount[];
  network: { mode: 'internet' | 'none'; allow: string[] };
  security: { profile: 'restricted' | 'sudo' };
  idle: IdlePolicy;
  stopGraceSeconds: number;
  restartPolicy: 'Never' | 'OnFailure' | 'Always';
  updatePolicy: 'OnStop' | 'Now';
  /** What becomes of the home when the workspace is removed. Its container goes either way. */
  deletionPolicy: 'Retain' | 'Trash';
  /** An absent file stops and removes nothing, whoever approves. */
  deletionProtection: boolean;
  /** A container that somebody made by hand under its name is taken over as it runs. */
  adopt: boolean;
  drift: 'Heal' | 'Report';
  /** What hands changed of these is left as it is, in the order of `ignorable`; absent = nothing is. */
  driftIgnore?: Ignorable[];
  suspend: boolean;
};

/** Where each leaf of a Desired is from, by path: `built-in`, `config`, `template neuro, lab.yaml:4`, `ada.yaml:7`. */
export type Origins = Record<string, string>;

/** `author` wrote `commit`: `Ada <ada@example.org>`. */
export type SourceRef = { path: string; line: number; sha256: string; commit?: string; author?: string };

/** What the files say about one name after one settled scan. A name in no file has no declaration. */
export type Declaration =
  | {
      kind: 'valid';
      name: string;
      desired: Desired;
      origins: Origins;
      source: SourceRef;
      /** The name it had before: that workspace's home and container go on under this one. */
      renamedFrom?: string;
    }
  /** Does not parse, check or resolve: the last good spec stays in force. */
  | { kind: 'invalid'; name: string; problems: Problem[]; source: SourceRef }
  /** Two files declare the name, or two workspaces claim a home: nothing new is applied to either. */
  // `home`: the one that it claims, where that is known.
  | { kind: 'conflict'; name: string; problems: Problem[]; source: SourceRef; home?: HomePlace };

import type { GitRemote } from '../lib/git-remote.ts';

/** A repository in the place of folders. */
export type GitConfig = {
  /** As written; `remote` is what it means. */
  git: string;
  remote: GitRemote;
  branch: string;
  intervalMs: number;
  key: string | null;
  knownHosts: string | null;
  /** Of the tree, without a slash at the end; `''` is its root. Null: nobody named any. */
  folders: string[] | null;
};

/** `workdock.yaml` after defaults: paths absolute, units as named. */
export type Config = {
  /** File it came from; null when built-in. */
  file: string | null;
  instance: string;
  prefix: string;
  /** Folders of this host; with `source` those of a checkout beside the config, for verbs without a controller. */
  specs: string[];
  source: GitConfig | null;
  state: string;
  data: string;
  /** Site defaults: any `spec` field, already schema-checked; resolved in spec/resolve.ts. */
  defaults: Record<string, unknown>;
  users: Record<string, { uid: number; gid: number; groups: number[] }>;
  uidRange: { first: number; last: number };
  allowedImages: string[];
  mountRoots: string[];
  secretsRoot: string | null;
  network: { subnet: string | null };
  resyncMs: number;
  settleMs: number;
  /** `Required`: a spec file without the line `...` at its end is cut off, and not taken. */
  endMarker: 'Optional' | 'Required';
  /** Pause between two looks at the signals of a workspace, and the longest lease. */
  idle: { intervalMs: number; maxKeepMs: number };
  /** Workspaces worked on at a time; workspaces that an update may interrupt at a time. */
  limits: { parallel: number; disruptions: number };
  /** An absent file stops the container after `graceMs`, and removes it `removeAfterMs` after that. */
  deletion: { graceMs: number; removeAfterMs: number };
  /** Shares from 0 to 1 of what may be removed within `windowMs`, or disrupted by one change, without approval. */
  guard: { windowMs: number; removals: number; disruptions: number };
};

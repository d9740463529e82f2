/** `workdock.yaml` after defaults: paths absolute, units as named. */
export type Config = {
  /** File it came from; null when built-in. */
  file: string | null;
  instance: string;
  prefix: string;
  specs: string[];
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
  /** Pause between two looks at the signals of a workspace, and the longest lease. */
  idle: { intervalMs: number; maxKeepMs: number };
  limits: { parallel: number };
};

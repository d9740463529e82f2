import type { Desired } from './desired.ts';

/** The numbers an owner has on this host; allocated once, never reused (`uids.json`) or given by the config. */
export type Identity = { uid: number; gid: number; groups: number[] };

/** What this engine and host can do, probed at start and after every reconnect. */
export type Capabilities = {
  engine: string;
  apiVersion: string;
  cpus: number;
  memoryBytes: number;
  cgroupVersion: 1 | 2;
  liveRestore: boolean;
  /** Filesystem folder whose fullness stops creates and starts, when the engine is on this host. */
  rootDir?: string;
  warnings: string[];
};

/** A default that this host cannot give, and what was given instead. */
export type Clamp = { field: string; wanted: number; given: number; message: string };

/** Desired after what this engine and host can do: everything `plan` and the adapter need, and nothing to look up. */
export type Fitted = Desired & {
  identity: Identity;
  /** Absolute host path of the home, or the volume's name when `home.place.kind` is `volume`. */
  homeSource: string;
  /** The workspace network's name and the fixed address on it; both null with `network.mode: none`. */
  networkName: string | null;
  address: string | null;
  /** Keyed digest of the envFrom values (HMAC with a key of the data folder): changes show, values do not. */
  envFromDigest: string;
  /** `v1:<hex>` of all that needs a recreate. */
  hash: string;
  clamps: Clamp[];
};

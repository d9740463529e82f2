import type { Limits } from './desired.ts';

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead';

/** One container of ours, as the engine reports it. */
export type Container = {
  /** Full id. Verbs take only this. */
  id: string;
  name: string;
  state: ContainerState;
  hash: string;
  generation: number;
  imageRef: string;
  imageId: string;
  limits: Limits;
  /** There when the engine would start it again by itself, which no container of ours is made with. */
  restartPolicy?: string;
  /** Names of the networks it is attached to, sorted; `none` counts as no network. */
  networks: string[];
  address: string | null;
  createdAt: string;
  /** Absent when it never ran. */
  startedAt?: string;
  finishedAt?: string;
  exitCode: number;
  /** The engine's text when a start failed. */
  error: string;
  oomKilled: boolean;
  /** Host pid of its first process while it runs. */
  pid?: number;
  /** OOM kills of any of its processes since it started, when the cgroup can be read. */
  oomKills?: number;
  /** Working set in bytes (usage less inactive file pages), when the cgroup can be read. */
  memoryInUseBytes?: number;
};

export type HomeState =
  /** `former`: the newest that it left in the trash, or as an archive. */
  | { kind: 'absent'; former?: string }
  | { kind: 'ready' }
  /** Exists with another owner; never chowned by us. */
  | { kind: 'wrongOwner'; uid: number; gid: number; path: string }
  | { kind: 'unusable'; message: string };

/** What the engine and the host report now for one workspace. */
export type Observed = {
  /** Engine's or host's wall clock at the look, milliseconds since the epoch. */
  at: number;
  /** What its container is called on this engine. */
  ownName: string;
  /** Named `<prefix><name>`; one that was made under another name may still have that, until it is renamed. */
  current?: Container;
  /** Named `<prefix><name>.old.<generation>`, likewise: set aside by a replacement. */
  aside?: Container;
  /** Ours by label under any other name. */
  strays: Container[];
  /** A container that is not its own under one of its names; `ours`: another workspace's. */
  taken?: { id: string; name: string; ours?: true };
  /** The image `fitted.image.ref` points to now; null when the engine has none. */
  imageId: string | null;
  home: HomeState;
  /** Sources of `mounts` that cannot be mounted now, with the reason. */
  missingMounts: { source: string; message: string }[];
};

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

/** Stands where a label of ours has the hash: of a container that was made by hand and taken over. */
const BY_HAND = 'by-hand:';
export const handMadeHash = (id: string): string => `${BY_HAND}${id.slice(0, 24)}`;
/** Somebody else made it, and this workspace took it over. */
export const isHandMade = ({ hash }: Pick<Container, 'hash'>): boolean => hash.startsWith(BY_HAND);

/** A container that somebody else made, as far as it matters to who wants to take it over. */
export type Foreign = {
  /** Whose it is by its labels; absent when they name nobody. `of`: for people, where there is more to say. */
  claim?: { by: 'copy' | 'instance' | 'compose' | 'swarm' | 'kubernetes'; of: string };
  state: ContainerState;
  /** The engine deletes it when it stops (`docker run --rm`). */
  autoRemove: boolean;
  /** What is mounted where the home belongs; `fits` when that is the very home. Absent when nothing is. */
  home?: { source: string; fits: boolean; readOnly: boolean };
  /**
   * What a new container would have otherwise, by spec path and readable; `ports`, `privileges` and the like have no
   * path and are left out when there are none.
   */
  fields: Record<string, string>;
  /** Its environment less that of its image. Values may be secrets: never printed, never stored. */
  env: Record<string, string>;
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
  /** A container that is not its own under one of its names; `ours`: another workspace's, else `foreign`. */
  taken?: { id: string; name: string; ours?: true; foreign?: Foreign };
  /** With its labels, and yet not ours: made from an image that `docker commit` made of its container. */
  copies?: { id: string; name: string }[];
  /** The image `fitted.image.ref` points to now; null when the engine has none. */
  imageId: string | null;
  home: HomeState;
  /** Sources of `mounts` that cannot be mounted now, with the reason. */
  missingMounts: { source: string; message: string }[];
};

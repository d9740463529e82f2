import type { Readable } from 'node:stream';
import type { Limits } from './desired.ts';
import type { Capabilities, Fitted } from './fitted.ts';
import type { HomeMount } from './homes.ts';
import type { ProcessInfo, Readings } from './idle.ts';
import type { Container, Observed } from './observed.ts';
import type { ExecRequest, ExecSession } from './stream.ts';

/** A hint that something happened to a workspace; carries no fact that anyone trusts. */
export type RuntimeHint =
  /** `atMs`: when it happened, wall-clock milliseconds by the engine's clock. */
  | { kind: 'workspace'; name: string; action: string; id?: string; atMs?: number }
  /** Nothing that concerns a workspace, and a sign that the stream is not dead. */
  | { kind: 'alive' }
  /** The stream (re)opened: everything must be listed again, because events in between are lost. */
  | { kind: 'reconnected' }
  | { kind: 'lost'; message: string };

/** All containers of this instance, grouped by workspace name: the truth after a start or a reconnect. */
export type Listing = Map<string, { id: string; name: string; state: Container['state'] }[]>;

export type Adopted = ReadonlyMap<string, string>;

/** The network every workspace sits in, as `reconcilers/host` wants it. */
export type NetworkSpec = { name: string; bridge: string; subnet: string; gateway: string };

/**
 * What the controller needs of an engine, in workspace verbs. Every call has a deadline and fails with WorkdockError:
 * ENGINE_UNREACHABLE or ENGINE_TIMEOUT mean that nothing is known (never "absent"); after a timeout of a mutating call
 * the outcome is unknown and the caller observes again. Verbs that are already true are a success. All but `create`
 * take full ids and act on nothing else.
 */
export type Runtime = {
  capabilities: () => Promise<Capabilities>;
  /** `adopted`: the name of each container whose labels say another one, or none, by full id. */
  list: (adopted?: Adopted) => Promise<Listing>;
  /**
   * One look. With `seen`, an earlier look of the same pass, it may leave out the search for containers under foreign
   * names and for the image's id: both change by other hands only, and those are looked for again by the next pass.
   */
  observe: (fitted: ObserveKey, seen?: Observed) => Promise<Observed>;
  ensureImage: (ref: string, pullPolicy: 'IfNotPresent' | 'Always' | 'Never') => Promise<void>;
  ensureHome: (fitted: Fitted) => Promise<void>;
  /** The home as a folder of this host; null when it is none. */
  homeFolder: (fitted: Pick<Fitted, 'home' | 'homeSource'>) => Promise<string | null>;
  /**
   * Moves a home that is a folder of the data folder to the trash beside, by a rename: it is never copied. Returns what
   * it is called there: `ada@20261124T153000Z`, a second later when that is taken. Of one that is gone it is the newest
   * that it left, and null when there is none. A home of another kind stays where it is: null.
   * @throws HOME_UNUSABLE while a container of anybody has it mounted, running or not, and when it cannot be moved (not
   *         a folder, another file system, a mount point); it is where it was then. With `unless` Up, containers that
   *         do not run may have it.
   */
  trashHome: (
    key: Pick<Fitted, 'home' | 'homeSource'>,
    at: string,
    unless?: 'Mounted' | 'Up',
  ) => Promise<string | null>;
  /** Mounts of all containers of the engine, anybody's and stopped ones too, at or below a folder of this host. */
  mountsBelow: (folder: string) => Promise<HomeMount[]>;
  create: (fitted: Fitted, generation: number) => Promise<string>;
  /** What is not named in `limits` stays as it is. The engine is told never to start it by itself. */
  update: (id: string, limits: Partial<Limits>) => Promise<void>;
  connect: (id: string, fitted: Fitted) => Promise<void>;
  disconnect: (id: string, network: string) => Promise<void>;
  /** Makes sure first that the container's passwd and group know the owner. */
  start: (id: string, fitted: Fitted) => Promise<void>;
  stop: (id: string, graceSeconds: number) => Promise<void>;
  pause: (id: string) => Promise<void>;
  unpause: (id: string) => Promise<void>;
  setAside: (id: string, name: string, generation: number) => Promise<void>;
  restore: (id: string, name: string) => Promise<void>;
  remove: (id: string) => Promise<void>;
  /**
   * What is in the container and neither in its image nor in a mount, without what the engine and workdock put there
   * themselves. Slow on a big layer, so only for who asks. ENGINE_CONFLICT when it is gone.
   */
  diff: (id: string) => Promise<WrittenLayer>;
  /** The network as it is: null when absent; `problem` when it exists and is not as wanted or not ours. */
  network: (wanted: NetworkSpec) => Promise<{ problem?: string } | null>;
  ensureNetwork: (wanted: NetworkSpec) => Promise<void>;
  /** Subnets of the engine's other networks, to choose a free one. */
  takenSubnets: () => Promise<string[]>;
  /**
   * One look from outside at a running container; `pid` is the host's of its first process. Never fails: what cannot be
   * read says so in its reading. The kernels are asked only on demand, because that speaks to a program of the user.
   */
  readSignals: (container: RunningContainer, ask: { kernels: boolean }) => Promise<Readings>;
  /** What runs in it for somebody: all but its init and the keeper. Fails with ENGINE_CONFLICT when it ended. */
  processes: (container: RunningContainer) => Promise<ProcessInfo[]>;
  /** Writes to every terminal somebody sits at, and returns how many took it. Never waits, never counts as input. */
  tellTerminals: (container: RunningContainer, text: string) => Promise<number>;
  /** Runs a command in a running container. ENGINE_CONFLICT when it is not running, or is gone. */
  exec: (id: string, request: ExecRequest) => Promise<ExecSession>;
  /**
   * What the container's first process has written, the last `tail` lines of it or all; with `follow` until it stops
   * or `signal` fires, which ends both. ENGINE_CONFLICT when it is gone. An engine that leaves is an error of both.
   */
  logs: (id: string, options: LogOptions, signal: AbortSignal) => Promise<{ stdout: Readable; stderr: Readable }>;
  /** Hangs up the terminals that an earlier controller left open when it was killed; returns how many. */
  hangUpLeftovers: (adopted?: Adopted) => Promise<number>;
  watch: (onHint: (hint: RuntimeHint) => void) => { close: () => void };
};

export type WrittenEntry = { path: string; kind: 'added' | 'changed' | 'removed' };
/** At most so many entries of a layer are named. */
export const writtenMost = 20;
/** A new folder stands for all that is in it. `more`: entries beyond those named. */
export type WrittenLayer = { entries: WrittenEntry[]; more: number; bytes: number };

/** A container that runs, as the engine reported it: full id, and the host pid of its first process. */
export type RunningContainer = { id: string; pid: number };

export type LogOptions = { tail?: number; follow: boolean };

/** What `observe` looks for; a Fitted has it all. `homeSource` etc. are absent for a workspace without a valid spec. */
export type ObserveKey = Pick<Fitted, 'name'> &
  Partial<Pick<Fitted, 'image' | 'home' | 'homeSource' | 'identity' | 'mounts'>> & {
    /** Full ids of containers that were made under another name, or by hand, and are its own. */
    adopted?: readonly string[];
    /** Ids of containers that were made under this name and are another's. */
    given?: readonly string[];
  };

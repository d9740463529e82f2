import type { Identity } from './fitted.ts';
import type { Approved, HeldList } from './held.ts';
import type { IdleMemory } from './idle.ts';
import type { Intent } from './intent.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from './status.ts';

/** Durable decisions, `<data>/.workdock/intents/<name>.json`. A write returns only after fsync of file and folder. */
export type IntentStore = {
  all: () => Intent[];
  get: (name: string) => Intent | undefined;
  /** Writes are serialised per name; `change` gets a fresh intent (generation 0) when there is none. */
  update: (name: string, change: (intent: Intent) => Intent) => Promise<Intent>;
  /** Nothing is known of the name any more; returns after fsync of the folder. */
  remove: (name: string) => Promise<void>;
};

/** Specs that came through the API, `<data>/.workdock/specs/<name>.yaml`: a source like the folders of the config. */
export type SpecFileStore = {
  folder: string;
  pathOf: (name: string) => string;
  /** Undefined when there is none. */
  read: (name: string) => Promise<string | undefined>;
  /** Returns after fsync of file and folder; a failure (NOT_PERSISTED) leaves the old file whole. */
  write: (name: string, text: string) => Promise<void>;
};

/** `<data>/.workdock/instance.json`. */
export type InstanceRecord = {
  schemaVersion: 1;
  /** Random, names this data folder in labels and rules. */
  uid: string;
  /** Random hex; keys the digest of secret values so that a label does not reveal them. */
  key: string;
  createdAt: string;
  subnet?: string;
  /** Host part of the fixed address of each workspace: `ada: 2` is the subnet's base + 2. Never given twice. */
  addresses: Record<string, number>;
  /** `suspend --all`. */
  suspend?: { at: string; until?: string };
  /** The change of the sources that is held, by the names it is of. `of`: how many ran when it was. */
  heldChange?: { hash: string; since: string; of?: number; members: Record<string, HeldMember> };
  /** What was let through last, so that who asks for it again is told so. */
  approvals?: Omit<Approved, 'outcome'>[];
  /** What the sources were when nobody was missing in them, or a person let removals through (`Scan.roots`). */
  roots?: Record<string, string>;
};
/** `digest`: of the spec that is held. `ran`: when it was. `by`: the commit that brought it, for people. */
export type HeldMember = { digest: string; ran: boolean; by?: string };
export type InstanceStore = {
  get: () => InstanceRecord;
  update: (change: (record: InstanceRecord) => InstanceRecord) => Promise<InstanceRecord>;
};

/** Owner to numbers, `<data>/.workdock/uids.json`: allocated once, never reused. The config's `users` come first. */
export type UidLedger = {
  identityOf: (owner: string) => Promise<Identity>;
  /** Who has a uid, or had it. */
  ownerOf: (uid: number) => string | undefined;
  /** One durable write for all owners that have no numbers yet. Who cannot get any is told by `identityOf`. */
  reserve: (owners: readonly string[]) => Promise<void>;
};

/** The state folder: a cache for readers. A failed write is a condition (StatusPersisted), never an exception. */
export type StatusStore = {
  get: (name: string) => WorkspaceStatus | undefined;
  publish: (status: WorkspaceStatus) => void;
  /** Names that are neither declared nor known to intents or engine any more. */
  forget: (name: string) => void;
  summary: () => Summary;
  setHost: (host: Summary['host']) => void;
  setHeld: (held: HeldList[]) => void;
  /** Resolves when everything published so far is on disk, or was found unwritable. */
  flush: () => Promise<void>;
  problem: () => string | null;
  close: () => Promise<void>;
};

export type EventFilter = { name?: string; limit?: number };
/** `<state>/events/<name>.ndjson`: size-capped, equal events in a row are one with a count. */
export type EventLog = {
  emit: (event: Omit<WorkspaceEvent, 'at' | 'count'>) => void;
  read: (filter: EventFilter) => Promise<WorkspaceEvent[]>;
  subscribe: (listener: (event: WorkspaceEvent) => void) => () => void;
  close: () => Promise<void>;
};

/** `<state>/idle.json`: what is remembered of quiet stretches. A cache: without it everybody counts from zero. */
export type IdleMemories = {
  get: (name: string) => IdleMemory | undefined;
  /** Reaches the disk within a minute; `soon`: within a second, because an older one would be wrong. */
  set: (name: string, memory: IdleMemory, soon: boolean) => void;
  forget: (name: string) => void;
  close: () => Promise<void>;
};

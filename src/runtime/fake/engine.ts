import { type ErrorCode, WorkdockError } from '../../lib/errors.ts';
import type { Limits } from '../../model/desired.ts';
import type { ContainerState, Foreign } from '../../model/observed.ts';
import { type FakeSignals, quietSignals } from './signals.ts';

/** A container as the fake engine keeps it: what Docker would keep, as far as a workspace can tell. */
export type FakeContainer = {
  id: string;
  name: string;
  /** The workspace it was made for; null for somebody else's. */
  workspace: string | null;
  /** Of somebody else's what matters to who takes it over, where that is not plain. */
  foreign?: Partial<Foreign>;
  state: ContainerState;
  hash: string;
  generation: number;
  imageRef: string;
  imageId: string;
  limits: Limits;
  restartPolicy?: string | undefined;
  networks: Map<string, string | null>;
  homeSource: string;
  mountSources: string[];
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  exitCode: number;
  error: string;
  oomKilled: boolean;
  oomKills: number;
  memoryInUseBytes: number;
  /** What hands wrote into the container itself: path to bytes. */
  written: Map<string, number>;
  /** Of its present run; of its last one while it is down. */
  signals: FakeSignals;
};

/** The state of one fake engine and its host; tests reach in as hands would. */
export type FakeEngine = {
  containers: Map<string, FakeContainer>;
  /** Image ref to image id. */
  images: Map<string, string>;
  /** Refs a pull would find. */
  registry: Map<string, string>;
  /** Home source to its owner's uid and gid, and the names that wrote to it. */
  homes: Map<string, { uid: number; gid: number; mark: string; unusable?: string }>;
  /** What homes left: entry to what was in it. */
  trash: Map<string, { uid: number; gid: number; mark: string; unusable?: string }>;
  missingMounts: Set<string>;
  network: { subnet: string } | null;
  reachable: boolean;
  /** Revisions (hashes) or images (ids) whose container ends at once with exit 1; `*` stands for the next one made. */
  crashing: Set<string>;
  /** Revisions whose start the engine refuses; `*` likewise. */
  unstartable: Set<string>;
  now: () => number;
  /** Milliseconds that never jump; CPU time and traffic grow by them. */
  monotonic: () => number;
  /** Mutating calls that reached the engine, newest last: `start <id>`. */
  calls: string[];
  /** Container id to what ends its commands at once. */
  execs: Map<string, Set<() => void>>;
  /** Revisions (hashes) to what their first process writes, a line each. */
  logs: Map<string, { stream: 'stdout' | 'stderr'; line: string }[]>;
  counter: number;
};

export const makeFakeEngine = (now: () => number = Date.now, monotonic: () => number = now): FakeEngine => ({
  containers: new Map(),
  images: new Map(),
  registry: new Map(),
  homes: new Map(),
  trash: new Map(),
  missingMounts: new Set(),
  network: null,
  reachable: true,
  crashing: new Set(),
  unstartable: new Set(),
  now,
  monotonic,
  calls: [],
  execs: new Map(),
  logs: new Map(),
  counter: 0,
});

/** The engine was restarted: without live-restore every process ends, and what was up is exited. */
export function restartEngine(engine: FakeEngine) {
  for (const c of engine.containers.values()) if (isUp(c)) end(engine, c, 137);
}

export const isUp = (c: FakeContainer): boolean =>
  c.state === 'running' || c.state === 'paused' || c.state === 'restarting';

/** Its revision or its image has this fate. */
export const isDoomed = (fate: Set<string>, { hash, imageId }: Pick<FakeContainer, 'hash' | 'imageId'>): boolean =>
  fate.has(hash) || fate.has(imageId);

/** Begins a run. Engines stamp it finer than a millisecond: two runs never begin at the same moment. */
export function begin(engine: FakeEngine, c: FakeContainer) {
  c.startedAt = Math.max(engine.now(), (c.startedAt ?? Number.NEGATIVE_INFINITY) + 1);
  Object.assign(c, {
    state: 'running',
    exitCode: 0,
    error: '',
    oomKills: 0,
    signals: quietSignals(engine.monotonic()),
  });
  if (isDoomed(engine.crashing, c)) end(engine, c, 1);
}

export function end(engine: FakeEngine, c: FakeContainer, exitCode: number) {
  c.state = 'exited';
  c.finishedAt = Math.max(engine.now(), c.startedAt ?? 0);
  c.exitCode = exitCode;
  for (const stop of engine.execs.get(c.id) ?? []) stop();
}

/** What an engine answers when it refuses. */
export const fail = (code: ErrorCode, text: string, hint = 'see the engine'): never => {
  throw new WorkdockError(code, text, { hint });
};

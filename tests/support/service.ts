import { Readable } from 'node:stream';
import { makeApprove } from '../../src/approve.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { Condition, WorkspaceConditionType } from '../../src/model/conditions.ts';
import type { HeldList } from '../../src/model/held.ts';
import type { CleanupRow, Description, IdleRow, PlanRow, Service, TopRow } from '../../src/model/service.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from '../../src/model/status.ts';
import { isDown } from '../../src/model/status.ts';
import { waitingFor } from '../../src/model/update.ts';
import { memoryInstance } from './memory-stores.ts';

const AT = '2026-01-02T03:04:05.000Z';

export function condition(
  type: WorkspaceConditionType,
  status: Condition['status'],
  rest: Partial<Condition> = {},
): Condition<WorkspaceConditionType> {
  const text = { reason: `${type}${status}`, message: `${type} is ${status}` };
  return { ...text, lastTransitionTime: AT, observedGeneration: 1, ...rest, type, status };
}

/** A running workspace, but for what the test is about. */
export function workspace(name: string, over: Partial<WorkspaceStatus> = {}): WorkspaceStatus {
  return {
    schemaVersion: 1,
    name,
    owner: name,
    labels: {},
    generation: 1,
    observedGeneration: 1,
    phase: 'Running',
    conditions: [condition('Ready', 'True')],
    container: {
      id: 'c'.repeat(64),
      name: `ws-${name}`,
      image: 'img',
      imageId: 'sha256:1',
      startedAt: AT,
      hash: 'v1:1',
    },
    limits: { cpus: 2, memoryBytes: 8 * 2 ** 30, pids: 512 },
    memoryInUseBytes: 1.2 * 2 ** 30,
    pending: [],
    drift: [],
    plan: [],
    last: { trigger: 'resync', because: 'spec.state Running' },
    message: '',
    since: AT,
    ...over,
  };
}

export type MemoryService = Service & {
  setIdle: (rows: IdleRow[]) => void;
  setTop: (rows: TopRow[]) => void;
  /** What `cleanup` was asked, and what it answers. */
  cleanups: { asked: { idleMinutes: number; dryRun: boolean }[]; rows: CleanupRow[] };
  /** What `keep` was asked. */
  kept: Map<string, number>;
  /** Adds or changes a workspace, as a pass of the controller would. */
  set: (status: WorkspaceStatus) => void;
  /** Something happens to a workspace. */
  happen: (name: string, reason: string) => WorkspaceEvent;
  setPlan: (rows: PlanRow[]) => void;
  setHeld: (lists: HeldList[]) => void;
  setHost: (host: Summary['host']) => void;
  /** Open subscriptions. */
  listeners: () => number;
  /** What `suspend` was told last: name or null, and for how long. */
  brakes: Map<string | null, number | undefined>;
  /** Specs as they were handed in. */
  written: Map<string, unknown>;
};

/**
 * The service over workspaces in memory, for the API and the verbs. `start` and `stop` are stored at once and obeyed
 * after `obeyAfterMs` (0 = at once), because the real one answers before the engine has obeyed too.
 */
export function memoryService(
  statuses: WorkspaceStatus[],
  { obeyAfterMs = 0, updatesAtOnce = 1, unstartable = new Set<string>() } = {},
): MemoryService {
  const all = new Map(statuses.map((status) => [status.name, status]));
  const log: WorkspaceEvent[] = [];
  const listeners = new Set<(event: WorkspaceEvent) => void>();
  const brakes = new Map<string | null, number | undefined>();
  const written = new Map<string, unknown>();
  let plan: PlanRow[] = [];
  let idle: IdleRow[] = [];
  let top: TopRow[] = [];
  const cleanups: MemoryService['cleanups'] = { asked: [], rows: [] };
  const kept = new Map<string, number>();
  let host: Summary['host'] = { conditions: [] };
  let heldLists: HeldList[] = [];

  const at = (name: string): WorkspaceStatus => {
    const status = all.get(name);
    if (status) return status;
    throw new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: '`workdock get` lists them' });
  };
  const obey = (status: WorkspaceStatus): void => {
    if (obeyAfterMs === 0) all.set(status.name, status);
    else setTimeout(() => all.set(status.name, status), obeyAfterMs);
  };
  const mayRun = (name: string): WorkspaceStatus => {
    if (!brakes.has(name) && !brakes.has(null)) return at(name);
    throw new WorkdockError('REFUSED', `${name} is suspended`, { hint: `workdock resume ${name}` });
  };
  const happen = (name: string, reason: string): WorkspaceEvent => {
    const event: WorkspaceEvent = { at: AT, name, type: 'Normal', reason, message: `${reason} of ${name}`, count: 1 };
    log.push(event);
    for (const listener of listeners) listener(event);
    return event;
  };
  const events = (name?: string, limit = 1_000) =>
    limit === 0 ? [] : log.filter((event) => name === undefined || event.name === name).slice(-limit);
  const running = (status: WorkspaceStatus, startedAt: string): WorkspaceStatus => ({
    ...status,
    phase: 'Running',
    conditions: [condition('Ready', 'True')],
    ...(status.container ? { container: { ...status.container, startedAt } } : {}),
  });

  const noHomes = () => Promise.reject(new WorkdockError('NOT_FOUND', 'no home', { hint: '' }));
  return {
    homes: {
      ...{ list: async () => [], trash: async () => [], size: noHomes, archive: noHomes, restore: noHomes },
      ...{ purge: noHomes, empty: noHomes },
    },
    summary: () => ({
      schemaVersion: 1,
      writtenAt: AT,
      controller: {
        pid: process.pid,
        version: '0',
        instance: 'test',
        uid: 'u1',
        startedAt: AT,
        socket: '',
        specs: [],
        data: '',
      },
      host,
      workspaces: {},
    }),
    list: () => [...all.values()],
    describe: async (name): Promise<Description> => ({ status: at(name), problems: [], events: events(name, 10) }),
    problems: () => [],
    metrics: async () => '# HELP workdock_workspaces x\n',
    exec: async () => Promise.reject(new WorkdockError('REFUSED', 'nothing runs here', { hint: '' })),
    logs: async () => ({ stdout: Readable.from([]), stderr: Readable.from([]) }),
    putSpec: async (name, given, options) => {
      const known = written.has(name);
      if (!known || !options.ifAbsent) written.set(name, given);
      const source = { path: `/data/.workdock/specs/${name}.yaml`, sha256: 's' };
      return { name, outcome: known ? 'updated' : 'created', source };
    },
    plan: async (name) => {
      if (name !== undefined) at(name);
      return plan.filter((row) => name === undefined || row.name === name);
    },
    events: async ({ name, limit }) => events(name, limit),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async (name) => {
      const before = mayRun(name);
      obey(running(before, AT));
      return before;
    },
    stop: async (name) => {
      const before = mayRun(name);
      obey({ ...before, phase: 'Held', conditions: [condition('Ready', 'False')] });
      return before;
    },
    restart: async (name) => {
      const before = mayRun(name);
      obey(running(before, new Date().toISOString()));
      return before;
    },
    update: async (name, withinMs) => {
      const before = mayRun(name);
      if (waitingFor(before).length === 0) return { name, status: before, outcome: 'upToDate' };
      if (isDown(before)) return { name, status: before, outcome: 'atNextStart' };
      const open = [...all.values()].filter(({ update }) => update && !update.outcome).map((each) => each.name);
      if (open.length >= updatesAtOnce) return { name, status: before, outcome: 'later', onTheirWay: open };
      const at = new Date().toISOString();
      const order = { at, readyBy: new Date(Date.parse(at) + withinMs).toISOString() };
      all.set(name, { ...before, update: order });
      const end = unstartable.has(name) ? ({ outcome: 'putBack', message: 'exit code 3' } as const) : undefined;
      const after = { ...running(before, at), update: { ...order, ...(end ?? { outcome: 'updated' as const }) } };
      obey(end ? after : { ...after, pending: [] });
      return { name, status: before, outcome: 'asked', order };
    },
    held: () => heldLists,
    approve: makeApprove({
      lists: () => heldLists,
      letThrough: async ({ hash, items }) => {
        heldLists = heldLists.filter((list) => list.hash !== hash);
        return items.map(({ name }) => name);
      },
      instance: memoryInstance(),
    }),
    setHeld: (lists) => {
      heldLists = lists;
    },
    suspend: async (name, forMs) => {
      if (name !== null) at(name);
      brakes.set(name, forMs);
    },
    resume: async (name) => {
      if (name === null) brakes.clear();
      else if (at(name)) brakes.delete(name);
    },
    health: async () => host,
    idle: async () => idle,
    top: async () => top,
    cleanup: async (asked) => {
      cleanups.asked.push(asked);
      return cleanups.rows;
    },
    keep: async (name, forMs) => {
      const { phase } = at(name);
      kept.set(name, forMs);
      const most = 7 * 24 * 3_600_000;
      if (forMs === 0) return { name, phase, lease: null };
      const until = new Date(Date.parse(AT) + Math.min(forMs, most)).toISOString();
      return { name, phase, lease: { until, by: 'person' as const }, ...(forMs > most && { cappedFromMs: forMs }) };
    },
    setIdle: (rows) => {
      idle = rows;
    },
    setTop: (rows) => {
      top = rows;
    },
    cleanups,
    kept,
    set: (status) => void all.set(status.name, status),
    happen,
    setPlan: (rows) => {
      plan = rows;
    },
    setHost: (next) => {
      host = next;
    },
    listeners: () => listeners.size,
    brakes,
    written,
  };
}

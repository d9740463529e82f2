import { type Clock, timestamp } from '../../src/lib/clock.ts';
import { sameJson } from '../../src/lib/json.ts';
import type { Intent } from '../../src/model/intent.ts';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from '../../src/model/status.ts';
import type { EventLog, InstanceRecord, InstanceStore, IntentStore, StatusStore } from '../../src/model/store.ts';

const fresh = (name: string): Intent => ({
  ...{ schemaVersion: 1, name, generation: 0, digest: '', seq: 0, revisions: {} },
});

/**
 * Intents in memory. `beforeWrite` may throw, as a full disk or a kill would: nothing is written then. What
 * `afterWrite` throws comes too late for that.
 */
export function memoryIntents(
  beforeWrite: (intent: Intent) => void = () => undefined,
  afterWrite: (intent: Intent) => void = () => undefined,
) {
  const all = new Map<string, Intent>();
  let writes = 0;
  const store: IntentStore = {
    all: () => [...all.values()],
    get: (name) => all.get(name),
    update: async (name, change) => {
      const before = all.get(name) ?? fresh(name);
      const after = change(before);
      if (all.has(name) && sameJson(before, after)) return before;
      beforeWrite(after);
      all.set(name, structuredClone(after));
      writes += 1;
      afterWrite(after);
      return after;
    },
    remove: async (name) => {
      if (!all.has(name)) return;
      beforeWrite(fresh(name));
      all.delete(name);
      writes += 1;
      afterWrite(fresh(name));
    },
  };
  return { store, writes: () => writes, forget: (name: string) => all.delete(name) };
}

/** Status in memory; `changes` counts what a file system would have been asked to write. */
export function memoryStatus() {
  const all = new Map<string, WorkspaceStatus>();
  const texts = new Map<string, string>();
  let host: Summary['host'] = { conditions: [] };
  let changes = 0;
  const controller: Summary['controller'] = {
    ...{ pid: 1, version: '0', instance: 'test', uid: 'u', startedAt: '', socket: '', specs: [], data: '' },
  };
  const store: StatusStore = {
    get: (name) => all.get(name),
    publish: (status) => {
      const text = JSON.stringify(status);
      if (texts.get(status.name) === text) return;
      texts.set(status.name, text);
      changes += 1;
      all.set(status.name, status);
    },
    forget: (name) => void all.delete(name),
    summary: () => ({ schemaVersion: 1, writtenAt: '', controller, host, workspaces: {} }),
    setHost: (next) => {
      host = next;
    },
    setHeld: () => undefined,
    flush: async () => undefined,
    problem: () => null,
    close: async () => undefined,
  };
  return { store, changes: () => changes };
}

/** Every event, none merged. */
export function memoryEvents(clock: Pick<Clock, 'now'>) {
  const all: WorkspaceEvent[] = [];
  const store: EventLog = {
    emit: (event) => void all.push({ ...event, at: timestamp(clock.now()), count: 1 }),
    read: async ({ name, limit }) =>
      all.filter((event) => name === undefined || event.name === name).slice(-(limit ?? all.length)),
    subscribe: () => () => undefined,
    close: async () => undefined,
  };
  const forget = (name: string) => {
    all.splice(0, all.length, ...all.filter((event) => event.name !== name));
  };
  return {
    store,
    forget,
    reasons: (name: string) => all.filter((event) => event.name === name).map(({ reason }) => reason),
  };
}

/** `instance.json` in memory. */
export function memoryInstance(): InstanceStore {
  let record: InstanceRecord = { schemaVersion: 1, uid: 'u', key: 'k', createdAt: '', addresses: {} };
  return {
    get: () => record,
    update: async (change) => {
      record = structuredClone(change(record));
      return record;
    },
  };
}

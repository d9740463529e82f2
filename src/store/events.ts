import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSemaphore } from '../lib/async.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import type { WorkspaceEvent } from '../model/status.ts';
import type { EventLog } from '../model/store.ts';
import { makeCoalescer } from './coalescer.ts';
import { append, readEvents, readTail, writeEvents } from './event-file.ts';
import { sweepTemporaries } from './replace-file.ts';

const WIDTH = 8;
const DEFAULT_LIMIT = 200;
/** Without a name only the ends of the files are read: about the last 60 events of each. */
const TAIL_BYTES = 24 * 1024;
/** Kept in memory per name while the folder cannot be written. */
const MAX_UNWRITTEN = 100;

/** Names of workspaces as they are; anything else cannot leave the folder either. */
const fileOf = (name: string): string => `${encodeURIComponent(name).replace(/^\./, '%2E')}.ndjson`;

/** `<state>/events/<name>.ndjson`. Never throws: an unwritable folder keeps the last events in memory. */
export async function openEvents(stateDir: string, { clock }: { clock: Clock }): Promise<EventLog> {
  const folder = join(stateDir, 'events');
  const unwritten = new Map<string, WorkspaceEvent[]>();
  const listeners = new Set<(event: WorkspaceEvent) => void>();
  const limit = makeSemaphore(WIDTH);

  const writeOne = async (name: string): Promise<boolean> => {
    const events = unwritten.get(name) ?? [];
    unwritten.delete(name);
    try {
      await writeEvents(join(folder, fileOf(name)), events);
      return true;
    } catch {
      for (const event of unwritten.get(name) ?? []) append(events, event);
      unwritten.set(name, events.slice(-MAX_UNWRITTEN));
      return false;
    }
  };
  const write = async (names: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    await mkdir(folder, { recursive: true }).catch(() => {});
    const failed = new Set<string>();
    await Promise.all([...names].map((name) => limit(async () => void ((await writeOne(name)) || failed.add(name)))));
    return failed;
  };
  const coalescer = makeCoalescer({ clock, write });
  await sweepTemporaries(folder);

  const tell = (listener: (event: WorkspaceEvent) => void, event: WorkspaceEvent): void => {
    try {
      listener(event);
    } catch {
      listeners.delete(listener); // a broken reader must not fail the pass that has something to say
    }
  };
  const readAll = async (): Promise<WorkspaceEvent[]> => {
    const entries = (await readdir(folder).catch(() => [])).filter((entry) => entry.endsWith('.ndjson'));
    const tails = await Promise.all(entries.map((entry) => limit(() => readTail(join(folder, entry), TAIL_BYTES))));
    return tails.flat().sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  };

  return {
    emit: (event) => {
      const whole: WorkspaceEvent = { ...event, at: timestamp(clock.now()), count: 1 };
      const events = unwritten.get(event.name) ?? [];
      append(events, whole);
      unwritten.set(event.name, events.slice(-MAX_UNWRITTEN));
      coalescer.mark(event.name);
      for (const listener of listeners) tell(listener, whole);
    },
    read: async ({ name, limit: count = DEFAULT_LIMIT }) => {
      await coalescer.flush();
      const events = name === undefined ? await readAll() : await readEvents(join(folder, fileOf(name)));
      for (const [owner, rest] of unwritten) {
        if (name === undefined || name === owner) for (const event of rest) append(events, event);
      }
      return events.slice(-count);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: coalescer.close,
  };
}

import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Low } from 'lowdb';
import { shareNext } from '../lib/async.ts';
import { WorkdockError } from '../lib/errors.ts';
import { sameJson } from '../lib/json.ts';
import { makeJsonAdapter, pretty } from './json-adapter.ts';
import { errnoOf, type JsonRecord, type Read } from './read-json.ts';
import { syncFolder } from './replace-file.ts';

/** Only the controller's account reads what people decided and which numbers they have. */
const MODE = 0o600;

/** One durable record. Readers see the last value that reached the disk, never one that is still on its way. */
export type DurableFile<T> = {
  get: () => T;
  /**
   * Changes run one after the other, and those that come while a write is on share the next one; equal = no write.
   * Returns after fsync of file and folder.
   * @throws NOT_PERSISTED  nothing changed, on disk or here.
   */
  update: (change: (before: T) => T) => Promise<T>;
  /**
   * The file goes, and what comes next begins with `fresh`. Returns after fsync of the folder.
   * @throws NOT_PERSISTED
   */
  remove: (fresh: T) => Promise<void>;
};

type Waiting<T> = { change: (before: T) => T; resolve: (value: T) => void; reject: (error: unknown) => void };

/** The value to begin with; `write` puts it on disk before anybody sees it. */
export type First<T> = { value: T; write: boolean };

/** Reads `path`; `first` decides what an absent or corrupt file means and says what to begin with, or throws. */
export async function openDurableFile<T>(
  path: string,
  valid: (value: JsonRecord) => boolean,
  first: (found: Exclude<Read<T>, { kind: 'ok' }>) => First<T> | Promise<First<T>>,
): Promise<DurableFile<T>> {
  const adapter = makeJsonAdapter<T>({ path, mode: MODE, valid, render: pretty, syncFolder: true });
  const found = await adapter.load();
  const begin = found.kind === 'ok' ? { value: found.value, write: false } : await first(found);
  const database = new Low<T>(adapter, begin.value);
  let committed = begin.value;
  let waiting: Waiting<T>[] = [];

  /** Values that stand for no file. */
  const empty = new Set<T>();
  const unwrite = async (): Promise<void> => {
    await unlink(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
    await syncFolder(dirname(path));
    adapter.forget();
  };

  const commit = async (next: T): Promise<T> => {
    try {
      database.data = next;
      await (empty.delete(next) ? unwrite() : database.write());
    } catch (cause) {
      const hint = 'free space or make the data folder writable; it is tried again';
      throw new WorkdockError('NOT_PERSISTED', `cannot write ${path}: ${errnoOf(cause)}`, { hint, cause });
    }
    committed = next;
    return committed;
  };
  /** All that wait: each sees what those before it made; who changes nothing needs no write. */
  const writeAll = shareNext(async () => {
    const batch = waiting;
    waiting = [];
    let next = committed;
    const dirty: (Waiting<T> & { value: T })[] = [];
    for (const each of batch) {
      try {
        const changed = each.change(next);
        if (changed !== next && !sameJson(changed, next)) next = changed;
        if (next === committed) each.resolve(next);
        else dirty.push({ ...each, value: next });
      } catch (error) {
        each.reject(error);
      }
    }
    if (dirty.length === 0) return;
    try {
      await commit(next);
      for (const { resolve, value } of dirty) resolve(value);
    } catch (error) {
      for (const { reject } of dirty) reject(error);
    }
  });
  if (begin.write) await commit(begin.value);

  const update = (change: (before: T) => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ change, resolve, reject });
      void writeAll();
    });
  return {
    get: () => committed,
    update,
    remove: async (fresh) => {
      empty.add(fresh);
      await update(() => fresh);
      empty.delete(fresh);
    },
  };
}

import { join } from 'node:path';
import type { Clock } from '../lib/clock.ts';
import type { IdleMemory } from '../model/idle.ts';
import type { IdleMemories } from '../model/store.ts';
import { makeJsonAdapter } from './json-adapter.ts';
import { isRecord, type JsonRecord, unlessNewer } from './read-json.ts';

const MODE = 0o644;
const SOON_MS = 1_000;

type File = { schemaVersion: 1; workspaces: Record<string, IdleMemory> };

const isMemory = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value['run'] === 'string' &&
  ['watchedMs', 'quietFromMs', 'quietLooks'].every((key) => Number.isFinite(value[key])) &&
  isRecord(value['awakeAtMs']);
const valid = ({ workspaces }: JsonRecord): boolean =>
  isRecord(workspaces) && Object.values(workspaces).every(isMemory);
const render = (file: File) => {
  const text = `${JSON.stringify(file)}\n`;
  return { text, key: text };
};

type Options = {
  clock: Clock;
  /** Between two writes; what is newer is lost with a kill, and then a stretch of this length counts as not watched. */
  flushMs: number;
  /** Called when a write begins to fail, and (null) when it works again. */
  onProblem: (problem: string | null) => void;
};

/**
 * `<state>/idle.json`. What cannot be read is as good as absent, what cannot be written is lost.
 * @throws STATE_NEWER
 */
export async function openIdleMemories(
  stateDir: string,
  { clock, flushMs, onProblem }: Options,
): Promise<IdleMemories> {
  const path = join(stateDir, 'idle.json');
  const adapter = makeJsonAdapter<File>({ path, mode: MODE, valid, render, syncFolder: false });
  const found = await adapter.load().catch(unlessNewer);
  const all = new Map(Object.entries(found?.kind === 'ok' ? found.value.workspaces : {}));
  let dirty = false;
  let closed = false;
  let problem: string | null = null;
  let alarm: { atMs: number; cancel: () => void } | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    const failed = await adapter.write({ schemaVersion: 1, workspaces: Object.fromEntries(all) }).then(
      () => null,
      (error: unknown) => String(error),
    );
    if ((failed === null) !== (problem === null)) onProblem(failed);
    problem = failed;
  };
  const flush = (): Promise<void> => {
    alarm?.cancel();
    alarm = undefined;
    writing = writing.then(write);
    return writing;
  };
  const flushWithin = (ms: number): void => {
    const atMs = clock.monotonic() + ms;
    if (alarm && alarm.atMs <= atMs) return;
    alarm?.cancel();
    alarm = { atMs, cancel: clock.timer(ms, () => void flush()) };
  };
  const changed = (ms: number): void => {
    if (closed) return; // nothing is written into a folder that somebody else may have by now
    dirty = true;
    flushWithin(ms);
  };

  return {
    get: (name) => all.get(name),
    set: (name, memory, soon) => {
      if (all.get(name) === memory) return;
      all.set(name, memory);
      changed(soon ? Math.min(SOON_MS, flushMs) : flushMs);
    },
    forget: (name) => {
      if (all.delete(name)) changed(flushMs);
    },
    close: () => {
      closed = true;
      return flush();
    },
  };
}

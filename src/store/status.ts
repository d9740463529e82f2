import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Low } from 'lowdb';
import { makeSemaphore } from '../lib/async.ts';
import { type Clock, timestamp } from '../lib/clock.ts';
import { sameJson } from '../lib/json.ts';
import type { Summary, WorkspaceStatus } from '../model/status.ts';
import type { StatusStore } from '../model/store.ts';
import { makeCoalescer } from './coalescer.ts';
import { fileName, nameOf } from './file-name.ts';
import { type JsonAdapter, makeJsonAdapter, pretty } from './json-adapter.ts';
import { type CorruptFile, errnoOf, isRecord, type JsonRecord, putAside } from './read-json.ts';
import { sweepTemporaries, syncFolder } from './replace-file.ts';
import { makeSummaryText, rowOf } from './summary.ts';

const MODE = 0o644;
const WIDTH = 8;
/** How often the files are compared with what was written: all of status.json, a quarter of the others. */
const CHECK_MS = 2_000;
const CHECK_SHARE = 4;
/** The key of status.json among the names of workspaces, none of which is empty. */
const SUMMARY = '';

type Options = {
  controller: Summary['controller'];
  clock: Clock;
  onCorrupt: (file: CorruptFile) => void;
  /** Called when writing begins to fail, changes its reason, or works again (null). */
  onProblem?: (problem: string | null) => void;
};

const validStatus = ({ name, phase, conditions, last }: JsonRecord): boolean =>
  typeof name === 'string' && typeof phase === 'string' && Array.isArray(conditions) && isRecord(last);
const validSummary = ({ workspaces, host }: JsonRecord): boolean => isRecord(workspaces) && isRecord(host);

/**
 * The state folder: `status.json` and `status/<name>.json`. What an earlier run wrote is read back; what is corrupt is
 * put aside and reported. Only the start can throw.
 * @throws STATE_NEWER
 */
export async function openStatus(stateDir: string, options: Options): Promise<StatusStore> {
  const { clock } = options;
  const folder = join(stateDir, 'status');
  const statuses = new Map<string, { status: WorkspaceStatus; text: string }>();
  const files = new Map<string, JsonAdapter<WorkspaceStatus>>();
  const summary: Summary = {
    schemaVersion: 1,
    writtenAt: '',
    controller: options.controller,
    host: { conditions: [] },
    workspaces: {},
  };
  let problem: string | null = null;
  let checks = 0;

  const pathOf = (name: string): string => join(folder, fileName(name));
  const fileOf = (name: string): JsonAdapter<WorkspaceStatus> => {
    const path = pathOf(name);
    const file =
      files.get(name) ??
      makeJsonAdapter<WorkspaceStatus>({ path, mode: MODE, valid: validStatus, render: pretty, syncFolder: false });
    files.set(name, file);
    return file;
  };
  const summaryPath = join(stateDir, 'status.json');
  const summaryFile = makeJsonAdapter<Summary>({
    path: summaryPath,
    mode: MODE,
    valid: validSummary,
    render: makeSummaryText(clock),
    syncFolder: true,
  });

  const put = (status: WorkspaceStatus, text: string): void => {
    statuses.set(status.name, { status, text });
    summary.workspaces[status.name] = rowOf(status);
  };
  const writeOne = async (name: string): Promise<void> => {
    const known = statuses.get(name);
    if (known) return new Low(fileOf(name), known.status).write();
    await unlink(pathOf(name)).catch((error) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
    files.delete(name);
  };
  const report = (found: string | null): void => {
    if (found === problem) return;
    problem = found;
    options.onProblem?.(found);
  };
  const limit = makeSemaphore(WIDTH);
  const write = async (keys: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const failed = new Set<string>();
    let reason: string | null = null;
    const attempt = (key: string, call: () => Promise<unknown>): Promise<void> =>
      limit(call).then(
        () => {},
        (error) => {
          failed.add(key);
          reason = `status cannot be written to ${stateDir}: ${errnoOf(error)}`;
        },
      );
    const names = [...keys].filter((key) => key !== SUMMARY);
    await attempt(SUMMARY, () => mkdir(folder, { recursive: true }));
    await Promise.all(names.map((name) => attempt(name, () => writeOne(name))));
    if (names.length > 0) await attempt(SUMMARY, () => syncFolder(folder));
    if (keys.has(SUMMARY)) await attempt(SUMMARY, () => new Low(summaryFile, summary).write());
    report(reason);
    return failed;
  };
  const coalescer = makeCoalescer({ clock, write });

  const load = async (name: string): Promise<void> => {
    const found = await fileOf(name).load();
    if (found.kind === 'ok' && found.value.name === name) put(found.value, JSON.stringify(found.value));
    else if (found.kind !== 'absent') {
      const message = found.kind === 'corrupt' ? found.message : `${name}.json speaks of another name`;
      options.onCorrupt(await putAside(pathOf(name), clock.now(), message));
    }
  };

  const before = await summaryFile.load();
  if (before.kind === 'ok') {
    const { host, held } = before.value;
    Object.assign(summary, { host, ...(held && { held }) });
  }
  if (before.kind === 'corrupt') options.onCorrupt(await putAside(summaryPath, clock.now(), before.message));
  await Promise.all([stateDir, folder].map(sweepTemporaries));
  const names = (await readdir(folder).catch(() => [])).map(nameOf).filter((name) => name !== undefined);
  await Promise.all(names.map((name) => limit(() => load(name))));
  coalescer.mark(SUMMARY);

  /** Files that somebody deleted or damaged are written again; where one is, the others are looked at too. */
  const check = async (): Promise<void> => {
    const all = [...files];
    const turn = checks % CHECK_SHARE;
    checks += 1;
    const damaged = async (some: typeof all): Promise<boolean> => {
      const found = await Promise.all(
        some.map(([name, file]) => limit(async () => ((await file.intact()) ? '' : name))),
      );
      for (const name of found.filter(Boolean)) coalescer.mark(name);
      return found.some(Boolean);
    };
    const whole = await summaryFile.intact();
    if (!whole) coalescer.mark(SUMMARY);
    if ((await damaged(all.filter((_, i) => i % CHECK_SHARE === turn))) || !whole) await damaged(all);
  };
  let cancelCheck = (): void => {};
  const checkLater = (): void => {
    cancelCheck = clock.timer(CHECK_MS, () => void check().then(checkLater));
  };
  checkLater();

  return {
    get: (name) => statuses.get(name)?.status,
    publish: (status) => {
      fileName(status.name);
      const text = JSON.stringify(status);
      if (statuses.get(status.name)?.text === text) return;
      put(status, text);
      coalescer.mark(status.name);
      coalescer.mark(SUMMARY);
    },
    forget: (name) => {
      if (!statuses.delete(name)) return;
      delete summary.workspaces[name];
      coalescer.mark(name);
      coalescer.mark(SUMMARY);
    },
    summary: () => ({ ...summary, writtenAt: timestamp(clock.now()) }),
    setHost: (host) => {
      summary.host = host;
      coalescer.mark(SUMMARY);
    },
    setHeld: (held) => {
      const { held: before = [] } = summary;
      if (sameJson(before, held)) return;
      if (held.length > 0) summary.held = held;
      else delete summary.held;
      coalescer.mark(SUMMARY);
    },
    flush: coalescer.flush,
    problem: () => problem,
    close: async () => {
      cancelCheck();
      await coalescer.close();
    },
  };
}

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded into a controller by `node --import`: counts what makes a write last (a sync of a file or folder, a rename,
 * an unlink) below the folder it runs in, and kills it with SIGKILL before or after one of them. It does nothing but
 * read until `trap.json` is there, and writes the name of every such act of an armed controller to `durable.log`.
 */
type Trap = { key?: string; nth?: number; when?: 'before' | 'after' };

const root = process.cwd();
const trapFile = join(root, 'trap.json');
const logFile = join(root, 'durable.log');
const counts = new Map<string, number>();

/** `data/.workdock/intents/ada.json`, also for the temporary file that becomes it; ids and times are left out. */
const nameOf = (path: string): string =>
  join(dirname(path), basename(path).replace(/^\.(.+)\.\d+-[0-9a-f]{12}\.tmp$/, '$1'))
    .replace(/@\d{8}T\d{6}Z(\.\d+)?/, '@time')
    .replace(/\.\d+\.[0-9a-f]+\.sock$/, '.sock');

function trap(): Trap | undefined {
  try {
    return JSON.parse(fs.readFileSync(trapFile, 'utf8')) as Trap;
  } catch {
    return undefined;
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000); // until it arrives
}

async function around<T>(op: string, path: string, act: () => Promise<T>): Promise<T> {
  const inside = relative(root, path);
  const armed = inside.startsWith('..') ? undefined : trap();
  if (!armed) return act();
  const key = `${op} ${nameOf(inside)}`;
  const nth = (counts.get(key) ?? 0) + 1;
  counts.set(key, nth);
  fs.appendFileSync(logFile, `${key}\n`);
  const isIt = armed.key === key && armed.nth === nth;
  if (isIt && armed.when === 'before') die();
  const result = await act();
  if (isIt) die();
  return result;
}

if (isMainThread && process.argv.includes('up')) {
  const { promises } = fs;
  const { open, rename, unlink } = promises;
  const paths = new WeakMap<object, string>();
  const probe = await open('/dev/null');
  const handles = Object.getPrototypeOf(probe) as { sync: () => Promise<void> };
  await probe.close();
  const { sync } = handles;
  handles.sync = function (this: object) {
    return around('sync', paths.get(this) ?? '/', () => sync.call(this));
  };
  promises.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    paths.set(handle, String(path));
    return handle;
  };
  promises.rename = (from, to) => around('rename', String(to), () => rename(from, to));
  promises.unlink = (path) => around('unlink', String(path), () => unlink(path));
  syncBuiltinESMExports();
}

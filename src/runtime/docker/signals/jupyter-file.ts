import { join } from 'node:path';
import { readBeneath } from './beneath.ts';
import { innerPid } from './processes.ts';
import { readNow } from './reading.ts';
import type { Sources } from './soon.ts';

/** Where a server listens and how to be let in, as it says in its runtime file. All of it is the user's word. */
export type Server = {
  /** Its pid inside. */
  pid: number;
  port: number;
  hostname: string;
  /** Absolute path of its unix socket; empty when it listens on a port. */
  sock: string;
  secure: boolean;
  /** Starts and ends with `/`. */
  baseUrl: string;
  /** Empty when it wants a password or nothing at all. */
  token: string;
};

const FILE_LIMIT = 64 * 1024;

/**
 * Jupyter's own rule for its runtime folder (`jupyter_core.paths.jupyter_runtime_dir` 5.9).
 * @param environ the server's own environment as it was started, `KEY=value` ended by NUL each.
 */
export function runtimeFolder(environ: string): string {
  const of = (key: string) =>
    environ
      .split('\0')
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  const runtime = of('JUPYTER_RUNTIME_DIR');
  if (runtime) return runtime;
  const data = of('JUPYTER_DATA_DIR');
  if (data) return join(data, 'runtime');
  const shared = of('XDG_DATA_HOME') || join(of('HOME') || '/root', '.local/share');
  return join(shared, 'jupyter/runtime');
}

/** @throws when the text is not what a server writes. */
export function parseServer(text: string, file: string): Server {
  const value: unknown = JSON.parse(text);
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const words = (key: string) => (typeof raw[key] === 'string' ? raw[key] : '');
  const port = Number(raw['port']);
  const sock = words('sock');
  if (sock === '' && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new Error(`${file}: it names no port`);
  const rest = { hostname: words('hostname'), token: words('token') };
  const baseUrl = `/${words('base_url')}/`.replace(/\/{2,}/g, '/');
  return { pid: Number(raw['pid']), port, sock, secure: raw['secure'] === true, baseUrl, ...rest };
}

/** Reads what the server with this host pid wrote about itself. Older ones name their file otherwise. */
export async function readServer(first: number, pid: number, { roots, readSoon }: Sources): Promise<Server> {
  const at = (of: number, file: string) => join(roots.procRoot, String(of), file);
  const inner = innerPid(readNow(at(pid, 'status')), pid);
  const folder = runtimeFolder(await readSoon(at(pid, 'environ')));
  const read = async (name: string): Promise<Server> => {
    const file = join(folder, `${name}-${inner}.json`);
    const server = parseServer(await readBeneath(at(first, 'root'), file, FILE_LIMIT), file);
    if (server.pid !== inner) throw new Error(`${file}: it was left by another server`);
    return server;
  };
  return read('jpserver').catch((error: unknown) =>
    read('nbserver').catch(() => {
      // The usual name is the one to tell people about.
      throw new Error(`${(error as Error).message}; it does not say where it listens, restart it`);
    }),
  );
}

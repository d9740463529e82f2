import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import type { Summary, WorkspaceEvent, WorkspaceStatus } from '../../src/model/status.ts';
import { dropGuard } from './drop-guard.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const launcher = resolve('bin/workdock');

export type Reply = { code: number; stdout: string; stderr: string };
export type Controller = {
  pid: number;
  ended: Promise<number>;
  kill: (signal: NodeJS.Signals) => Promise<number>;
  log: () => string;
};

const defaults: Record<string, string> = {
  defaults: '{image: workdock-test:latest, stopGracePeriod: 3s, resources: {cpu: 500m, memory: 128Mi, pids: 64}}',
  allowedImages: '["workdock-*"]',
  resync: '5s',
  settle: '100ms',
};

/** The lab's own settings, less those that `more` (top-level YAML) says itself. */
const settings = (more: string): string =>
  Object.entries(defaults)
    .filter(([key]) => !more.split('\n').some((line) => line.startsWith(`${key}:`)))
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
    .concat(more);

/** Five lines of YAML, plus whatever `spec` adds under `spec:` (indented by two, one entry per line). */
export const workspaceYaml = (name: string, spec: string[] = [], owner = name): string =>
  ['apiVersion: workdock.dev/v1', 'kind: Workspace', `metadata: {name: ${name}}`, 'spec:', `  owner: ${owner}`]
    .concat(spec.map((line) => `  ${line}`))
    .join('\n')
    .concat('\n');

/**
 * A lab of its own: temporary folders, a prefix nobody else has, the real launcher and the real engine. Everything it
 * made is gone after `dispose`. In `more` (YAML for its workdock.yaml) `{root}` stands for its folder.
 */
export function openLab(more = '', env: Record<string, string> = {}) {
  const prefix = `wt${randomBytes(4).toString('hex')}-`;
  const root = mkdtempSync(join(tmpdir(), 'workdock-lab-'));
  const specs = join(root, 'specs');
  const state = join(root, 'state');
  const data = join(root, 'data');
  const docker = new Docker();
  const controllers: ChildProcess[] = [];
  const afterwards: (() => Promise<unknown>)[] = [];
  mkdirSync(specs);
  writeFileSync(
    join(root, 'workdock.yaml'),
    `prefix: ${prefix}\nspecs: [specs]\n${settings(more.replaceAll('{root}', root))}`,
  );

  const environment = { ...process.env, NO_COLOR: '1', ...env };
  const cli = async (...args: string[]): Promise<Reply> => {
    const child = await run(launcher, args, { cwd: root, env: environment }).catch((error: unknown) => error);
    const { code, stdout, stderr } = child as { code?: number | string; stdout: string; stderr: string };
    return { code: typeof code === 'number' ? code : 0, stdout, stderr };
  };

  let count = 0;
  const up = async ({ ready = true, wrapper = [] as string[] } = {}): Promise<Controller> => {
    count += 1;
    const logFile = join(root, `controller-${count}.log`);
    const [command = launcher, ...args] = [...wrapper, launcher, 'up'];
    const out = openSync(logFile, 'a');
    const child = spawn(command, args, { cwd: root, env: environment, stdio: ['ignore', out, out] });
    controllers.push(child);
    const ended = new Promise<number>((done) => child.once('exit', (code, signal) => done(code ?? (signal ? 128 : 1))));
    const log = () => readFileSync(logFile, 'utf8');
    const kill = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    };
    if (ready) {
      const answers = async () => {
        if (child.exitCode !== null) throw new Error(`the controller ended:\n${log()}`);
        return (await cli('get')).code === 0;
      };
      await until(answers, { deadlineMs: 30_000 });
    }
    return { pid: child.pid ?? 0, ended, kill, log };
  };

  const status = (name: string): WorkspaceStatus | undefined => {
    try {
      return JSON.parse(readFileSync(join(state, 'status', `${name}.json`), 'utf8')) as WorkspaceStatus;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error; // a torn file is a failure, not an absence
    }
  };

  const container = (name: string) => docker.getContainer(`${prefix}${name}`);
  const inspect = (name: string) => container(name).inspect();
  const mine = () => docker.listContainers({ all: true, filters: { name: [`^/${prefix}`] } });

  const sweep = async () => {
    for (const { Id } of await mine()) await ignore(docker.getContainer(Id).remove({ force: true, v: true }));
    const network = docker.getNetwork(`${prefix}net`);
    const ends = await network.inspect().catch(() => undefined);
    // The engine keeps the endpoint of a container that was removed while it started.
    for (const Container of Object.keys(ends?.Containers ?? {})) {
      await ignore(network.disconnect({ Container, Force: true }));
    }
    await ignore(network.remove());
    return (await mine()).length === 0 && (await network.inspect().catch(() => undefined)) === undefined;
  };
  const dispose = async () => {
    for (const child of controllers) if (child.exitCode === null) child.kill('SIGKILL');
    // What a killed controller had asked for may still come.
    await ignore(until(sweep, { deadlineMs: 5_000, everyMs: 200 }));
    const uid = instanceUid(data);
    if (uid) await dropGuard(uid);
    for (const tidy of afterwards) await ignore(tidy());
    rmSync(root, { recursive: true, force: true });
  };
  return {
    ...{ prefix, root, specs, state, data, docker, cli, up, status, container, inspect, mine, dispose },
    write: (file: string, text: string) => {
      mkdirSync(dirname(join(specs, file)), { recursive: true });
      writeFileSync(join(specs, file), text);
    },
    /** Tidies up what the lab does not know of, once its containers are gone. */
    afterwards: (tidy: () => Promise<unknown>) => void afterwards.push(tidy),
    remove: (file: string) => rmSync(join(specs, file)),
    summary: () => JSON.parse(readFileSync(join(state, 'status.json'), 'utf8')) as Summary,
    phase: (name: string, phase: string, deadlineMs = 30_000) =>
      until(() => status(name)?.phase === phase, { deadlineMs, what: () => JSON.stringify(status(name), null, 1) }),
    condition: (name: string, type: string) => status(name)?.conditions.find((condition) => condition.type === type),
    inside: async (name: string, ...argv: string[]) => run('docker', ['exec', `${prefix}${name}`, ...argv]),
    /** What the home says of the last ends; empty when it says nothing. */
    note: (name: string): string => readOr(join(data, 'users', name, '.workdock', 'last-stop.txt'), ''),
    /** What a script prints inside, run by the workspace's user. */
    sh: async (name: string, script: string) =>
      (await run('docker', ['exec', `${prefix}${name}`, 'sh', '-c', script])).stdout.trim(),
    /** Somebody's `docker …` by hand. */
    hand: async (...argv: string[]) => (await run('docker', argv)).stdout.trim(),
    json: async <T>(...argv: string[]): Promise<T> => JSON.parse((await cli(...argv, '-o', 'json')).stdout) as T,
    events: (name: string): WorkspaceEvent[] => readEvents(join(state, 'events', `${name}.ndjson`)),
  };
}
const ignore = (call: Promise<unknown>) => call.catch(() => undefined);

export type Lab = ReturnType<typeof openLab>;

function readOr(path: string, otherwise: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : otherwise;
}

function readEvents(path: string): WorkspaceEvent[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as WorkspaceEvent);
}

/** The uid that our chains and labels carry; undefined when the controller never came so far. */
function instanceUid(data: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(data, '.workdock', 'instance.json'), 'utf8')) as { uid: string }).uid;
  } catch {
    return undefined;
  }
}

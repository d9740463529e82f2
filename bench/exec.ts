import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { openExec } from '../src/client/exec.ts';
import { socketPath } from '../src/lib/socket-path.ts';
import { makeDockerRuntime } from '../src/runtime/docker/docker-runtime.ts';
import { type Lab, openLab, workspaceYaml } from '../tests/support/lab.ts';
import { median, paired, type Row } from './lib/paired.ts';

const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 11);
/** One figure is the median of so many: a single start of a process on a shared machine is mostly luck. */
const RUNS = Number(process.env['BENCH_RUNS'] ?? 5);
const argv = ['true'];

const typical = (once: () => Promise<unknown>) => async (): Promise<number> => {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startMs = performance.now();
    await once();
    times.push(performance.now() - startMs);
  }
  return median(times);
};

const must = (code: number | null) => {
  if (code !== 0) throw new Error(`true ended with ${code}`);
};

/** The engine's own: what its client sends for `docker exec`, through a client that is there already. */
async function bare(container: Docker.Container, User: string): Promise<void> {
  const exec = await container.exec({ Cmd: argv, User, AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const stream = (await exec.start({ hijack: true, stdin: true })) as Duplex;
  stream.end();
  stream.resume();
  await new Promise((done) => stream.once('close', done));
  must((await exec.inspect()).ExitCode);
}

async function throughApi(socket: string): Promise<void> {
  const ask = { argv, env: {}, terminal: null, stdin: true, start: true };
  const session = await openExec(socket, 'ada', ask);
  session.stdin.end();
  for (const stream of [session.stdout, session.stderr]) stream.resume();
  must(await session.exited);
}

function makeThroughPort(id: string, user: string) {
  const { exec } = makeDockerRuntime({ instanceUid: 'bench', prefix: 'x-', mountRoots: [], secrets: async () => ({}) });
  return async (): Promise<void> => {
    const request = { argv, env: {}, workingDir: '/home/user', user, terminal: null, stdin: true };
    const { stdin, stdout, stderr, exited } = await exec(id, request);
    stdin.end();
    for (const stream of [stdout, stderr]) stream.resume();
    must(await exited);
  };
}

const asProcess = (cwd: string, command: string, args: string[]) => (): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { cwd, stdio: 'ignore' });
    child.once('error', failed);
    child.once('exit', (code) => {
      if (code === 0) done();
      else failed(new Error(`${command} ended with ${code}`));
    });
  });

async function measure(lab: Lab): Promise<Row[]> {
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {cpu: 2}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id: id, Config } = await lab.inspect('ada');
  const user = Config.User;
  const container = lab.docker.getContainer(id);
  const { path } = socketPath(lab.state);
  const port = makeThroughPort(id, user);
  const engine = typical(() => bare(container, user));
  const row = (name: string, ours: () => Promise<unknown>, peer: () => Promise<number>) =>
    paired({ name, unit: 'ms', pairs: PAIRS, ours: typical(ours), peer });
  const words = ['exec', 'ada', '--', ...argv];
  const docker = ['exec', `${lab.prefix}ada`, ...argv];
  return [
    await row('exec', () => throughApi(path), engine),
    await row('exec, port alone', port, engine),
    await row(
      'exec-cli',
      asProcess(lab.root, resolve('bin/workdock'), words),
      typical(asProcess(lab.root, 'docker', docker)),
    ),
  ];
}

/** `true` in a workspace: through the controller, through the port alone, and as a process of its own. */
export async function run(): Promise<Row[]> {
  const lab = openLab();
  try {
    return await measure(lab);
  } finally {
    await lab.dispose();
  }
}

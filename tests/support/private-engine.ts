import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { mountDisk } from './small-disk.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const quiet = (command: string, args: string[]) => run(command, args).catch(() => undefined);

/** Lines of /proc/mounts under a folder, innermost first. */
const mountsUnder = (folder: string): string[] =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse();

/** Pids whose command line names the folder: the engine, its containerd and their shims, and nothing else. */
async function pidsOf(folder: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args='], { maxBuffer: 16 << 20 });
  return stdout
    .split('\n')
    .filter((line) => line.includes(folder) && !line.includes('ps -eo'))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}

function pidIn(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10);
  } catch {
    return undefined;
  }
}

/** Neither gone nor a zombie. */
function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export type PrivateEngineOptions = {
  /** The engine's disk is an ext4 file system of its own with so many MiB. */
  diskMib?: number;
  images?: string[];
};

/**
 * A second engine in a network namespace of its own: its bridges, firewall rules and addresses are not the host's. It
 * can be killed, stopped and started again without harm to anybody else's containers.
 */
export async function openPrivateEngine({ diskMib, images = ['workdock-test:latest'] }: PrivateEngineOptions = {}) {
  const root = mkdtempSync(join(tmpdir(), 'wde-'));
  const netns = `wde${randomBytes(4).toString('hex')}`;
  const socketPath = join(root, 'docker.sock');
  const disk = join(root, 'disk');
  const logFile = join(root, 'dockerd.log');
  // Not `ip netns exec`: that mounts a /sys of its own, which hides the cgroups.
  const enter = ['nsenter', `--net=/run/netns/${netns}`] as const;
  const docker = new Docker({ socketPath });
  let daemon: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  const configure = (more: Record<string, unknown>) =>
    writeFileSync(join(root, 'daemon.json'), JSON.stringify({ 'storage-driver': 'overlay2', ...more }));
  const answers = () =>
    docker.ping().then(
      () => true,
      () => false,
    );
  const log = () => readFileSync(logFile, 'utf8');
  /**
   * A killed engine leaves the pid files of itself and of its containerd, which dies with it. Where nobody reaps
   * orphans at once, the dead still count as alive to the next engine, which then waits for them and gives up.
   */
  const forgetDead = async () => {
    const pidFile = join(root, 'exec/containerd/containerd.pid');
    await until(() => !isAlive(pidIn(pidFile)), { deadlineMs: 20_000, what: 'containerd outlives its engine' });
    for (const file of [pidFile, join(root, 'pid')]) rmSync(file, { force: true });
  };
  const start = async () => {
    await forgetDead();
    const out = openSync(logFile, 'a');
    const flags = ['--config-file', join(root, 'daemon.json'), '--host', `unix://${socketPath}`];
    const place = [
      '--data-root',
      join(disk, 'data'),
      '--exec-root',
      join(root, 'exec'),
      '--pidfile',
      join(root, 'pid'),
    ];
    const child = spawn(enter[0], [...enter.slice(1), 'dockerd', ...flags, ...place], { stdio: ['ignore', out, out] });
    daemon = child;
    ended = new Promise((resolve) => child.once('exit', () => resolve()));
    const early = ended.then(() => {
      throw new Error(`the private engine ended:\n${log().slice(-3_000)}`);
    });
    await Promise.race([until(answers, { deadlineMs: 60_000, what: log }), early]);
    early.catch(() => undefined); // its end later on is no failure of the start
  };
  const signal = async (name: NodeJS.Signals) => {
    daemon?.kill(name);
    if (name === 'SIGKILL' || name === 'SIGTERM') await ended;
  };
  /** Running and answering, whatever was done to it. */
  const revive = async () => {
    daemon?.kill('SIGCONT');
    if (daemon?.exitCode !== null || daemon.signalCode !== null) await start();
    await until(answers, { deadlineMs: 20_000 });
  };
  const load = async () => {
    const host = `unix://${socketPath}`;
    await run('sh', ['-c', `docker save ${images.join(' ')} | docker --host ${host} load`], { maxBuffer: 1 << 20 });
  };

  const dispose = async () => {
    daemon?.kill('SIGCONT');
    const containers = await docker.listContainers({ all: true }).catch(() => []);
    await Promise.all(
      containers.map(({ Id }) =>
        docker
          .getContainer(Id)
          .remove({ force: true })
          .catch(() => undefined),
      ),
    );
    daemon?.kill('SIGKILL');
    await ended;
    await until(
      async () => {
        const left = await pidsOf(root);
        for (const pid of left) process.kill(pid, 'SIGKILL');
        return left.length === 0;
      },
      { deadlineMs: 20_000, everyMs: 100 },
    );
    for (const path of mountsUnder(root)) await quiet('umount', ['-l', path]);
    await quiet('ip', ['netns', 'del', netns]);
    rmSync(root, { recursive: true, force: true });
  };

  try {
    mkdirSync(disk);
    configure({});
    if (diskMib !== undefined) {
      await mountDisk(join(root, 'disk.img'), disk, diskMib);
    }
    await run('ip', ['netns', 'add', netns]);
    await run('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    await start();
    await load();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    docker,
    socketPath,
    root,
    netns,
    disk,
    /** For the environment of a controller and of the docker client. */
    host: `unix://${socketPath}`,
    /** What a controller of this engine is started with: it must see the same bridges and rules. */
    wrapper: [...enter],
    start,
    /** TERM and KILL wait for the end. */
    signal,
    revive,
    /** More of daemon.json, from the next start on. */
    configure,
    log,
    dispose,
  };
}

export type PrivateEngine = Awaited<ReturnType<typeof openPrivateEngine>>;

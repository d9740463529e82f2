import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Ran, runProgram } from './setup-machine.ts';
import { until } from './until.ts';

/** What a boot needs of the distribution's units: targets to hang on to, and the journal. */
const borrowed = [
  ...['sysinit', 'basic', 'multi-user', 'shutdown', 'network-online'].map((name) => `${name}.target`),
  ...['systemd-journald.service', 'systemd-journald.socket'],
];

/**
 * A real systemd as process 1 of its own namespaces, on a copy of this machine's /etc and /var/lib and with its engine.
 * `docker.service` there is a stand-in whose restarts stop nothing.
 */
export async function bootSystemd() {
  const folder = mkdtempSync(join(tmpdir(), 'wd-boot-'));
  const path = (name: string) => join(folder, name);
  for (const name of ['layers', 'run', 'units', 'units/sysinit.target.wants', 'cgroup']) mkdirSync(path(name));
  for (const unit of borrowed) symlinkSync(`/lib/systemd/system/${unit}`, path(`units/${unit}`));
  symlinkSync(
    '/lib/systemd/system/systemd-journald.service',
    path('units/sysinit.target.wants/systemd-journald.service'),
  );
  writeFileSync(path('units/docker.service'), '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n');
  await must('mount', '-t', 'tmpfs', 'tmpfs', path('layers'));
  await must('mount', '-t', 'cgroup2', 'cgroup2', path('cgroup'));
  const cgroup = mkdtempSync(path('cgroup/workdock-test-'));
  symlinkSync(cgroup, path('own'));
  let outer: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const processOne = () => Number.parseInt(readFileSync(`/proc/${outer?.pid}/task/${outer?.pid}/children`, 'utf8'), 10);
  /** A command of that machine, and whatever it says. */
  const run = (command: string, ...args: string[]): Promise<Ran> =>
    runProgram('nsenter', ['-t', `${processOne()}`, '-m', '-p', '-i', '-u', '-C', '--', command, ...args], {
      cwd: '/',
      env: { PATH: process.env['PATH'], NO_COLOR: '1' },
      deadlineMs: 60_000,
    });
  const boot = async () => {
    const child = spawn('sh', [resolve('tests/support/boot-systemd.sh'), folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    outer = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    ended = new Promise((done) => child.once('exit', done));
    const isUp = async () => (await run('systemctl', 'is-active', 'multi-user.target')).stdout.trim() === 'active';
    await until(isUp, { deadlineMs: 30_000, everyMs: 100, what: () => said });
  };
  /** All its processes die at once, as with the power. */
  const cut = async () => {
    outer?.kill('SIGKILL');
    await ended;
    await until(() => removeCgroups(cgroup), { deadlineMs: 20_000, everyMs: 50, what: 'processes of a dead system' });
  };
  onTestFinished(async () => {
    await cut();
    rmdirSync(cgroup);
    for (const name of ['cgroup', 'layers']) await must('umount', path(name));
    rmSync(folder, { recursive: true });
  }, 60_000);
  await boot();
  return { run, cut, boot };
}

async function must(command: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await runProgram(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** Cgroups below this one; true when they are gone, which takes until their last process is. */
function removeCgroups(folder: string): boolean {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const below = join(folder, entry.name);
    removeCgroups(below);
    rmdirSync(below);
  }
  return readFileSync(join(folder, 'cgroup.procs'), 'utf8') === '';
}

import { describe, expect, test } from 'vitest';
import { linesOf, makeMachine } from '../support/setup-machine.ts';

type Machine = Awaited<ReturnType<typeof makeMachine>>;
type Case = { name: string; make: (machine: Machine) => Promise<unknown>; env?: NodeJS.ProcessEnv; says: RegExp[] };

const nothing = () => Promise.resolve();
const cannotStart: Case[] = [
  {
    name: 'dockerd without a socket is an engine that is not started',
    make: (machine) => machine.program('usr/sbin/dockerd'),
    says: [/not started/, /start it/],
  },
  {
    name: 'dockerd on the PATH only is an engine that is not started',
    make: (machine) => machine.program('usr/bin/dockerd'),
    says: [/not started/, /start it/],
  },
  {
    name: 'a socket that nobody listens on is an engine that is not started',
    make: (machine) => machine.file('var/run/docker.sock', ''),
    says: [/not started/, /start it/],
  },
  {
    name: 'podman alone is an engine that nothing is put beside',
    make: (machine) => machine.program('usr/bin/podman'),
    says: [/podman is installed/, /install one yourself/],
  },
  {
    name: 'containerd alone is an engine that nothing is put beside',
    make: (machine) => machine.program('usr/local/sbin/containerd'),
    says: [/containerd is installed/, /install one yourself/],
  },
  {
    name: 'a DOCKER_HOST that is a missing socket is named',
    make: nothing,
    env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
    says: [/DOCKER_HOST=unix:\/\/\/nonexistent\/docker.sock does not answer/, /unset DOCKER_HOST/],
  },
  {
    name: 'a DOCKER_HOST that refuses is named, also where a local engine answers',
    make: (machine) => machine.engine('var/run/docker.sock'),
    env: { DOCKER_HOST: 'tcp://127.0.0.1:1' },
    says: [/DOCKER_HOST=tcp:\/\/127.0.0.1:1 does not answer/, /unset DOCKER_HOST/],
  },
  {
    name: 'a docker context that does not answer is named',
    make: (machine) => machine.file('home/.docker/config.json', '{"currentContext": "lab-server"}'),
    says: [/lab-server/, /docker context use default/],
  },
];

describe.for(cannotStart)('$name', ({ make, env, says }) => {
  test.for([{ args: ['--dry-run'] }, { args: [] }])('in one line, nothing installed, up $args', async ({ args }) => {
    const machine = await makeMachine();
    await make(machine);
    const ran = await machine.up(args, env ? { env } : {});
    expect({ code: ran.code, stdout: ran.stdout, lines: linesOf(ran.stderr).length }).toEqual({
      code: 1,
      stdout: '',
      lines: 1,
    });
    for (const part of says) expect(ran.stderr).toMatch(part);
  });
});

test('test ends with the closing line and a code, also when it cannot begin', async () => {
  const machine = await makeMachine();
  await machine.program('usr/sbin/dockerd');
  const ran = await machine.up([], { script: 'test' });
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '0 passed, 1 failed, 0 skipped\n' });
  expect(linesOf(ran.stderr)).toEqual([expect.stringMatching(/not started/)]);
});

test('an engine that this user may not use is told apart from one that is not started', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'becoming another user needs root');
  const machine = await makeMachine();
  await machine.engine('var/run/docker.sock'); // a socket is made 0755: others may look, not connect
  const ran = await machine.up(['--dry-run'], { uid: 65534 });
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '' });
  expect(linesOf(ran.stderr)).toEqual([expect.stringMatching(/no permission .*docker\.sock.*usermod -aG docker/)]);
});

test('a docker client alone is no engine: one is announced, before anything is done', async () => {
  const machine = await makeMachine();
  await machine.program('usr/bin/docker');
  const ran = await machine.up(['--dry-run']);
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(ran.stdout)[0]).toBe('will install:');
  expect(ran.stdout).toMatch(/Docker engine, from apt/);
});

test('an engine that answers is left as it is', async () => {
  const machine = await makeMachine();
  await machine.engine('var/run/docker.sock');
  const ran = await machine.up(['--dry-run']);
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).not.toMatch(/engine, from apt/);
});

test('an engine that answers where DOCKER_HOST points is used, whatever is installed', async () => {
  const machine = await makeMachine();
  await machine.program('usr/sbin/dockerd');
  await machine.engine('run/other.sock');
  const ran = await machine.up(['--dry-run'], { env: { DOCKER_HOST: `unix://${machine.root}/run/other.sock` } });
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
});

test('a rootless engine that answers is used beside a system one that does not', async () => {
  const machine = await makeMachine();
  await machine.program('usr/sbin/dockerd');
  await machine.file('var/run/docker.sock', '');
  await machine.engine('run/user/0/docker.sock');
  const ran = await machine.up(['--dry-run']);
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).not.toMatch(/engine, from apt/);
});

test('the engine that an earlier set-up installed is started again, a foreign one never', async () => {
  const machine = await makeMachine();
  await machine.program('usr/sbin/dockerd');
  await machine.file('var/lib/workdock/engine-installed-by-setup', '');
  const ran = await machine.up(['--dry-run']);
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/is only started again/);
});

test('--start-engine starts an engine that somebody else installed, and needs one that is installed', async () => {
  const machine = await makeMachine();
  await machine.file('var/run/docker.sock', '');
  const without = await machine.up(['--start-engine', '--dry-run']);
  expect({ code: without.code, stdout: without.stdout }).toEqual({ code: 1, stdout: '' });
  await machine.program('usr/sbin/dockerd');
  const ran = await machine.up(['--dry-run', '--start-engine'], { script: 'test' });
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).toMatch(/is only started, as --start-engine says/);
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import Docker from 'dockerode';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkout, linesOf, makeMachine, runProgram } from '../support/setup-machine.ts';

const docker = new Docker();
const workdock = join(checkout, 'bin/workdock');
const WORKSPACE = 'workdock-workspace:latest';

/** Runs a command in the image as the workspaces do: an owner's uid, no capabilities, no new privileges. */
async function inImage(script: string, more: { Binds?: string[] } = {}) {
  const container = await docker.createContainer({
    Image: WORKSPACE,
    Cmd: ['sh', '-c', script],
    User: '20001:20001',
    Env: ['HOME=/home/user'],
    Labels: { 'dev.workdock.test': 'setup' },
    HostConfig: {
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Tmpfs: { '/home/user': 'uid=20001,gid=20001,exec' },
      ...more,
    },
  });
  onTestFinished(() => container.remove({ force: true }));
  await container.start();
  const { StatusCode } = (await container.wait()) as { StatusCode: number };
  const raw = await container.logs({ stdout: true, stderr: true });
  return { code: StatusCode, text: demultiplex(raw) };
}

/** Without a terminal the engine puts eight bytes before each piece of output; the last four are its length. */
function demultiplex(raw: Buffer): string {
  let text = '';
  for (let at = 0; at < raw.length; at += 8 + raw.readUInt32BE(at + 4)) {
    text += raw.toString('utf8', at + 8, at + 8 + raw.readUInt32BE(at + 4));
  }
  return text;
}

describe('the workspace image', () => {
  test('has Python 3.11 under both names, and every package that was promised', async () => {
    const modules = 'numpy scipy pandas matplotlib seaborn plotly sklearn IPython jupyterlab requests bs4 tqdm pytest';
    const imports = `import ${modules.replaceAll(' ', ', ')}, black, flake8; print("imported")`;
    const { code, text } = await inImage(`python --version; python3 -c '${imports}'; pip --version`);
    expect(text).toMatch(/^Python 3\.11\.\d+\nimported\npip \d.*python 3\.11\)\n$/);
    expect(code).toBe(0);
  });

  test('has every tool that was promised', async () => {
    const tools = 'git curl wget vim nano tmux htop tree less zip unzip rsync ssh scp sftp gcc g++ make sudo';
    const files = 'jupyter ipython black flake8 pytest /usr/sbin/sshd /usr/lib/openssh/sftp-server';
    const { code, text } = await inImage(`for t in ${tools} ${files}; do
      command -v $t >/dev/null || echo "no $t"; done`);
    expect({ code, text }).toEqual({ code: 0, text: '' });
  });

  test('draws a figure and computes without a display or a writable /usr', async () => {
    const draw = 'import matplotlib.pyplot as p, numpy as n; p.plot(n.arange(9)); p.savefig("/tmp/a.png"); print("ok")';
    const { code, text } = await inImage(`python -c '${draw}'`);
    expect({ code, text: linesOf(text).at(-1) }).toEqual({ code: 0, text: 'ok' });
  });

  test('puts what a user installs into the home, and finds its commands in every kind of shell', async () => {
    const project = `[project]\\nname = "tiny"\\nversion = "1"\\n[project.scripts]\\ntiny-tool = "tiny:main"\\n`;
    const { code, text } = await inImage(`mkdir /tmp/tiny && cd /tmp/tiny && printf '${project}' > pyproject.toml
      printf 'def main(): print("tiny ran")\\n' > tiny.py
      pip install -q --no-index --no-build-isolation . || exit 1
      tiny-tool; bash -lc tiny-tool; sh -lc tiny-tool; bash -c 'command -v tiny-tool'`);
    expect(text).toMatch(/tiny ran\ntiny ran\ntiny ran\n\/home\/user\/\.local\/bin\/tiny-tool\n$/);
    expect(code).toBe(0);
  });

  test('holds no ssh host keys, and speaks UTF-8', async () => {
    const { text } = await inImage(`ls /etc/ssh | grep -c host_key; locale charmap`);
    expect(text).toBe('0\nUTF-8\n');
  });
});

describe('workdock image build', () => {
  /** A tag of this run's own, with the tags that point there removed after the test. */
  const tagOfOurs = () => {
    const tag = `workdock-setup-test:${process.pid}-${Date.now()}`;
    onTestFinished(async () => {
      await docker
        .getImage(tag)
        .remove()
        .catch(() => {}); // the test failed before it was built
    });
    return tag;
  };

  test('builds again only what changed, and nothing when nothing did', async () => {
    const machine = await makeMachine();
    const tag = tagOfOurs();
    await machine.file('ca/lab.pem', rootCertificates.slice(0, 2).join('\n'));
    const build = (args: string[] = []) => runProgram(workdock, ['image', 'build', '--test', '--tag', tag, ...args]);
    expect(await build()).toMatchObject({ code: 0 });
    const again = await build();
    expect(again.stdout).toContain('is up to date');
    expect(again.stderr).toBe('');

    const changed = await build(['--ca', join(machine.root, 'ca')]);
    expect(changed.stdout).toContain('built on');
    const commands = linesOf(changed.stderr).filter((line) => /\d+\/\d+ {2}RUN/.test(line));
    expect(commands.length).toBeGreaterThan(0);
    for (const line of commands) expect(line).toMatch(/\(kept\)$/);
  });

  test('--check builds nothing and tells by its code whether there is something to build', async () => {
    const tag = tagOfOurs();
    const ran = await runProgram(workdock, ['image', 'build', '--test', '--tag', tag, '--check']);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 1, stderr: '' });
    expect(await docker.listImages({ filters: { reference: [tag] } })).toEqual([]);
  });

  test('a certificate folder that is none, and a file in it that is none, are named', async () => {
    const machine = await makeMachine();
    const missing = await runProgram(workdock, ['image', 'build', '--ca', join(machine.root, 'no-such')]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(join(machine.root, 'no-such'));
    await machine.file('ca/broken.crt', 'not a certificate');
    const broken = await runProgram(workdock, ['image', 'build', '--ca', join(machine.root, 'ca')]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('broken.crt is not a certificate');
  });

  test('a failing build shows the last lines of what failed', async () => {
    const machine = await makeMachine();
    const tag = tagOfOurs();
    await machine.file('copy/package.json', '{"type": "module"}');
    for (const part of ['bin', 'src', 'docker']) {
      await runProgram('cp', ['-r', join(checkout, part), join(machine.root, 'copy', part)]);
    }
    await machine.link('copy/node_modules', join(checkout, 'node_modules'));
    await writeFile(
      join(machine.root, 'copy/docker/test/Dockerfile'),
      'ARG BASE\nFROM $BASE\nRUN echo "the lab mirror is closed" && exit 3\n',
    );
    const ran = await runProgram(join(machine.root, 'copy/bin/workdock'), ['image', 'build', '--test', '--tag', tag], {
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
    });
    expect(ran.code).toBe(8);
    expect(ran.stderr).toMatch(/the lab mirror is closed[\s\S]*code: 3/);
  });
});

test('the set-up leaves containers that are not its own untouched', { timeout: 60_000 }, async ({ skip }) => {
  const setUp = (dryRun: 'yes' | 'no') => {
    const script = `root=$1; . "$1/scripts/lib/setup.sh"; set_up ${dryRun} workspace`;
    return runProgram('bash', ['-c', script, 'set-up', checkout.replace(/\/$/, '')]);
  };
  const planned = await setUp('yes');
  skip(planned.stdout !== 'everything is here\n', 'this checkout is not set up: a test installs nothing in it');
  const container = await docker.createContainer({
    name: `foreign-${process.pid}-${Date.now()}`,
    Image: 'workdock-test:latest',
    Cmd: ['sleep', '600'],
    HostConfig: { Init: true },
  });
  onTestFinished(() => container.remove({ force: true }));
  await container.start();
  const facts = async () => {
    const { Id, State, RestartCount } = await container.inspect();
    return { Id, StartedAt: State.StartedAt, Pid: State.Pid, RestartCount };
  };
  const before = await facts();
  const ran = await setUp('no');
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
  expect(ran.stdout).toBe('everything is here\n');
  expect(await facts()).toEqual(before);
});

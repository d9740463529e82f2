import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commandWords } from '../../src/lib/systemd-text.ts';
import { openLab, workspaceYaml } from '../support/lab.ts';
import { openOwnEtc } from '../support/own-etc.ts';
import { checkout, linesOf, runProgram } from '../support/setup-machine.ts';
import { makeStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const launcher = join(checkout, 'bin/workdock');

/** This checkout a second time, in a folder whose name needs care. */
function oddCheckout(root: string): string {
  const folder = join(root, 'an 100% odd $HOME');
  mkdirSync(folder);
  for (const part of ['bin', 'src', 'package.json'])
    cpSync(join(checkout, part), join(folder, part), { recursive: true });
  for (const part of ['node_modules', '.node']) symlinkSync(join(checkout, part), join(folder, part));
  return folder;
}

test.each(['plain', 'odd'])('the line in the unit runs a controller with no environment: %s paths', async (kind) => {
  const lab = openLab();
  onTestFinished(lab.dispose, 60_000);
  lab.write('ada.yaml', workspaceYaml('ada'));
  let config = join(lab.root, 'workdock.yaml');
  if (kind === 'odd') {
    const text = readFileSync(config, 'utf8').replace('[specs]', `[${JSON.stringify(lab.specs)}]`);
    config = join(lab.root, `a "b" 'c' \\d $e %f ü.yaml`);
    writeFileSync(config, text);
  }
  const program = kind === 'odd' ? oddCheckout(lab.root) : checkout;
  const stage = makeStage();
  const installed = await runProgram(join(program, 'bin/workdock'), [
    'service',
    'install',
    '--root',
    stage.root,
    '--config',
    config,
  ]);
  expect(installed, installed.stderr).toMatchObject({ code: 0 });
  expect(stage.has(config), 'that of this machine is used').toBe(false);

  const words = commandWords(stage.setting('ExecStart')[0] ?? '');
  // As systemd would: nothing but what the unit says, which is a PATH where Node lies in no usual folder.
  const environment = stage.setting('Environment').flatMap((line) => commandWords(line ?? ''));
  const clean = ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', ...environment, ...words];
  const child = spawn('env', clean, { cwd: '/', stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await lab.phase('ada', 'Running', 60_000);
  expect(lab.summary().controller.pid, 'the launcher became the controller').toBe(child.pid);
  expect((await lab.cli('get', '-o', 'name')).stdout).toBe('ada\n');
  const before = await lab.inspect('ada');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect((await lab.inspect('ada')).State).toEqual(before.State);
});

/** What the unit's hardening does to files, capabilities and privileges, without systemd. */
const hardened = `for place in /usr /etc /proc/sys /sys; do
  mount --rbind "$place" "$place" && mount -o remount,bind,ro "$place"
done
exec setpriv --no-new-privs --bounding-set "$1" -- "$0" up`;

test('what the unit takes away is not needed: signals, terminals, streams and notes in homes work', async () => {
  const lab = openLab('idle: {interval: 300ms}\n');
  onTestFinished(lab.dispose, 60_000);
  lab.write('ada.yaml', workspaceYaml('ada'));
  const stage = makeStage();
  await stage.service('install');
  expect(stage.setting('NoNewPrivileges').concat(stage.setting('ProtectSystem'))).toEqual(['yes', 'full']);
  const dropped = stage.setting('CapabilityBoundingSet')[0]?.replace(/^~/, '').split(' ') ?? [];
  expect(dropped.length).toBeGreaterThan(3);
  const set = dropped.map((name) => name.replace('CAP_', '-').toLowerCase()).join(',');
  await lab.up({ wrapper: ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', hardened, launcher, set] });
  await lab.phase('ada', 'Running', 60_000);
  expect(await lab.cli('exec', 'ada', '-t', '--', 'sh', '-c', 'sleep 1; tty')).toMatchObject({ code: 0 });
  await until(
    async () => {
      const [row] = await lab.json<{ verdict: { evidence: { signal: string; keepsAwake: string }[] } }[]>(
        'idle',
        'ada',
      );
      return (
        row?.verdict.evidence.length === 7 && row.verdict.evidence.every(({ keepsAwake }) => keepsAwake !== 'unknown')
      );
    },
    { deadlineMs: 20_000, everyMs: 200 },
  );
  await lab.cli('stop', 'ada', '--wait');
  const note = join(lab.data, 'users/ada/.workdock/last-stop.txt');
  await until(() => existsSync(note), { deadlineMs: 10_000 });
  expect(statSync(note).uid, 'as the owner').toBe(statSync(join(lab.data, 'users/ada')).uid);
});

test('without systemd the unit is written for the day it runs, and 7 says that nothing was started', async () => {
  const { run } = await openOwnEtc();
  const ran = await run(launcher, 'service', 'install');
  expect(ran.code).toBe(7);
  expect(ran.stdout.match(/^\w+/gm)).toEqual(['written', 'written', 'written', 'enabled']);
  expect(linesOf(ran.stderr).slice(-2)).toEqual([
    expect.stringMatching(/systemd does not run here, process 1 is \S+: nothing was started/),
    expect.stringMatching(/hint: .*workdock --config \/etc\/workdock\/workdock.yaml up/),
  ]);
  expect(await run(launcher, 'service', 'install', '--no-start'), 'wanted').toMatchObject({ code: 0 });
  const status = await run(launcher, 'service', 'status');
  expect(status.code, 'installed, and nobody answers').toBe(4);
  expect(status.stdout).toMatch(/^enabled +yes.*^active +unknown: process 1 is .*^data +\/var\/lib\/workdock\/data$/ms);

  // Verbs without flags, from any folder, are about the installed service.
  const get = await run(launcher, 'get');
  expect(get.code).toBe(4);
  expect(get.stderr).toContain('/var/lib/workdock/state/workdock.sock');
  const written = await run(launcher, 'new', 'ada');
  expect(written).toMatchObject({ code: 0, stdout: '/etc/workdock/workspaces/ada.yaml\n' });
  expect((await run(launcher, 'validate')).stderr).toBe('1 workspace, 0 templates: ok\n');
  expect((await run(launcher, 'service', 'uninstall')).code).toBe(0);
  expect((await run(launcher, 'get')).stderr).toContain('/state/workdock.sock');
  expect((await run('cat', '/etc/workdock/workspaces/ada.yaml')).code, 'specs stay').toBe(0);
});

test('notes: a checkout that others can change, a config here that is not the one, an engine elsewhere', async () => {
  const lab = openLab();
  onTestFinished(lab.dispose);
  const { run } = await openOwnEtc();
  const folder = oddCheckout(lab.root);
  chownSync(folder, 1000, 1000);
  const install = 'cd "$1" && DOCKER_HOST=tcp://engine:1 "$2/bin/workdock" service install --no-start';
  const told = await run('sh', '-c', install, 'sh', lab.root, folder);
  expect(told).toMatchObject({ code: 0 });
  expect(linesOf(told.stderr).filter((line) => line.startsWith('note: '))).toEqual([
    expect.stringMatching(/uid 1000 can change .*odd.*what root runs/),
    expect.stringMatching(/reads \/etc\/workdock\/workdock.yaml and not .\/workdock.yaml/),
    expect.stringMatching(/DOCKER_HOST .*systemctl edit workdock/),
  ]);
  const quiet = await run(launcher, 'service', 'install', '--no-start');
  expect(quiet.stderr).not.toMatch(/^note: (?!.*others than root)/m);
});

test('a named config that is not there, or a person who is not root, changes nothing', async () => {
  const { run } = await openOwnEtc();
  const missing = await run(launcher, 'service', 'install', '--config', '/nowhere/lab.yaml');
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toMatch(/no config \/nowhere\/lab.yaml[\s\S]*workdock init \/nowhere/);
  for (const verb of ['install', 'uninstall']) {
    const ran = await run('unshare', '--user', launcher, 'service', verb);
    expect(ran, verb).toMatchObject({ code: 7, stdout: '' });
    expect(ran.stderr, verb).toMatch(/only root .*[\s\S]*sudo/);
  }
  expect((await run('ls', '/etc/systemd/system')).stdout).toBe('');
});

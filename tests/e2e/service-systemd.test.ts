import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dropGuard } from '../support/drop-guard.ts';
import { openLab, workspaceYaml } from '../support/lab.ts';
import { randomSubnet } from '../support/prefix.ts';
import { bootSystemd } from '../support/systemd.ts';
import { until } from '../support/until.ts';

/** What install says it did, without to what. */
const words = (text: string) => text.replaceAll(/^(\w+).*\n/gm, '$1 ').trim();
const STATE = '/var/lib/workdock/state';
const launcher = resolve('bin/workdock');

/** A lab whose controller is a service of a machine with systemd as process 1. */
async function machine() {
  const lab = openLab();
  onTestFinished(lab.dispose, 60_000);
  const system = await bootSystemd();
  const workdock = (...args: string[]) => system.run(launcher, ...args);
  const show = async (property: string) =>
    (await system.run('systemctl', 'show', 'workdock', '--value', `--property=${property}`)).stdout.trim();
  return { lab, workdock, show, ...system, config: join(lab.root, 'workdock.yaml') };
}

test('install runs it from then on, also after a boot; verbs find it; uninstall ends nothing else', async () => {
  const { lab, workdock, show, run, cut, boot, config } = await machine();
  lab.write('ada.yaml', workspaceYaml('ada'));
  const installed = await workdock('service', 'install', '--config', config);
  expect(installed).toMatchObject({ code: 0 });
  expect(words(installed.stdout)).toBe('kept written enabled started');
  await lab.phase('ada', 'Running');
  expect(lab.summary().host.conditions.find(({ type }) => type === 'NetworkGuarded')).toMatchObject({ status: 'True' });
  expect((await workdock('get', '-o', 'name')).stdout).toBe('ada\n');
  const { startedAt } = lab.status('ada')?.container ?? {};

  // The engine's unit may come and go: the controller has to be there to say so.
  const pid = await show('MainPID');
  await run('systemctl', 'restart', 'docker');
  await run('systemctl', 'stop', 'docker');
  expect(await show('MainPID')).toBe(pid);
  await run('systemctl', 'kill', '--signal=SIGKILL', 'workdock');
  await until(async () => ![pid, '0'].includes(await show('MainPID')), { deadlineMs: 20_000, everyMs: 200 });

  // A second install has nothing to do, and the power may go.
  const again = await workdock('service', 'install');
  expect(words(again.stdout)).toBe('kept kept enabled running');
  expect(lab.status('ada')?.container?.startedAt, 'nobody noticed any of it').toBe(startedAt);
  await Promise.all([cut(), lab.container('ada').kill()]);
  await boot();
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 30_000 });

  const status = await workdock('service', 'status');
  expect(status).toMatchObject({ code: 0, stderr: '' });
  for (const line of [/^enabled +yes/m, /^active +active \(running\) since /m, /^workspaces +1/m, /is ready: specs/]) {
    expect(status.stdout).toMatch(line);
  }
  const before = await lab.inspect('ada');
  const gone = await workdock('service', 'uninstall');
  expect(gone).toMatchObject({ code: 0 });
  expect(gone.stderr).toMatch(/left as they are: .*workdock.yaml, .*workspaces run on/s);
  expect((await lab.inspect('ada')).State).toEqual(before.State);
  expect((await workdock('service', 'status')).code).toBe(5);
  expect((await run('systemctl', 'status', 'workdock')).code).toBe(4);
  expect((await workdock('service', 'uninstall')).code, 'twice').toBe(0);
});

test('state and data lie in /var/lib when the config does not say; everybody reads, root asks', async () => {
  const { lab, workdock, run } = await machine();
  const config = `prefix: ${lab.prefix}\nnetwork: {subnet: ${randomSubnet().subnet}}\n`;
  await run('sh', '-c', 'mkdir -p /etc/workdock && printf %s "$1" >/etc/workdock/workdock.yaml', 'sh', config);
  const installed = await workdock('service', 'install');
  expect(installed).toMatchObject({ code: 0 });
  expect(words(installed.stdout)).toBe('kept written written enabled started');
  const instance = await run('cat', '/var/lib/workdock/data/.workdock/instance.json');
  const { uid } = JSON.parse(instance.stdout) as { uid: string };
  lab.afterwards(() => dropGuard(uid));
  expect(await workdock('get'), 'from / and without flags').toMatchObject({ code: 0 });
  const modes = await run('stat', '-c', '%a', ...['status.json', 'workdock.sock'].map((file) => join(STATE, file)));
  expect(modes.stdout).toBe('644\n600\n');
});

test('while the disk of a folder is not mounted it does not start; paths may be odd', async () => {
  const { lab, workdock, show, run } = await machine();
  const config = join(lab.root, `a "b" 'c' \\d $e %f ü.yaml`);
  writeFileSync(config, `${readFileSync(join(lab.root, 'workdock.yaml'), 'utf8')}data: "disk 1%/data"\n`);
  const disk = join(lab.root, 'disk 1%');
  const source = join(lab.root, 'partition');
  const name = (await run('systemd-escape', '--path', '--suffix=mount', disk)).stdout.trim();
  const mount = async (how: string) => {
    const unit = `[Mount]\n${how}\nWhere=${disk.replace('%', '%%')}\n`;
    const put = 'printf %s "$1" >"/etc/systemd/system/$2" && systemctl daemon-reload';
    expect((await run('sh', '-c', put, 'sh', unit, name)).stderr).toBe('');
  };

  await mount('What=nowhere\nType=nosuchfs');
  const refused = await workdock('service', 'install', '--config', config);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toMatch(/systemctl start failed: .*dependency/s);
  expect(await show('ActiveState')).toBe('inactive');
  expect((await workdock('service', 'status')).code).toBe(4);

  mkdirSync(source);
  await mount(`What=${source}\nType=none\nOptions=bind`);
  expect(await workdock('service', 'install')).toMatchObject({ code: 0 });
  expect((await run('systemctl', 'is-active', name)).stdout).toBe('active\n');
  expect(await show('RequiresMountsFor')).toContain(join(disk, 'data'));
  expect((await run('ls', join(source, 'data/.workdock'))).stdout).toMatch(/instance.json/);
});

test('install says why it does not stay up, and it comes up once it can; drop-ins outlive a new unit', async () => {
  const { lab, workdock, show, run, config } = await machine();
  const other = await lab.up();
  const busy = await workdock('service', 'install', '--config', config);
  expect(busy.code).toBe(4);
  expect(busy.stderr).toMatch(/locked by pid.*does not stay up\n {2}hint: .*journalctl -u workdock/s);
  await other.kill('SIGTERM');
  await until(async () => `${lab.summary().controller.pid}` === (await show('MainPID')), {
    deadlineMs: 30_000,
    everyMs: 200,
  });
  const pid = await show('MainPID');

  const dropIn = 'mkdir /etc/systemd/system/workdock.service.d && printf "[Service]\\nNice=5\\n" >"$_/nice.conf"';
  expect((await run('bash', '-c', dropIn)).stderr).toBe('');
  const site = join(lab.root, 'site.yaml');
  writeFileSync(site, readFileSync(config));
  const changed = await workdock('service', 'install', '--config', site);
  expect(words(changed.stdout)).toBe('kept updated enabled started');
  expect(await show('MainPID')).not.toBe(pid);
  expect(await show('Nice')).toBe('5');
  expect((await workdock('service', 'status')).stdout).toMatch(/^drop-in +nice.conf$/m);

  writeFileSync(site, 'resynk: 1s\n');
  await run('systemctl', 'restart', 'workdock');
  await until(async () => (await show('ActiveState')) === 'failed', { deadlineMs: 20_000, everyMs: 200 });
  const status = await workdock('service', 'status');
  expect(status.code).toBe(4);
  expect(status.stdout).toMatch(/^active +failed .*^config .*unknown field "resynk"/ms);
});

import { readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unitFile } from '../../src/model/places.ts';
import { checkout, linesOf, runProgram } from '../support/setup-machine.ts';
import { makeStage } from '../support/stage.ts';

const UNIT = unitFile('workdock');
const CONFIG = '/etc/workdock/workdock.yaml';
const analyze = (...args: string[]) => runProgram('systemd-analyze', args);

test('below another root it writes config, specs folder, unit and the link of the boot, and nothing else', async () => {
  const stage = makeStage();
  const ran = await stage.service('install');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout.replaceAll(stage.root, '')).toBe(`\
written   ${CONFIG}
written   /etc/workdock/workspaces/
written   ${UNIT}
enabled   workdock.service, in /
`);
  expect(ran.stderr).toMatch(/nothing was started/);
  expect(stage.all()).toEqual([
    'etc',
    'etc/systemd',
    'etc/systemd/system',
    'etc/systemd/system/multi-user.target.wants',
    'etc/systemd/system/multi-user.target.wants/workdock.service',
    'etc/systemd/system/workdock.service',
    'etc/workdock',
    'etc/workdock/workdock.yaml',
    'etc/workdock/workspaces',
  ]);
  expect(readlinkSync(stage.at('/etc/systemd/system/multi-user.target.wants/workdock.service'))).toBe(UNIT);
  expect(statSync(stage.at(UNIT)).mode & 0o777).toBe(0o644);
  const config = readFileSync(stage.at(CONFIG), 'utf8');
  expect(config).toMatch(/^# state: \/var\/lib\/workdock\/state .*^# data: \/var\/lib\/workdock\/data /ms);
  const set = config.split('\n').filter((line) => !/^ *(#|$)/.test(line));
  expect(set.map((line) => line.replace(/ *#.*/, ''))).toEqual(['defaults:', '  idle: {mode: Observe}']);
  expect(ran.stderr).toMatch(/idle workspaces are only reported at first/);
});

test('systemd finds nothing wrong with the unit, and its hardening is there', async () => {
  const stage = makeStage();
  await stage.service('install');
  expect(await analyze('verify', stage.at(UNIT))).toEqual({ code: 0, stdout: '', stderr: '' });
  const version = Number(/^systemd (\d+)/.exec((await analyze('--version')).stdout)?.[1]);
  expect(version).toBeGreaterThan(200);
  // 250 is the first that can look at a unit without running it.
  const ask = ['security', ...(version < 250 ? [] : ['--offline=true']), '--no-pager', stage.at(UNIT)];
  const { stdout } = await analyze(...ask);
  const exposure = Number(/exposure level for workdock.service: ([\d.]+)/.exec(stdout)?.[1]);
  // It is 9.6 for a unit without any hardening; the rest is what the work needs.
  if (version >= 250) expect(exposure, stdout).toBeLessThanOrEqual(7.8);
  expect(stage.setting('After')).toEqual(['docker.service network-online.target']);
  expect(stage.setting('Requires').concat(stage.setting('BindsTo'))).toEqual([]);
});

test('the unit requires the mounts of all folders that the config names', async () => {
  const stage = makeStage();
  stage.write(CONFIG, 'specs: [/srv/git/lab, more]\ndata: /mnt/data\nmountRoots: [/data]\nsecretsRoot: /srv/secrets\n');
  await stage.service('install');
  expect(stage.setting('RequiresMountsFor')).toEqual([
    checkout.replace(/\/$/, ''),
    '/var/lib/workdock/state',
    '/mnt/data',
    '/etc/workdock',
    '/srv/git/lab',
    '/etc/workdock/more',
    '/data',
    '/srv/secrets',
  ]);
  expect(stage.has('/etc/workdock/workspaces'), 'its specs are elsewhere').toBe(false);
  expect((await analyze('verify', stage.at(UNIT))).stderr).toBe('');
});

test('a second install changes nothing; one with another config changes the unit and says what', async () => {
  const stage = makeStage();
  await stage.service('install');
  const before = statSync(stage.at(UNIT));
  const second = await stage.service('install');
  expect(second).toMatchObject({ code: 0 });
  expect(second.stdout.match(/^\w+/gm)).toEqual(['kept', 'kept', 'kept']);
  expect(statSync(stage.at(UNIT)).ino).toBe(before.ino);

  stage.write('/srv/lab/site.yaml', 'prefix: lab-\n');
  const other = await stage.service('install', '--config', '/srv/lab/site.yaml');
  expect(other.stdout).toMatch(/^updated /m);
  expect(other.stderr).toMatch(/- ExecStart=.*etc\/workdock.*\+ ExecStart=.*--config \/srv\/lab\/site.yaml up$/ms);
  const third = await stage.service('install');
  expect(third.stdout, 'the config of the unit is kept without naming it again').toMatch(/^kept .*site.yaml$/m);
  expect(stage.setting('ExecStart')).toEqual([expect.stringContaining('/srv/lab/site.yaml')]);
  expect(stage.setting('RequiresMountsFor')).toContain('/srv/lab/data');

  const status = await stage.service('status', '-o', 'json');
  expect(JSON.parse(status.stdout)).toMatchObject({ config: '/srv/lab/site.yaml', folders: { data: '/srv/lab/data' } });
  stage.write('/srv/lab/site.yaml', 'data: /mnt/data\n');
  expect((await stage.service('status')).stdout, 'folders that the unit does not know').toMatch(/^unit .*outdated/m);
});

test('a unit that somebody edited is left alone by install and uninstall; with --force it is kept beside', async () => {
  const stage = makeStage();
  await stage.service('install');
  const edited = stage.unit().replace('RestartSec=5s', 'RestartSec=50s');
  stage.write(UNIT, edited);
  stage.write(`${UNIT}.d/more.conf`, '[Service]\nNice=5\n');
  for (const verb of ['install', 'uninstall']) {
    const refused = await stage.service(verb);
    expect(refused, verb).toMatchObject({ code: 7, stdout: '' });
    expect(linesOf(refused.stderr), verb).toEqual([
      expect.stringMatching(/workdock.service was edited/),
      expect.stringMatching(/hint: .*drop-in \(systemctl edit workdock\)/),
    ]);
    expect(stage.unit()).toBe(edited);
  }
  expect((await stage.service('status')).stdout).toMatch(/^unit .*edited by hand.*^drop-in +more.conf$/ms);
  const forced = await stage.service('install', '--force');
  expect(forced).toMatchObject({ code: 0 });
  const [, kept = ''] = /^kept +(.*workdock.service.before-\S+)$/m.exec(forced.stdout) ?? [];
  expect(readFileSync(kept, 'utf8')).toBe(edited);
  expect(stage.setting('RestartSec')).toEqual(['5s']);
  expect((await stage.service('uninstall')).code).toBe(0);
  expect(stage.has(`${UNIT}.d/more.conf`)).toBe(true);
});

test('uninstall takes away what install wrote, and neither config, specs, state nor data', async () => {
  const stage = makeStage();
  await stage.service('install');
  stage.write('/etc/workdock/workspaces/ada.yaml', 'x');
  stage.write('/var/lib/workdock/data/users/ada/thesis', 'x');
  stage.write('/var/lib/workdock/state/status.json', 'x');
  const ran = await stage.service('uninstall');
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toMatch(
    /left as they are: \/etc\/workdock\/workdock.yaml, .*workspaces, \/var\/lib\/workdock\/state, .*data\n.*run on/,
  );
  expect(stage.all().filter((path) => statSync(stage.at(path)).isFile())).toEqual([
    'etc/workdock/workdock.yaml',
    'etc/workdock/workspaces/ada.yaml',
    'var/lib/workdock/data/users/ada/thesis',
    'var/lib/workdock/state/status.json',
  ]);
  expect((await stage.service('status')).code).toBe(5);
  expect(await stage.service('uninstall'), 'twice').toMatchObject({ code: 0, stdout: '' });
});

test('what cannot be is refused before anything is written', async () => {
  const stage = makeStage();
  stage.write(CONFIG, 'resynk: 30s\n');
  const before = stage.all();
  const invalid = await stage.service('install');
  expect(invalid.code).toBe(3);
  expect(invalid.stderr).toMatch(/workdock.yaml:1:1: unknown field "resynk"/);
  expect((await stage.service('install', '--name', 'Not a name')).code).toBe(2);
  expect((await stage.service('install', '--state', '/x')).code).toBe(2);
  expect((await stage.service('status', '--name', 'other')).code).toBe(5);
  expect(stage.all()).toEqual(before);
  stage.write('/etc/systemd/system/x', '');
  symlinkSync('/dev/null', stage.at(UNIT));
  stage.write(CONFIG, '');
  const masked = await stage.service('install');
  expect(masked).toMatchObject({ code: 7, stdout: '' });
  expect(masked.stderr).toMatch(/is masked[\s\S]*systemctl unmask workdock/);
});

test('a second service on one machine has folders, names and a prefix of its own', async () => {
  const stage = makeStage();
  await stage.service('install');
  expect((await stage.service('install', '--name', 'gpu')).code).toBe(0);
  expect((await analyze('verify', stage.at(unitFile('workdock-gpu')))).stderr).toBe('');
  expect(stage.setting('ExecStart', 'workdock-gpu')).toEqual([
    `${join(checkout, 'bin/workdock')} --config /etc/workdock-gpu/workdock.yaml up`,
  ]);
  expect(stage.setting('RequiresMountsFor', 'workdock-gpu')).toContain('/var/lib/workdock-gpu/data');
  const config = readFileSync(stage.at('/etc/workdock-gpu/workdock.yaml'), 'utf8');
  expect(config).toMatch(/^instance: gpu$/m);
  expect(config).toMatch(/^prefix: gpu-ws- /m);
  const found = JSON.parse((await stage.service('status', '--name', 'gpu', '-o', 'json')).stdout) as object;
  expect(found).toMatchObject({ service: 'workdock-gpu', unitIs: 'current', enabled: true, active: null });
  expect((await stage.service('uninstall', '--name', 'gpu')).code).toBe(0);
  expect(stage.has(UNIT)).toBe(true);
});

import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a home is made once for its owner; one that belongs to somebody else is left as it is', async () => {
  const lab = makeLab('resync: 1s\n');
  const home = join(lab.data, 'users', 'ada');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'precious'), 'x');
  chownSync(home, 54_321, 54_321);
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await lab.phase('bea', 'Running');
  const made = statSync(join(lab.data, 'users', 'bea'));
  expect([made.mode & 0o7777, made.uid]).toEqual([0o700, Number(await lab.sh('bea', 'id -u'))]);
  expect(readdirSync(join(lab.data, 'users')).sort(), 'no leftovers').toEqual(['ada', 'bea']);

  await until(() => lab.condition('ada', 'Ready')?.reason === 'HomeWrongOwner', { deadlineMs: 10_000 });
  const command = /chown -R (\d+):\d+ (\S+)/.exec(lab.condition('ada', 'Ready')?.message ?? '');
  expect(command?.[2]).toBe(home);
  await holdsFor(() => statSync(home).uid === 54_321 && statSync(join(home, 'precious')).uid === 0, 1_500);
  expect(await lab.mine()).toHaveLength(1);
  expect((await lab.cli('get')).stdout).toContain('chown -R');
  chownSync(home, Number(command?.[1]), Number(command?.[1]));
  await lab.phase('ada', 'Running', 10_000);
  expect(statSync(join(home, 'precious')).uid, 'only the folder itself was asked about').toBe(0);
});

test('a home that is gone is missing, and never replaced by an empty one', async () => {
  const lab = makeLab('resync: 1s\n');
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  const controller = await lab.up();
  const homeOf = (name: string) => join(lab.data, 'users', name);
  for (const name of ['ada', 'bea']) {
    await lab.phase(name, 'Running');
    await lab.sh(name, `echo ${name} > note`);
  }
  await lab.cli('stop', 'ada', '--wait');
  for (const name of ['ada', 'bea']) renameSync(homeOf(name), join(lab.root, name));
  expect((await lab.inspect('bea')).State.Running, 'what runs goes on').toBe(true);
  await lab.cli('start', 'ada');
  await lab.hand('rm', '-f', `${lab.prefix}bea`);
  for (const name of ['ada', 'bea']) {
    await until(() => lab.condition(name, 'Ready')?.reason === 'HomeMissing', {
      deadlineMs: 10_000,
      what: () => JSON.stringify(lab.status(name), null, 1),
    });
    expect(lab.condition(name, 'Ready')?.message).toContain(homeOf(name));
  }
  await controller.kill('SIGKILL');
  rmSync(lab.state, { recursive: true });
  await lab.up();
  await holdsFor(() => !existsSync(homeOf('ada')) && !existsSync(homeOf('bea')), 2_500);
  expect((await lab.mine()).filter(({ State }) => State === 'running')).toEqual([]);
  for (const name of ['ada', 'bea']) {
    renameSync(join(lab.root, name), homeOf(name));
    await lab.phase(name, 'Running', 15_000);
    expect(await lab.sh(name, 'cat note')).toBe(name);
  }
});

test('one home has one writer, unless all that use it say so', async () => {
  const lab = makeLab('resync: 1s\n');
  const write = (name: string, home: string) =>
    lab.write(`${name}.yaml`, workspaceYaml(name, [`storage: {home: ${home}}`, 'updatePolicy: Now'], 'ada'));
  write('ada', '{name: ada}');
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id } = await lab.inspect('ada');
  write('two', '{name: ada}');
  await until(() => lab.condition('two', 'Conflict')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.condition('two', 'Conflict')?.message).toMatch(/ada/);
  write('two', '{name: ada, shared: true}');
  await until(async () => /shared: true/.test((await lab.cli('describe', 'two')).stdout));
  await holdsFor(async () => (await lab.mine()).length === 1, 2_000);
  expect((await lab.inspect('ada')).Id, 'who has it keeps it').toBe(Id);
  write('ada', '{name: ada, shared: true}');
  await lab.phase('two', 'Running', 15_000);
  await lab.sh('two', 'echo hello > from-two');
  expect(await lab.sh('ada', 'cat from-two')).toBe('hello');
});

test('a workspace that is to move to another home still has the one it mounts', async () => {
  const lab = makeLab('resync: 1s\n');
  const write = (name: string, home: string) =>
    lab.write(`${name}.yaml`, workspaceYaml(name, [`storage: {home: {name: ${home}}}`], 'ada'));
  write('ada', 'first');
  await lab.up();
  await lab.phase('ada', 'Running');
  write('ada', 'second');
  await until(() => lab.status('ada')?.pending[0]?.field === 'storage.home');
  write('two', 'first');
  await until(() => lab.condition('two', 'Conflict')?.status === 'True', {
    deadlineMs: 10_000,
    what: () => JSON.stringify(lab.status('two'), null, 1),
  });
  expect(await lab.mine()).toHaveLength(1);
  await lab.cli('restart', 'ada', '--wait');
  await lab.phase('two', 'Running', 15_000);
});

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a spec becomes a running container with its home, limits and owner', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const { stdout } = await lab.inside('ada', 'sh', '-c', 'whoami; pwd; touch here; id -u');
  const uid = Number(stdout.split('\n')[2]);
  expect(stdout.split('\n').slice(0, 2)).toEqual(['ada', '/home/user']);
  const home = statSync(join(lab.data, 'users', 'ada'));
  expect({ uid: home.uid, mode: home.mode & 0o777 }).toEqual({ uid, mode: 0o700 });
  expect(statSync(join(lab.data, 'users', 'ada', 'here')).uid).toBe(uid);
  const { HostConfig } = await lab.inspect('ada');
  expect(HostConfig).toMatchObject({ NanoCpus: 5e8, Memory: 2 ** 27, MemorySwap: 2 ** 27, PidsLimit: 64 });
});

test('limits change live, an environment change waits for the next stop, a restart applies it', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const first = await lab.inspect('ada');

  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 256Mi}']));
  await until(async () => (await lab.inspect('ada')).HostConfig.Memory === 2 ** 28, { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).State.StartedAt, 'changed without a restart').toBe(first.State.StartedAt);

  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 256Mi}', 'env: {COLOUR: blue}']));
  // What waited for the pass before may still be in the status.
  const waits = () => lab.condition('ada', 'UpdatePending');
  await until(() => waits()?.message.includes('env.COLOUR'), { deadlineMs: 10_000 });
  expect(waits()?.status).toBe('True');
  expect((await lab.inspect('ada')).Id, 'nobody loses work').toBe(first.Id);

  expect((await lab.cli('restart', 'ada')).code).toBe(0);
  await until(async () => (await lab.inside('ada', 'printenv', 'COLOUR')).stdout === 'blue\n', { deadlineMs: 20_000 });
  await until(async () => (await lab.mine()).length === 1, { deadlineMs: 20_000 });
  await until(() => lab.condition('ada', 'UpdatePending')?.status === 'False', { deadlineMs: 10_000 });
});

test('stop holds until start, and files outlive the container', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.inside('ada', 'sh', '-c', 'echo kept > /home/user/note');
  await lab.cli('stop', 'ada');
  await lab.phase('ada', 'Held');
  await lab.container('ada').remove({ force: true });
  await lab.cli('start', 'ada', '--wait');
  await lab.phase('ada', 'Running');
  expect((await lab.inside('ada', 'cat', '/home/user/note')).stdout).toBe('kept\n');
});

test('a broken file keeps the last good spec, also across a restart, and says where', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  const before = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada', ['memmory: 1Gi']));
  await until(() => lab.condition('ada', 'SpecValid')?.status === 'False', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'SpecValid')?.message).toMatch(/ada\.yaml:6:3: .*memmory/);
  await controller.kill('SIGKILL');
  await lab.container('ada').stop({ t: 0 });
  await lab.up();
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 20_000 });
  expect((await lab.inspect('ada')).Id).toBe(before.Id);
});

test('an absent file acts on nothing at once', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  lab.remove('ada.yaml');
  await until(() => lab.condition('ada', 'SourceAbsent')?.status === 'True', { deadlineMs: 15_000 });
  expect((await lab.inspect('ada')).State.Running).toBe(true);
  const reply = await lab.cli('get', '-o', 'json');
  expect(JSON.parse(reply.stdout)).toHaveLength(2);
});

test('TERM ends the controller and leaves the workspaces running', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  expect(await controller.kill('SIGTERM')).toBe(0);
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);
  expect((await lab.cli('get')).code).toBe(4);
  JSON.parse(readFileSync(join(lab.state, 'status.json'), 'utf8'));
  await lab.up();
  await lab.phase('ada', 'Running');
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);
});

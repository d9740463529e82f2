import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('state Stopped and Running in the file; an edit of the state drops a mark, other edits wake nobody', async () => {
  const lab = makeLab('resync: 1s\n');
  const write = (...spec: string[]) => lab.write('ada.yaml', workspaceYaml('ada', spec));
  write();
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id } = await lab.inspect('ada');
  write('state: Stopped');
  await lab.phase('ada', 'Stopped');
  expect((await lab.inspect('ada')).State.Running).toBe(false);
  expect(lab.status('ada')?.message).not.toMatch(/drift/);
  const refused = await lab.cli('start', 'ada');
  expect([refused.code, refused.stderr]).toEqual([7, expect.stringMatching(/spec\.state.*Stopped/)]);
  await lab.hand('start', Id);
  await until(async () => !(await lab.inspect('ada')).State.Running, { deadlineMs: 8_000 });
  await lab.phase('ada', 'Stopped');
  write();
  await lab.phase('ada', 'Running');
  expect((await lab.inspect('ada')).Id).toBe(Id);

  await lab.cli('stop', 'ada', '--wait');
  await lab.phase('ada', 'Held');
  write('env: {A: b}', 'resources: {cpu: 250m}');
  await until(() => lab.status('ada')?.generation === 4);
  await until(async () => (await lab.inspect('ada')).HostConfig.NanoCpus === 25e7, { deadlineMs: 8_000 });
  await holdsFor(async () => !(await lab.inspect('ada')).State.Running && lab.status('ada')?.phase === 'Held', 2_500);
  write('env: {A: b}', 'state: Stopped');
  await lab.phase('ada', 'Stopped');
  write('env: {A: b}');
  await lab.phase('ada', 'Running');
  expect(await lab.sh('ada', 'echo $A')).toBe('b');
});

test('one without a container may be held, and a mark outlives the controller and the container', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['state: Stopped']));
  const controller = await lab.up();
  await lab.phase('ada', 'Stopped');
  expect(await lab.mine()).toHaveLength(0);
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.phase('ada', 'Running');
  await lab.cli('stop', 'ada', '--wait');
  await controller.kill('SIGKILL');
  await lab.hand('start', `${lab.prefix}ada`);
  await lab.up();
  await until(async () => !(await lab.inspect('ada')).State.Running, { deadlineMs: 10_000 });
  await lab.hand('rm', `${lab.prefix}ada`);
  await holdsFor(async () => (await lab.mine()).length === 0, 2_500);
  expect(lab.status('ada')?.phase).toBe('Held');
  await lab.cli('start', 'ada', '--wait');
  expect((await lab.inspect('ada')).State.Running).toBe(true);
});

test('two files that declare one name: both are told, nothing changes for either', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('a.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const { Id, State } = await lab.inspect('ada');
  lab.write('b.yaml', workspaceYaml('ada', ['env: {A: b}', 'updatePolicy: Now', 'state: Stopped']));
  lab.write('c.yaml', `${workspaceYaml('new')}---\n${workspaceYaml('new')}`);
  await until(() => lab.condition('ada', 'Conflict')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'Conflict')?.message).toMatch(/a\.yaml:3.*b\.yaml:3/s);
  await until(() => lab.condition('new', 'Conflict')?.status === 'True');
  expect(lab.status('new')?.phase).toBe('Failed');
  const same = async () => {
    const now = await lab.inspect('ada');
    return now.Id === Id && now.State.StartedAt === State.StartedAt && (await lab.mine()).length === 1;
  };
  await holdsFor(same, 2_500);
  await controller.kill('SIGTERM');
  await lab.up();
  await holdsFor(same, 2_500);
  await lab.hand('kill', Id);
  await until(async () => (await lab.inspect('ada')).State.Running, { deadlineMs: 8_000, what: 'still healed' });
  lab.remove('b.yaml');
  await until(() => lab.condition('ada', 'Conflict')?.status === 'False', { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).Id).toBe(Id);
});

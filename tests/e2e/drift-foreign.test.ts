import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const QUIET_MS = 2_500;

test("somebody else's container under our name is left alone, and the workspace comes when it goes", async () => {
  const lab = makeLab('resync: 1s\n');
  await lab.hand('run', '-d', '--name', `${lab.prefix}ada`, 'workdock-test:latest', 'sleep', '600');
  const foreign = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await until(() => lab.condition('ada', 'NameTaken')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'NameTaken')?.message).toContain(foreign.Id.slice(0, 12));
  expect(lab.status('ada')?.phase).toBe('Failed');
  await lab.phase('bea', 'Running');
  const row = (await lab.cli('get')).stdout.split('\n')[1];
  expect(row, 'problems first, with what to do').toMatch(/^ada .*Failed.*rename or remove it/);
  await lab.cli('stop', 'ada');
  await lab.cli('start', 'ada');
  const same = async () => {
    const now = await lab.inspect('ada');
    return now.Id === foreign.Id && now.State.StartedAt === foreign.State.StartedAt && now.State.Running;
  };
  await holdsFor(same, QUIET_MS);
  await lab.hand('rm', '-f', foreign.Id);
  await lab.phase('ada', 'Running', 5_000);
  await until(() => lab.condition('ada', 'NameTaken')?.status === 'False');
});

test('a copy made by docker commit and run with our labels is nobody of ours', async () => {
  const lab = makeLab('resync: 1s\n');
  const image = `${lab.prefix}copy:1`;
  const copy = `${lab.prefix}copy`;
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  lab.afterwards(() => lab.hand('rmi', image));
  await lab.hand('commit', `${lab.prefix}ada`, image);
  await lab.hand('run', '-d', '--name', copy, '--entrypoint', 'sleep', image, '600');
  const made = await lab.docker.getContainer(copy).inspect();
  expect(made.Config.Labels['dev.workdock.name'], 'the labels leaked').toBe('ada');
  const untouched = async () => {
    const [mine, theirs] = [await lab.inspect('ada'), await lab.docker.getContainer(copy).inspect()];
    return mine.Id === before.Id && theirs.Id === made.Id && theirs.State.StartedAt === made.State.StartedAt;
  };
  await holdsFor(untouched, QUIET_MS);
  await controller.kill('SIGTERM');
  await lab.up();
  await holdsFor(untouched, QUIET_MS);
  expect((await lab.json<{ name: string }[]>('get')).map(({ name }) => name)).toEqual(['ada']);

  // Also under the very name of the workspace it is only in the way.
  await lab.cli('suspend', 'ada');
  await lab.hand('rm', '-f', before.Id);
  await lab.hand('rename', copy, `${lab.prefix}ada`);
  await lab.cli('resume', 'ada');
  await until(() => lab.condition('ada', 'NameTaken')?.status === 'True', { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).State.StartedAt).toBe(made.State.StartedAt);
});

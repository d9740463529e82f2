import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a workspace waits for a mount that is not there, and starts when it appears', async () => {
  const lab = makeLab('resync: 1s\nmountRoots: ["{root}/mnt"]\n');
  const source = join(lab.root, 'mnt', 'shared');
  mkdirSync(join(lab.root, 'mnt'));
  const mounts = `storage: {mounts: [{source: ${source}, target: /data, readOnly: true}]}`;
  lab.write('ada.yaml', workspaceYaml('ada', [mounts]));
  lab.write('bea.yaml', workspaceYaml('bea', ['updatePolicy: Now']));
  await lab.up();
  await until(() => lab.condition('ada', 'MountMissing')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.status('ada')?.phase).toBe('Pending');
  expect(lab.condition('ada', 'Ready')).toMatchObject({ status: 'False', reason: 'MountMissing' });
  await lab.phase('bea', 'Running');
  const { Id, State } = await lab.inspect('bea');

  // A healthy one is not given up for a change that cannot be made.
  lab.write('bea.yaml', workspaceYaml('bea', ['updatePolicy: Now', mounts]));
  await until(() => lab.condition('bea', 'MountMissing')?.status === 'True', { deadlineMs: 10_000 });
  await holdsFor(async () => (await lab.inspect('bea')).State.StartedAt === State.StartedAt, 2_000);
  expect(existsSync(source), 'nobody makes it').toBe(false);
  expect((await lab.cli('get')).stdout).toContain(source);

  mkdirSync(source);
  writeFileSync(join(source, 'table.csv'), '1,2');
  await lab.phase('ada', 'Running', 15_000);
  expect(await lab.sh('ada', 'cat /data/table.csv')).toBe('1,2');
  await expect(lab.sh('ada', 'touch /data/x')).rejects.toThrow(/Read-only/);
  await until(async () => (await lab.inspect('bea')).Id !== Id, { deadlineMs: 15_000 });
  await until(async () => (await lab.sh('bea', 'cat /data/table.csv')) === '1,2', { deadlineMs: 10_000 });

  // Gone under a running one: it goes on, and is not started again without it.
  renameSync(source, join(lab.root, 'mnt', 'away'));
  await until(() => lab.condition('ada', 'MountMissing')?.status === 'True', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'Ready')?.status).toBe('True');
  await lab.hand('kill', `${lab.prefix}ada`);
  await until(() => lab.status('ada')?.phase === 'Pending', { deadlineMs: 10_000 });
  await holdsFor(async () => !(await lab.inspect('ada')).State.Running, 2_000);
  renameSync(join(lab.root, 'mnt', 'away'), source);
  await lab.phase('ada', 'Running', 15_000);
});

test('a mount outside the roots is refused, with the line to add', async () => {
  const lab = makeLab('resync: 1s\n');
  const source = join(lab.root, 'mnt');
  mkdirSync(source);
  lab.write('ada.yaml', workspaceYaml('ada', [`storage: {mounts: [{source: ${source}, target: /data}]}`]));
  await lab.up();
  await until(() => lab.status('ada')?.phase === 'Failed', { deadlineMs: 10_000 });
  const { stdout } = await lab.cli('describe', 'ada');
  expect(stdout).toMatch(/ada\.yaml:6:/);
  expect(stdout).toMatch(/mountRoots/);
  expect(await lab.mine()).toHaveLength(0);
});

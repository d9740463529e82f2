import { existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const missing = (lab: Lab) => lab.summary().host.conditions.find(({ type }) => type === 'DataFolderMissing');

test('with its data folder gone the controller makes and starts nothing, and goes on when it is back', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  await lab.sh('ada', 'echo kept > note');
  const away = join(lab.root, 'unmounted');
  renameSync(lab.data, away);
  await until(() => missing(lab)?.status === 'True', { deadlineMs: 10_000 });
  await lab.hand('rm', '-f', `${lab.prefix}ada`);
  lab.write('cam.yaml', workspaceYaml('cam'));
  await until(() => lab.condition('ada', 'Ready')?.reason === 'DataFolderMissing', { deadlineMs: 10_000 });
  await holdsFor(async () => (await lab.mine()).length === 1 && !existsSync(lab.data), 3_000);
  expect((await lab.inspect('bea')).State.Running, 'what runs goes on').toBe(true);
  expect(lab.condition('bea', 'Ready')?.status).toBe('True');

  // An empty mount point, and a controller that starts over it.
  mkdirSync(lab.data);
  await controller.kill('SIGKILL');
  await lab.up();
  await until(() => missing(lab)?.status === 'True', { deadlineMs: 10_000 });
  expect(missing(lab)?.message).toContain(lab.data);
  expect((await lab.cli('get')).stdout).toMatch(/bea/);
  expect((await lab.cli('start', 'ada')).code).toBe(7);
  await holdsFor(async () => (await lab.mine()).length === 1 && !existsSync(join(lab.data, 'users')), 3_000);

  rmdirSync(lab.data);
  renameSync(away, lab.data);
  for (const name of ['ada', 'bea', 'cam']) await lab.phase(name, 'Running', 20_000);
  expect(await lab.sh('ada', 'cat note')).toBe('kept');
  expect(missing(lab)?.status).toBe('False');
});

test('a lost state folder does not hide it: the containers know which data folder is theirs', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await controller.kill('SIGKILL');
  renameSync(lab.data, join(lab.root, 'unmounted'));
  renameSync(lab.state, join(lab.root, 'old-state'));
  await lab.up();
  await until(() => missing(lab)?.status === 'True', { deadlineMs: 10_000 });
  await holdsFor(() => !existsSync(join(lab.data, 'users')), 2_000);
  renameSync(join(lab.root, 'unmounted'), lab.data);
  await lab.phase('ada', 'Running', 20_000);
});

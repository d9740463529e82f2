import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import type { HostConditionType } from '../../src/model/conditions.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { fillDisk, mountDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

/** A lab with its state or data folder on a disk of its own. */
async function makeLabOnDisk(folder: 'state' | 'data') {
  const lab = makeLab('resync: 2s\n');
  const disk = lab[folder];
  mkdirSync(disk);
  lab.afterwards(await mountDisk(join(lab.root, 'disk.img'), disk, 40));
  /** From the API: what the status file says is the question. */
  const client = makeClient({ state: lab.state });
  const host = async (type: HostConditionType) =>
    (await client.health()).conditions.find((condition) => condition.type === type);
  return { ...lab, host };
}

/** Reads every status file there is; a torn one throws. */
function readAll(state: string): void {
  const names = readdirSync(join(state, 'status')).filter((name) => name.endsWith('.json'));
  const files = ['status.json', ...names.map((name) => join('status', name))];
  for (const file of files) JSON.parse(readFileSync(join(state, file), 'utf8'));
}
const temporaries = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));

test('the state folder is full: the controller lives and says so, heals, and writes again once it can', async () => {
  const lab = await makeLabOnDisk('state');
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');

  const free = await fillDisk(lab.state);
  await until(async () => (await lab.host('DiskPressure'))?.status === 'True', { deadlineMs: 30_000 });
  lab.write('bea.yaml', workspaceYaml('bea'));
  const said = async (status: string) => {
    readAll(lab.state);
    return (await lab.host('StatusPersisted'))?.status === status;
  };
  await until(() => said('False'), { deadlineMs: 30_000 });
  expect((await lab.host('StatusPersisted'))?.message).toContain('ENOSPC');
  await until(async () => /bea .*Pending/.test((await lab.cli('get')).stdout), { deadlineMs: 10_000 });
  await lab.container('ada').stop({ t: 0 });
  const healed = async () => {
    readAll(lab.state);
    return (await lab.inspect('ada')).State.Running;
  };
  await until(healed, { deadlineMs: 20_000 });

  free();
  await until(() => said('True'), { deadlineMs: 30_000 });
  await lab.phase('bea', 'Running');
  await until(() => lab.summary().workspaces['bea']?.phase === 'Running', { deadlineMs: 10_000 });
  expect(temporaries(lab.state)).toEqual([]);
  expect(await controller.kill('SIGTERM')).toBe(0);
});

test('the data folder is full: a decision that cannot be kept is refused, and nobody is touched', async () => {
  const lab = await makeLabOnDisk('data');
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');

  const free = await fillDisk(lab.data);
  const refused = await lab.cli('stop', 'ada');
  expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining('ENOSPC') });
  const put = makeClient({ state: lab.state }).putSpec('cleo', { owner: 'cleo' }, { ifAbsent: false });
  await expect(put).rejects.toMatchObject({ code: 'NOT_PERSISTED' });
  lab.write('bea.yaml', workspaceYaml('bea'));
  await until(() => lab.status('bea')?.last.error?.code === 'NOT_PERSISTED', { deadlineMs: 20_000 });
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);
  expect(await lab.mine()).toHaveLength(1);
  expect((await lab.cli('get')).code).toBe(0);

  free();
  await lab.phase('bea', 'Running', 60_000);
  expect((await lab.cli('stop', 'ada', '--wait')).code).toBe(0);
  await lab.phase('ada', 'Held');
  expect(temporaries(join(lab.data, '.workdock'))).toEqual([]);
  expect(await controller.kill('SIGTERM')).toBe(0);
});

import { expect, test } from 'vitest';
import { makeEngineLab, shareEngine } from '../support/engine-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { fillDisk } from '../support/small-disk.ts';
import { until } from '../support/until.ts';

/** Semantics, F7: noticed, and over again, within 30 s. */
const F7_MS = 30_000;
const engine = shareEngine({ diskMib: 700 });

test('the disk of the engine is full: who runs goes on, nobody is stopped to be made anew, and it passes', async () => {
  const lab = await makeEngineLab(await engine());
  await lab.up();
  const [first = '', second = ''] = await lab.fill(2, ['updatePolicy: Now']);
  const before = await lab.containers();
  expect(lab.host('DiskPressure')?.status).toBe('False');

  const free = await fillDisk(lab.engine.disk);
  await lab.untilHost('DiskPressure', 'True', F7_MS);
  expect(lab.host('DiskPressure')?.message).toMatch(/ has \d+ MiB free, needs \d+ MiB/);
  lab.write(`${first}.yaml`, workspaceYaml(first, ['updatePolicy: Now', 'env: {COLOUR: blue}']));
  lab.write('late.yaml', workspaceYaml('late'));
  await until(() => lab.condition(first, 'UpdatePending')?.reason === 'LowSpace', { deadlineMs: F7_MS });
  await until(() => lab.condition('late', 'Ready')?.reason === 'LowSpace', { deadlineMs: F7_MS });
  expect(lab.status('late')?.phase).toBe('Pending');
  expect(await lab.containers(), 'as they were, and no new one').toEqual(before);
  expect((await lab.sh(second, 'echo alive')).trim()).toBe('alive');
  expect((await lab.cli('stop', second, '--wait')).code, 'a stop needs no space').toBe(0);

  free();
  await lab.untilHost('DiskPressure', 'False', F7_MS);
  await lab.phase('late', 'Running', F7_MS);
  await until(async () => (await lab.sh(first, 'echo $COLOUR')) === 'blue', { deadlineMs: F7_MS });
  expect((await lab.cli('start', second, '--wait')).code).toBe(0);
  expect((await lab.containers())[second]).toMatchObject({ id: before[second]?.id, running: true });
});

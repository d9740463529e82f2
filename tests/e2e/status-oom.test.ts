import { expect, test } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** A process of the workspace that takes more than the limit. */
const hog = 'head -c 300000000 /dev/zero | tail > /dev/null';
const kills = (lab: Lab, name: string) => lab.events(name).filter(({ reason }) => reason === 'OOMKilled');

test('a process killed for memory is an event with count and limit, and the workspace goes on', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 64Mi}']));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const { State } = await lab.inspect('ada');
  await lab.sh('ada', `${hog}; true`);
  await until(() => kills(lab, 'ada').length === 1, { deadlineMs: 8_000 });
  expect(kills(lab, 'ada')[0]).toMatchObject({ type: 'Warning', evidence: { kills: 1, limitBytes: 2 ** 26 } });
  expect(kills(lab, 'ada')[0]?.message).toMatch(/64Mi/);
  await until(() => lab.status('ada')?.oom?.kills === 1);
  expect((await lab.inspect('ada')).State.StartedAt, 'the keeper survives').toBe(State.StartedAt);
  expect(lab.status('ada')?.phase).toBe('Running');
  expect((await lab.cli('describe', 'ada')).stdout).toMatch(/out of memory|OOM/i);

  await lab.sh('ada', `${hog}; true`);
  await until(() => lab.status('ada')?.oom?.kills === 2, { deadlineMs: 8_000 });
  await controller.kill('SIGTERM');
  await lab.up();
  await lab.sh('ada', `${hog}; true`);
  await until(() => lab.status('ada')?.oom?.kills === 3, { deadlineMs: 8_000 });
  const told = () =>
    kills(lab, 'ada').reduce((sum, { evidence, count }) => sum + Number(evidence?.['kills']) * count, 0);
  await until(() => told() === 3, { what: () => JSON.stringify(kills(lab, 'ada')) });
});

test('a workspace that dies of it as a whole says so too', async () => {
  const lab = makeLab('resync: 1s\n');
  const argv = JSON.stringify(['sh', '-c', 'exec tail /dev/zero']);
  lab.write(
    'ada.yaml',
    workspaceYaml('ada', ['resources: {memory: 64Mi}', `command: ${argv}`, 'restart: {policy: Never}']),
  );
  await lab.up();
  await lab.phase('ada', 'Stopped');
  await until(() => kills(lab, 'ada').length === 1, {
    deadlineMs: 8_000,
    what: () => JSON.stringify(lab.events('ada')),
  });
  expect(lab.status('ada')?.lastEnd).toMatchObject({ reason: 'OOMKilled' });
  expect(lab.status('ada')?.oom).toMatchObject({ kills: 1, limitBytes: 2 ** 26 });
});

import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const EAT = `python3 -c "x = b'1' * (300 << 20)"`;

test('a process that is killed for want of memory is an event with count and limit, and the workspace goes on', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 96Mi}']));
  lab.write('bea.yaml', workspaceYaml('bea'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  const before = await lab.inspect('ada');
  const told = () => lab.events('ada').filter(({ reason }) => reason === 'OOMKilled');
  const kills = () => told().reduce((sum, { message, count }) => sum + Number.parseInt(message, 10) * count, 0);

  await expect(lab.sh('ada', EAT)).rejects.toMatchObject({ code: 137 });
  await until(() => told().length === 1, { deadlineMs: 5_000, what: () => JSON.stringify(lab.events('ada')) });
  expect(told()[0]).toMatchObject({ type: 'Warning', evidence: { limitBytes: 96 * 2 ** 20 } });
  expect(told()[0]?.message).toMatch(/^1 process killed: out of memory at the limit of 96Mi$/);
  await until(() => lab.status('ada')?.oom?.kills === 1);
  expect(lab.status('ada')).toMatchObject({ phase: 'Running', oom: { limitBytes: 96 * 2 ** 20 } });
  expect((await lab.inspect('ada')).State.StartedAt, 'its keeper lives').toBe(before.State.StartedAt);
  expect((await lab.cli('events', 'ada')).stdout).toContain('OOMKilled');

  await expect(lab.sh('ada', EAT)).rejects.toMatchObject({ code: 137 });
  await until(() => kills() === 2, { deadlineMs: 5_000 });
  await until(() => lab.status('ada')?.oom?.kills === 2);
  await controller.kill('SIGKILL');
  await lab.up();
  await holdsFor(() => kills() === 2 && lab.status('ada')?.oom?.kills === 2, 2_500, 'nothing told twice');
  expect(lab.events('bea').map(({ reason }) => reason)).not.toContain('OOMKilled');
});

test('a command that is killed itself is an event too, and its end says why', async () => {
  const lab = makeLab('resync: 1s\n');
  const command = `command: [sh, -c, ${JSON.stringify(`test -e eaten && exec sleep 600; touch eaten; exec ${EAT}`)}]`;
  lab.write('ada.yaml', workspaceYaml('ada', [command, 'resources: {memory: 96Mi}', 'restart: {policy: Never}']));
  lab.write('bea.yaml', workspaceYaml('bea', [command, 'resources: {memory: 96Mi}', 'restart: {policy: OnFailure}']));
  await lab.up();
  await lab.phase('ada', 'Stopped');
  await lab.phase('bea', 'Running');
  for (const name of ['ada', 'bea']) {
    const told = () => lab.events(name).filter(({ reason }) => reason === 'OOMKilled');
    await until(() => told().length === 1, { what: () => JSON.stringify(lab.events(name)) });
    expect(told()[0], 'once').toMatchObject({ count: 1, evidence: { limitBytes: 96 * 2 ** 20 } });
  }
  expect(lab.status('ada')?.lastEnd).toMatchObject({ reason: 'OOMKilled', evidence: 'exit code 137' });
  await holdsFor(() => lab.events('ada').filter(({ reason }) => reason === 'OOMKilled').length === 1, 2_500);
});

import { expect, onTestFinished, test } from 'vitest';
import { watchActions } from '../support/engine-actions.ts';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** More than two resyncs of these labs. */
const QUIET_MS = 2_500;

test('a suspended workspace gets no step, whatever happens to it, until it is resumed', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  expect((await lab.cli('suspend', 'ada')).stdout).toBe('ada suspended\n');
  lab.write('bea.yaml', workspaceYaml('bea', ['suspend: true']));
  for (const name of ['ada', 'bea']) {
    await until(() => /suspend/.test(lab.status(name)?.last.because ?? ''), { what: name });
  }
  await lab.hand('stop', `${lab.prefix}ada`);
  await lab.hand('rm', '-f', `${lab.prefix}bea`);
  const actions = await watchActions(lab);
  onTestFinished(actions.close);
  lab.write('ada.yaml', workspaceYaml('ada', ['env: {COLOUR: blue}', 'updatePolicy: Now', 'resources: {cpu: 1}']));
  await until(() => lab.status('ada')?.phase === 'Stopped');
  await holdsFor(() => actions.seen().length === 0, QUIET_MS);
  expect(lab.condition('ada', 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
  expect(lab.status('ada')?.pending.map(({ field }) => field)).toContain('env.COLOUR');
  expect(lab.status('ada')?.drift.map(({ field }) => field)).toEqual([]);
  expect((await lab.cli('start', 'ada')).code).toBe(7);
  expect((await lab.cli('restart', 'bea')).stderr).toMatch(/suspended/);
  expect((await lab.cli('why', 'ada')).stdout).toMatch(/resume/);

  await controller.kill('SIGKILL');
  await lab.up();
  await holdsFor(() => actions.seen().length === 0, QUIET_MS);

  await lab.cli('resume', 'ada');
  await until(async () => (await lab.sh('ada', 'echo $COLOUR')) === 'blue', { deadlineMs: 10_000 });
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.phase('bea', 'Running', 10_000);
});

test('suspend --all holds everything, new workspaces too, and resume --all lets go', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.cli('suspend', '--all');
  await lab.hand('kill', `${lab.prefix}ada`);
  lab.write('bea.yaml', workspaceYaml('bea'));
  const actions = await watchActions(lab);
  onTestFinished(actions.close);
  await until(() => lab.condition('bea', 'Ready')?.reason === 'Suspended');
  await holdsFor(() => actions.seen().length === 0, QUIET_MS);
  expect(lab.status('ada')?.phase).toBe('Stopped');
  await until(() => lab.status('ada')?.drift[0]?.field === 'state');
  expect(lab.events('ada').at(-1)?.reason).toBe('Drift');
  await lab.cli('resume', '--all');
  await lab.phase('ada', 'Running', 10_000);
  await lab.phase('bea', 'Running', 10_000);
});

test('suspend --for ends by itself', async () => {
  const lab = makeLab('resync: 10m\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  const start = performance.now();
  await lab.cli('suspend', 'ada', '--for', '3s');
  await lab.cli('suspend', '--all', '--for', '4s');
  await lab.hand('kill', `${lab.prefix}ada`, `${lab.prefix}bea`);
  await until(() => /suspended until/.test(lab.condition('bea', 'Ready')?.message ?? ''));
  for (const name of ['ada', 'bea']) {
    await until(async () => (await lab.inspect(name)).State.Running, { deadlineMs: 10_000, what: name });
    expect(performance.now() - start).toBeGreaterThan(3_900);
  }
});

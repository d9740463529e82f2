import { expect, onTestFinished, test } from 'vitest';
import { watchActions } from '../support/engine-actions.ts';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const sh = (script: string) => `command: [sh, -c, ${JSON.stringify(script)}]`;

test('a crash loop backs off, says so, and a changed spec starts afresh', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('cra.yaml', workspaceYaml('cra', [sh('exit 4'), 'restart: {policy: OnFailure}']));
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  const actions = await watchActions(lab);
  onTestFinished(actions.close);
  await until(() => lab.condition('cra', 'Ready')?.reason === 'CrashLoopBackOff', { deadlineMs: 15_000 });
  expect(lab.status('cra')?.phase).toBe('Failed');
  expect(lab.condition('cra', 'Ready')?.message).toMatch(/ended \d+ times soon after its start \(exit 4\); next start/);
  expect(lab.status('cra')?.lastEnd).toMatchObject({ reason: 'Crashed', evidence: 'exit code 4' });
  const { Id } = await lab.inspect('cra');
  const before = actions.count('start cra');
  const start = performance.now();
  await until(() => performance.now() - start > 10_000, { deadlineMs: 15_000, everyMs: 200 });
  // Pauses of 1, 2, 4 and 8 s: at most four more starts; without a pause there would be some thirty.
  expect(actions.count('start cra') - before).toBeLessThanOrEqual(4);
  expect(actions.count('start cra') - before).toBeGreaterThanOrEqual(1);
  expect((await lab.inspect('cra')).Id, 'started again, not made again').toBe(Id);
  expect(lab.status('ada')?.phase).toBe('Running');
  expect((await lab.cli('why', 'cra')).stdout).toMatch(/next start in/);

  lab.write('cra.yaml', workspaceYaml('cra', [sh('exec sleep 600')]));
  await lab.phase('cra', 'Running', 10_000);
});

test('what a command that ends by itself is worth is the restart policy', async () => {
  const lab = makeLab('resync: 1s\n');
  const specs: Record<string, string[]> = {
    done: [sh('exit 0'), 'restart: {policy: OnFailure}'],
    never: [sh('exit 3'), 'restart: {policy: Never}'],
    always: [sh('exit 0'), 'restart: {policy: Always}'],
    fails: [sh('exit 1'), 'restart: {policy: OnFailure}'],
    once: [sh('test -e seen && exec sleep 600; touch seen; exit 9'), 'restart: {policy: OnFailure}'],
  };
  for (const [name, spec] of Object.entries(specs)) lab.write(`${name}.yaml`, workspaceYaml(name, spec));
  const controller = await lab.up();
  const actions = await watchActions(lab);
  onTestFinished(actions.close);
  await lab.phase('done', 'Stopped');
  await lab.phase('never', 'Stopped');
  await lab.phase('once', 'Running');
  expect(lab.condition('done', 'Ready')).toMatchObject({ status: 'False', reason: 'Completed' });
  expect(lab.condition('done', 'Degraded')?.status).toBe('False');
  expect(lab.status('done')?.lastEnd).toMatchObject({ reason: 'Completed', evidence: 'exit code 0' });
  expect(lab.status('never')?.lastEnd).toMatchObject({ reason: 'Crashed', evidence: 'exit code 3' });
  const starts = (name: string) => actions.count(`start ${name}`);
  await until(() => starts('always') >= 2 && starts('fails') >= 2, { deadlineMs: 15_000 });

  const end = (await lab.inspect('done')).State.StartedAt;
  const ended = async () => (await lab.inspect('done')).State.StartedAt === end;
  await holdsFor(ended, 2_500);
  await controller.kill('SIGTERM');
  await lab.up();
  await holdsFor(ended, 2_500);

  expect((await lab.cli('start', 'done')).code).toBe(0);
  await until(async () => !(await ended()), { deadlineMs: 5_000, what: 'a person starts it once more' });
  await lab.phase('done', 'Stopped');
  const again = (await lab.inspect('done')).State.StartedAt;
  await holdsFor(async () => (await lab.inspect('done')).State.StartedAt === again, 2_500, 'once');
});

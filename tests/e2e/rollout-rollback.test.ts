import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** Ids and start times of all containers of the lab: any try of anything changes it. */
const world = async (lab: Lab) => {
  const all = await Promise.all((await lab.mine()).map(({ Id }) => lab.docker.getContainer(Id).inspect()));
  return all.map(({ Id, Name, State }) => `${Id} ${Name} ${State.Status} ${State.StartedAt}`).sort();
};

async function rolledBack(lab: Lab, name: string, before: { Id: string }) {
  await until(() => lab.condition(name, 'Degraded')?.reason === 'RolledBack', {
    deadlineMs: 15_000,
    what: () => JSON.stringify(lab.status(name), null, 1),
  });
  await until(async () => (await lab.inspect(name)).State.Running);
  expect((await lab.inspect(name)).Id, 'the old container is back').toBe(before.Id);
  await until(() => lab.status(name)?.phase === 'Running' && lab.status(name)?.plan.length === 0);
  expect(lab.condition(name, 'Ready')?.status).toBe('True');
  expect(lab.condition(name, 'UpdatePending')).toMatchObject({ status: 'True', reason: 'RevisionFailed' });
}

test('an image that does not start under Now: the old container is back, and it is not tried again', async () => {
  const lab = makeLab('resync: 1s\n');
  const empty = `workdock-${lab.prefix}empty:1`;
  lab.afterwards(() => lab.hand('rmi', '--force', empty));
  execFileSync('sh', ['-c', `tar -c -f - -T /dev/null | docker import - ${empty}`]);
  const now = 'updatePolicy: Now';
  lab.write('ada.yaml', workspaceYaml('ada', [now]));
  lab.write('bea.yaml', workspaceYaml('bea', [now]));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  await lab.sh('ada', 'echo kept > note');
  const [ada, bea] = [await lab.inspect('ada'), await lab.inspect('bea')];
  lab.write('ada.yaml', workspaceYaml('ada', [now, `image: ${empty}`]));
  lab.write('bea.yaml', workspaceYaml('bea', [now, 'command: [/no/such/program, now]']));
  await rolledBack(lab, 'ada', ada);
  await rolledBack(lab, 'bea', bea);
  expect(await lab.sh('ada', 'cat note')).toBe('kept');
  const still = await world(lab);
  expect(still).toHaveLength(2);
  await holdsFor(async () => JSON.stringify(await world(lab)) === JSON.stringify(still), 10_000);
  expect((await lab.cli('get')).stdout).toMatch(/bea .*the last change did not start/);
  expect((await lab.cli('why', 'bea')).stdout).toMatch(/did not start/);

  lab.write('ada.yaml', workspaceYaml('ada', [now, 'env: {COLOUR: blue}']));
  await until(async () => (await lab.sh('ada', 'echo $COLOUR')) === 'blue', { deadlineMs: 10_000 });
  await until(() => lab.condition('ada', 'Degraded')?.status === 'False', { deadlineMs: 10_000 });
  lab.write('bea.yaml', workspaceYaml('bea', [now]));
  await until(() => lab.condition('bea', 'Degraded')?.status === 'False', { deadlineMs: 10_000 });
  expect((await lab.inspect('bea')).Id, 'taken back: nothing to do').toBe(bea.Id);
});

test('a command that ends at once is a failed change too; a restart tries it again, and goes back again', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now']));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now', 'command: [sh, -c, "exit 3"]']));
  await rolledBack(lab, 'ada', before);
  expect(lab.condition('ada', 'Degraded')?.message).toContain('exit code 3');
  const { State: back } = await lab.inspect('ada');
  const again = await lab.cli('restart', 'ada', '--wait');
  expect([again.code, again.stdout]).toEqual([8, 'ada restart accepted (Running now)\n']);
  expect(again.stderr).toMatch(/ada was put back: command .*exit code 3\n +hint: workdock why ada/);
  const { Id, State } = await lab.inspect('ada');
  expect([Id, State.Running, State.StartedAt === back.StartedAt]).toEqual([before.Id, true, false]);
  await rolledBack(lab, 'ada', before);

  // Remembered by the data folder, not by the process.
  const still = await world(lab);
  await controller.kill('SIGKILL');
  await lab.up();
  await holdsFor(async () => JSON.stringify(await world(lab)) === JSON.stringify(still), 3_000);
  expect(lab.condition('ada', 'Degraded')?.reason).toBe('RolledBack');
});

test('an image that is not there changes nothing until it is', async () => {
  const lab = makeLab('resync: 1s\n');
  const late = `workdock-${lab.prefix}late:1`;
  lab.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now']));
  lab.write('bea.yaml', workspaceYaml('bea', [`image: {ref: ${late}, pullPolicy: Never}`]));
  await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now', `image: {ref: ${late}, pullPolicy: Never}`]));
  for (const name of ['ada', 'bea']) {
    await until(() => lab.condition(name, 'ImageReady')?.status === 'False', { deadlineMs: 10_000 });
    expect(lab.condition(name, 'ImageReady')?.message).toContain(late);
  }
  const { Id, State } = await lab.inspect('ada');
  expect([Id, State.StartedAt, State.Running]).toEqual([before.Id, before.State.StartedAt, true]);
  await until(() => lab.status('bea')?.phase === 'Failed');
  lab.afterwards(() => lab.hand('rmi', late));
  await lab.hand('tag', 'workdock-test:latest', late);
  await until(async () => (await lab.inspect('ada')).Config.Image === late, { deadlineMs: 40_000 });
  await lab.phase('bea', 'Running', 40_000);
});

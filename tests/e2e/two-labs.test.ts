import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a second controller on a data folder is told who has it, and changes nothing', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  const first = await lab.up();
  await lab.phase('ada', 'Running');
  const { Id, State } = await lab.inspect('ada');
  const elsewhere = join(lab.root, 'other-state');
  for (const wrapper of [[], ['env', `WORKDOCK_STATE=${elsewhere}`]]) {
    const second = await lab.up({ ready: false, wrapper });
    expect(await second.ended, second.log()).toBe(7);
    // The launcher may hand over to another process: the holder is the one that status.json names.
    expect(second.log()).toContain(`locked by pid ${lab.summary().controller.pid}`);
  }
  expect(existsSync(join(elsewhere, 'status.json')), 'no status of a controller that never was').toBe(false);
  expect((await lab.cli('get', 'ada')).code).toBe(0);
  await lab.hand('kill', Id);
  await until(async () => (await lab.inspect('ada')).State.StartedAt > State.StartedAt, { deadlineMs: 5_000 });
  expect(await first.kill('SIGKILL')).toBe(128);
  await lab.up(); // the lock went with its holder
  await lab.phase('ada', 'Running');
});

test('two labs on one engine have the same names and nothing else in common', async () => {
  const [one, two] = [makeLab('resync: 1s\n'), makeLab('resync: 1s\n')];
  for (const lab of [one, two]) lab.write('ada.yaml', workspaceYaml('ada'));
  const [first] = await Promise.all([one.up(), two.up()]);
  await Promise.all([one, two].map((lab) => lab.phase('ada', 'Running')));
  const before = await two.inspect('ada');
  const untouched = async () => {
    const { Id, State } = await two.inspect('ada');
    return Id === before.Id && State.StartedAt === before.State.StartedAt && State.Running;
  };
  await one.sh('ada', 'echo one > note');
  await expect(two.sh('ada', 'cat note')).rejects.toThrow();
  const uidOf = (lab: typeof one) => readFileSync(join(lab.data, '.workdock', 'instance.json'), 'utf8');
  expect(uidOf(one)).not.toBe(uidOf(two));
  expect((await one.docker.getNetwork(`${one.prefix}net`).inspect()).Id).not.toBe(
    (await two.docker.getNetwork(`${two.prefix}net`).inspect()).Id,
  );

  expect((await one.cli('stop', 'ada', '--wait')).code).toBe(0);
  one.write('ada.yaml', workspaceYaml('ada', ['env: {A: b}', 'updatePolicy: Now']));
  expect((await one.cli('start', 'ada', '--wait')).code).toBe(0);
  await one.hand('rm', '-f', `${one.prefix}ada`);
  await one.phase('ada', 'Running');
  await first.kill('SIGKILL');
  await one.up();
  await holdsFor(untouched, 2_500);
  expect(two.events('ada').map(({ reason }) => reason)).not.toContain('Drift');

  await two.hand('kill', before.Id);
  await until(async () => !(await untouched()) && (await two.inspect('ada')).State.Running, { deadlineMs: 5_000 });
});

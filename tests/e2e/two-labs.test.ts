import { expect, onTestFinished, test } from 'vitest';
import { watchActions } from '../support/engine-actions.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('a second controller over the same data folder ends and says who has it', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  const first = await lab.up();
  await lab.phase('ada', 'Running');
  const { State } = await lab.inspect('ada');
  const { controller } = lab.summary();
  const second = await lab.up({ ready: false });
  expect(await second.ended).toBe(7);
  expect(second.log()).toMatch(new RegExp(`locked by pid ${controller.pid}`));
  expect((await lab.inspect('ada')).State.StartedAt).toBe(State.StartedAt);
  expect((await lab.cli('get')).code, 'the first one still answers').toBe(0);
  await first.kill('SIGKILL');
  await lab.up();
  await lab.phase('ada', 'Running');
});

test('two labs at once do not touch each other', async () => {
  const [one, two] = [makeLab('resync: 1s\n'), makeLab('resync: 1s\n')];
  for (const lab of [one, two]) lab.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now']));
  await Promise.all([one.up(), two.up()]);
  await one.phase('ada', 'Running');
  await two.phase('ada', 'Running');
  await until(() => two.status('ada')?.plan.length === 0);
  const actions = await watchActions(two);
  onTestFinished(actions.close);
  await one.hand('kill', `${one.prefix}ada`);
  one.write('ada.yaml', workspaceYaml('ada', ['updatePolicy: Now', 'env: {COLOUR: blue}']));
  one.write('bea.yaml', workspaceYaml('bea'));
  await one.phase('bea', 'Running');
  await until(async () => (await one.sh('ada', 'echo $COLOUR')) === 'blue', { deadlineMs: 10_000 });
  await one.cli('stop', 'ada', '--wait');
  expect(actions.seen()).toEqual([]);
  expect((await two.json<{ name: string }[]>('get')).map(({ name }) => name)).toEqual(['ada']);
  const networks = [one, two].map((lab) => lab.summary().host.engine?.['subnet']);
  expect(networks[0]).not.toBe(networks[1]);
});

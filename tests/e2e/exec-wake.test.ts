import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enter } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
beforeAll(async () => {
  lab = openLab();
  lab.write('on-demand.yaml', workspaceYaml('dora', ['state: OnDemand']));
  lab.write('stopped.yaml', workspaceYaml('stan', ['state: Stopped']));
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('dora', 'Stopped');
}, 60_000);
afterAll(() => lab.dispose());

test('entering starts a workspace on demand, and loses nothing of stdin', async () => {
  expect(await lab.mine()).not.toContainEqual(expect.objectContaining({ Names: [`/${lab.prefix}dora`] }));
  const refused = await enter(lab, ['exec', 'dora', '--no-start', '--', 'true']);
  expect([refused.code, refused.stderr]).toEqual([7, expect.stringMatching(/dora does not run/)]);
  const bytes = randomBytes(400_000);
  const { code, stdout } = await enter(lab, ['exec', 'dora', '--', 'cat'], bytes);
  const sha = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  expect([code, sha(stdout)]).toEqual([0, sha(bytes)]);
  await lab.phase('dora', 'Running');
  expect((await lab.cli('why', 'dora')).stdout).toMatch(/woken by access/);
});

test('what somebody stopped, suspended, or wrote down as stopped is not entered', async () => {
  const stopped = await enter(lab, ['exec', 'stan', '--', 'true']);
  expect([stopped.code, stopped.stderr]).toEqual([
    125,
    expect.stringMatching(/spec.state of stan is Stopped.*REFUSED/),
  ]);
  await lab.cli('stop', 'ada', '--wait');
  const held = await enter(lab, ['exec', 'ada', '--', 'true']);
  expect([held.code, held.stderr]).toEqual([
    125,
    expect.stringMatching(/ada is held.*REFUSED[\s\S]*workdock start ada/),
  ]);
  await lab.cli('start', 'ada', '--wait');
  await lab.cli('suspend', 'ada');
  expect((await enter(lab, ['exec', 'ada', '--', 'true'])).code).toBe(125);
  await lab.cli('resume', 'ada');
  expect((await enter(lab, ['exec', 'ada', '--', 'true'])).code).toBe(0);
});

test('a container that a hand has just stopped, removed or paused is back when the command runs', async () => {
  for (const hand of ['stop -t 0', 'rm -f', 'pause']) {
    await lab.hand(...hand.split(' '), `${lab.prefix}ada`);
    const { code, stdout } = await enter(lab, ['exec', 'ada', '--', 'cat'], hand);
    expect([code, stdout.toString()]).toEqual([0, hand]);
  }
});

test('one that runs when its spec becomes OnDemand goes on; one that is at rest stays at rest', async () => {
  lab.write('eve.yaml', workspaceYaml('eve'));
  await lab.phase('eve', 'Running');
  const { Id, State } = await lab.inspect('eve');
  lab.write('eve.yaml', workspaceYaml('eve', ['state: OnDemand']));
  await until(() => lab.status('eve')?.generation === 2 && lab.status('eve')?.observedGeneration === 2);
  expect(await lab.inspect('eve')).toMatchObject({ Id, State: { Running: true, StartedAt: State.StartedAt } });
  await lab.cli('stop', 'eve', '--wait');
  await lab.cli('start', 'eve', '--wait');
  expect((await enter(lab, ['exec', 'eve', '--no-start', '--', 'true'])).code).toBe(0);
});

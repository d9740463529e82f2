import { expect, onTestFinished, test } from 'vitest';
import { enter, start } from '../support/enter.ts';
import { idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

test('who enters on its way to rest comes in, with every byte; a person’s stop is the last word', async () => {
  const lab = openIdleLab();
  onTestFinished(lab.dispose, 60_000);
  lab.write('ada.yaml', workspaceYaml('ada', [...idleSpec('timeout: 3s'), 'stopGracePeriod: 6s']));
  await lab.up();
  await lab.phase('ada', 'Running');
  // Takes its stop the whole grace, and no CPU.
  await lab.hand('exec', '-d', `${lab.prefix}ada`, 'sh', '-c', 'trap "" TERM; while :; do sleep 100; done');
  const { Id, State } = await lab.inspect('ada');
  await until(() => lab.reasons('ada').includes('Rested'), { deadlineMs: 30_000, everyMs: 20 });
  expect(await lab.isUp('ada'), 'it is being stopped').toBe(true);
  const words = ['exec', 'ada', '--', 'cat'];
  const refused = await enter(lab, ['exec', 'ada', '--no-start', '--', 'true']);
  expect([refused.code, refused.stderr]).toEqual([7, expect.stringMatching(/ada does not run \(REFUSED\)/)]);
  const all = await Promise.all(['one', 'two', 'three'].map((text) => enter(lab, words, text)));
  expect(all.map(({ code, stdout }) => [code, stdout.toString()])).toEqual([
    [0, 'one'],
    [0, 'two'],
    [0, 'three'],
  ]);
  expect(all[0]?.stderr, 'it is told what is waited for').toMatch(/^workdock: (waiting for|starting) ada \.\.\.\n$/);
  const again = await lab.inspect('ada');
  expect([again.Id, again.State.StartedAt === State.StartedAt]).toEqual([Id, false]);
  expect(lab.intent('ada').mark).toMatchObject({ by: 'access', run: 'Running' });

  await lab.hand('exec', '-d', `${lab.prefix}ada`, 'sh', '-c', 'trap "" TERM; while :; do sleep 100; done');
  await until(() => lab.reasons('ada').filter((reason) => reason === 'Rested').length === 2, { deadlineMs: 30_000 });
  const waiting = start(lab, ...words);
  await until(() => lab.intent('ada').mark?.by === 'access');
  await lab.cli('stop', 'ada');
  expect((await waiting.ended).code).toBe(125);
  expect(waiting.stderr()).toMatch(/ada is held: stopped by a person at .* \(REFUSED\)/);
});

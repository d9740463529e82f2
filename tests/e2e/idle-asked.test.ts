import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: IdleLab;

/** Long enough between two looks for people to ask in between. */
beforeAll(async () => {
  lab = openIdleLab('idle: {interval: 30s, maxKeep: 1h}\n');
  lab.write('ada.yaml', workspaceYaml('ada', idleSpec('timeout: 10m')));
  await lab.up();
  await lab.phase('ada', 'Running');
  await until(() => lab.condition('ada', 'Idle')?.reason === 'Quiet');
}, 60_000);
afterAll(() => lab.dispose());

test('right after a lease nothing that is told still says when it rests', async () => {
  expect((await lab.cli('why', 'ada')).stdout).toMatch(/every signal is quiet[\s\S]*\n +rests +in 9m/);
  expect((await lab.cli('keep', 'ada', '30m')).code).toBe(0);
  const why = (await lab.cli('why', 'ada')).stdout;
  expect(why).toMatch(/idle +lease keeps it awake: ends in 29m\n +cpu: /);
  expect(why).toMatch(/kept +until .* by a person/);
  expect(why).not.toMatch(/\n +rests /);
  const { status } = await lab.json<{ status: Record<string, unknown> }>('describe', 'ada');
  expect(status).not.toHaveProperty('restsAt');
  expect(status['conditions']).toContainEqual(expect.objectContaining({ type: 'Idle', reason: 'Leased' }));
});

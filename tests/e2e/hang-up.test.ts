import { expect, test } from 'vitest';
import { atTerminal } from '../support/enter.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';

test('a controller ends in order with its terminal, and goes on without one', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada', ['state: Stopped']));
  const { code } = await atTerminal(lab, ['up'], [{ expect: 'workdock is ready' }, { close: true }]);
  expect(code).toBe(0);
  expect((await lab.cli('get')).code, 'nobody answers any more').toBe(4);

  const controller = await lab.up();
  process.kill(controller.pid, 'SIGHUP');
  await lab.phase('ada', 'Stopped');
  expect((await lab.cli('get')).code).toBe(0);
  expect(controller.log()).toContain('SIGHUP');
  expect(await controller.kill('SIGTERM')).toBe(0);
});

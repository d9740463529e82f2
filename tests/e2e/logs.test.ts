import { expect, test } from 'vitest';
import { enter, start } from '../support/enter.ts';
import { workspaceYaml } from '../support/lab.ts';
import { makeLab } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('logs shows what the command of a workspace has printed, its last lines, and what comes', async () => {
  const lab = makeLab();
  const first = 'for i in 1 2 3 4 5; do echo line $i; done; sleep 0.3; echo trouble >&2';
  const script = `${first}; while :; do cat ~/say 2>/dev/null && rm ~/say; sleep 0.1; done`;
  lab.write('ada.yaml', workspaceYaml('ada', [`command: [sh, -c, "${script}"]`]));
  lab.write('bob.yaml', workspaceYaml('bob'));
  lab.write('dora.yaml', workspaceYaml('dora', ['state: OnDemand']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bob', 'Running');
  const logs = async (...args: string[]) => {
    const { code, stdout, stderr } = await enter(lab, ['logs', ...args]);
    return { code, stdout: stdout.toString(), stderr };
  };
  await until(async () => (await logs('ada')).stdout.includes('trouble'));
  expect(await logs('ada')).toEqual({
    code: 0,
    stdout: 'line 1\nline 2\nline 3\nline 4\nline 5\ntrouble\n',
    stderr: '',
  });
  expect((await logs('ada', '--tail', '2')).stdout).toBe('line 5\ntrouble\n');
  expect((await logs('ada', '--tail', '0')).stdout).toBe('');
  expect(await logs('bob'), 'Keep prints nothing').toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await logs('nobody')).code).toBe(5);
  expect(await logs('dora')).toMatchObject({ code: 7, stderr: expect.stringMatching(/dora has no container yet/) });
  expect((await logs('ada', '--tail', 'all')).code).toBe(2);

  const following = start(lab, 'logs', '-f', '--tail', '1', 'ada');
  await until(() => following.stdout().toString() === 'trouble\n', { what: () => following.stdout().toString() });
  await lab.sh('ada', 'echo "grüße" > ~/say');
  await until(() => following.stdout().toString() === 'trouble\ngrüße\n');
  await lab.cli('stop', 'ada');
  const { code, stdout } = await following.ended;
  expect([code, stdout.toString()]).toEqual([0, 'trouble\ngrüße\n']);
  expect((await logs('ada', '--tail', '1')).stdout, 'also of one that is down').toBe('grüße\n');

  // Somebody stops following: the controller lets go of the engine's stream, and answers as before.
  await lab.cli('start', 'ada', '--wait');
  const left = start(lab, 'logs', '-f', 'ada');
  await until(() => left.stdout().length > 0);
  left.child.kill('SIGINT');
  expect((await left.ended).signal ?? (await left.ended).code).toBe('SIGINT');
  expect((await logs('ada', '--tail', '0')).code).toBe(0);
});

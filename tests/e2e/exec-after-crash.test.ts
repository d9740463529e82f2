import { expect, onTestFinished, test } from 'vitest';
import { start } from '../support/enter.ts';
import { openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

test('a controller that was killed left terminals open: its successor hangs them up, and nothing else', async () => {
  const lab = openLab();
  onTestFinished(lab.dispose, 60_000);
  lab.write('ada.yaml', workspaceYaml('ada'));
  const first = await lab.up();
  await lab.phase('ada', 'Running');
  const lives = (seconds: number) => lab.sh('ada', `pgrep -xf 'sleep ${seconds}' || true`);
  const all = async (...seconds: number[]) => (await Promise.all(seconds.map(lives))).every(Boolean);
  const shell = start(lab, 'exec', '-t', 'ada', '--', 'sh', '-c', 'sleep 8101 & setsid sleep 8102 & sleep 8103');
  const plain = start(lab, 'exec', 'ada', '--', 'sleep', '8104');
  // Opened by hand, past the controller.
  lab.hand('exec', '-t', `${lab.prefix}ada`, 'sleep', '8105').catch(() => undefined);
  await until(() => all(8101, 8102, 8103, 8104, 8105), { deadlineMs: 10_000 });
  await first.kill('SIGKILL');
  await Promise.all([shell.ended, plain.ended]);
  await lab.up();
  await until(async () => (await Promise.all([8101, 8103].map(lives))).join('') === '', { deadlineMs: 2_000 });
  expect(await all(8102, 8104, 8105)).toBe(true);
  const third = start(lab, 'exec', '-t', 'ada', '--', 'sh', '-c', 'echo up; sleep 8106');
  await until(() => third.stdout().includes('up'));
  expect(await all(8106)).toBe(true);
  third.child.kill('SIGKILL');
});

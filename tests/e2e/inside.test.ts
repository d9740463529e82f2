import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal, enter } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
const image = 'image: workdock-workspace:latest';
beforeAll(async () => {
  lab = openLab();
  lab.write('ada.yaml', workspaceYaml('ada', [image, 'idle: {timeout: 40m}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await until(async () => (await lab.sh('ada', 'cat .workdock/about.txt || true')) !== '');
}, 60_000);
afterAll(() => lab.dispose());

test('who logs in reads the limits, the home, the idle rule, and why it stopped last time', async () => {
  await lab.cli('restart', 'ada', '--wait');
  await until(async () => (await lab.sh('ada', 'cat .workdock/last-stop.txt || true')) !== '');
  const { output } = await atTerminal(lab, ['shell', 'ada'], [{ expect: 'ada@ada' }, { type: '\u0004' }]);
  expect(output).toMatch(/Workspace ada: 0.5 CPUs, 128Mi memory, 64 processes/);
  expect(output).toMatch(/Idle: it is stopped after 40m without use; `keep 4h`/);
  expect(output).toMatch(/Home: its disk has \S+ of \S+ free/);
  expect(output).toMatch(/Stopped .*somebody restarted it/);
});

test('nothing is said to programs, nor to who wants it quiet', async () => {
  const { stdout } = await enter(lab, ['exec', 'ada', '--', 'bash', '-lc', 'echo data']);
  expect(stdout.toString()).toBe('data\n');
  expect(await lab.sh('ada', 'sh -lc "echo data"')).toBe('data');
  await lab.sh('ada', 'touch ~/.hushlogin');
  const { output } = await atTerminal(lab, ['shell', 'ada'], [{ expect: 'ada@ada' }, { type: '\u0004' }]);
  expect(output).not.toMatch(/Workspace ada/);
});

test('keep writes what workdock reads, shows it, and takes it back', async () => {
  const keep = async (...words: string[]) => {
    const { code, stdout, stderr } = await enter(lab, ['exec', 'ada', '--', 'keep', ...words]);
    return [code, `${stdout.toString()}${stderr}`];
  };
  expect(await keep()).toEqual([0, expect.stringMatching(/not kept/)]);
  expect(await keep('2h')).toEqual([0, expect.stringMatching(/kept for 2h/)]);
  expect(await lab.sh('ada', 'cat .workdock/keep')).toBe('2h');
  expect(await keep()).toEqual([0, expect.stringMatching(/kept for 2h from/)]);
  for (const odd of ['2 h', 'soon', '', '2h;id']) expect(await keep(odd)).toEqual([2, expect.stringMatching(/usage/)]);
  expect(await lab.sh('ada', 'cat .workdock/keep')).toBe('2h');
  expect(await keep('off')).toEqual([0, expect.stringMatching(/not kept any more/)]);
  expect(await keep()).toEqual([0, expect.stringMatching(/not kept/)]);
});

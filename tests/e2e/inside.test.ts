import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal, enter } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
const image = 'image: workdock-workspace:latest';
beforeAll(async () => {
  lab = openLab('idle: {interval: 1s, maxKeep: 3h}\n');
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
  expect(output).toMatch(/Idle: it is stopped after 40m without use; `keep 4h` holds that off, 3h at most/);
  expect(output).toMatch(/Home: \S+ used, its disk has \S+ of \S+ free/);
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

test('keep writes what workdock reads, says until when, and takes it back', async () => {
  const keep = async (...words: string[]) => {
    const { code, stdout, stderr } = await enter(lab, ['exec', 'ada', '--', 'keep', ...words]);
    return [code, `${stdout.toString()}${stderr}`];
  };
  const file = () => lab.sh('ada', 'cat .workdock/keep');
  const leftMs = () => Date.parse(lab.status('ada')?.lease?.until ?? '') - Date.now();
  const hour = 3_600_000;
  expect(await keep()).toEqual([0, expect.stringMatching(/^not kept: it is stopped after 40m/)]);
  expect(await keep('2h')).toEqual([0, expect.stringMatching(/^kept until \d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/)]);
  expect(await file()).toBe('2h');
  await until(() => leftMs() > 1.9 * hour && leftMs() <= 2 * hour, { deadlineMs: 15_000 });
  expect(await keep()).toEqual([0, expect.stringMatching(/^kept until \d{4}/)]);
  for (const odd of ['2 h', 'soon', '', '2h;id', '90']) {
    expect(await keep(odd)).toEqual([2, expect.stringMatching(/is no duration[\s\S]*usage: keep 2h/)]);
  }
  expect(await file(), 'a wrong word changes nothing').toBe('2h');
  expect(await keep('30d')).toEqual([0, expect.stringMatching(/\(the site allows 3h at most\)/)]);
  await until(() => leftMs() > 2.9 * hour && leftMs() <= 3 * hour, { deadlineMs: 15_000 });
  expect(await keep('off')).toEqual([0, 'not kept any more\n']);
  await until(() => lab.status('ada')?.lease === undefined, { deadlineMs: 15_000 });
  await lab.sh('ada', 'echo 1h > .workdock/keep; touch -d "2 hours ago" .workdock/keep');
  expect(await keep()).toEqual([0, expect.stringMatching(/that is over/)]);
});

test('docker exec -t by hand, a login shell: the same words', async () => {
  await lab.sh('ada', 'rm -f ~/.hushlogin');
  const shell = `docker exec -it ${lab.prefix}ada bash -l -i -c true`;
  const { stdout } = await promisify(execFile)('script', ['-qec', shell, '/dev/null']);
  expect(stdout).toMatch(/Workspace ada: 0.5 CPUs, 128Mi memory/);
  const scripted = `docker exec -t ${lab.prefix}ada bash -lc "echo data"`;
  expect((await promisify(execFile)('script', ['-qec', scripted, '/dev/null'])).stdout.trim()).toBe('data');
});

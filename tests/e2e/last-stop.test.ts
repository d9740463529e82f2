import { existsSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndReason } from '../../src/model/status.ts';
import { enter } from '../support/enter.ts';
import { type Controller, type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
let controller: Controller;
beforeAll(async () => {
  lab = openLab('idle: {interval: 1s, maxKeep: 3h}\n');
  controller = await lab.up();
}, 60_000);
afterAll(() => lab.dispose());

const pathOf = (name: string) => join(lab.data, 'users', name, '.workdock', 'last-stop.txt');
const note = (name: string) => lab.note(name);
/** Runs with something in it that a person would miss. */
async function busy(name: string, spec: string[] = []) {
  lab.write(`${name}.yaml`, workspaceYaml(name, spec));
  await lab.phase(name, 'Running');
  await enter(lab, ['exec', name, '--', 'sh', '-c', 'setsid sleep 4711 >/dev/null 2>&1 </dev/null &']);
}
const told = async (name: string, reason: EndReason | undefined, words: RegExp) => {
  await until(() => words.test(note(name)), {
    deadlineMs: 15_000,
    what: () => `${note(name)} ${JSON.stringify(lab.status(name)?.lastEnd)}`,
  });
  if (reason === undefined) return;
  await until(() => lab.status(name)?.lastEnd?.reason === reason, {
    what: () => JSON.stringify(lab.status(name)?.lastEnd),
  });
};

test('a stop by a person: when, why, and what ended, as the owner’s file', async () => {
  await busy('ada');
  await lab.cli('stop', 'ada', '--wait');
  await told('ada', 'StoppedByPerson', /somebody stopped it/);
  const text = note('ada');
  expect(text).toMatch(/^Stopped \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} \(\d{4}-\d\d-\d\dT[\d:.]+Z\): /);
  expect(text).toMatch(/ended with it:\n {4}sleep 4711 \(pid \d+\)/);
  const { uid, mode } = lstatSync(pathOf('ada'));
  expect([uid, mode & 0o777]).toEqual([lstatSync(join(lab.data, 'users', 'ada')).uid, 0o600]);
});

test('an end by the spec, and a restart, are told above the ones before', async () => {
  await busy('bea');
  await lab.cli('restart', 'bea', '--wait');
  await told('bea', 'RestartedByPerson', /somebody restarted it/);
  lab.write('bea.yaml', workspaceYaml('bea', ['state: Stopped']));
  await told('bea', 'StoppedBySpec', /^Stopped .*its spec says that it is not to run/);
  expect(note('bea').match(/^Stopped /gm)).toHaveLength(2);
});

test('an update tells what was changed, and where that is asked for', async () => {
  await busy('cem');
  lab.write('cem.yaml', workspaceYaml('cem', ['updatePolicy: Now', 'env: {A: b}']));
  await told(
    'cem',
    'Updated',
    /an update\n {2}why: the spec changed: env\.A unset -> b, asked for in .*cem\.yaml:7\n[\s\S]*sleep 4711/,
  );
});

test('nobody used it: the evidence of every signal, what ended, and how to avoid it', async () => {
  lab.write('kim.yaml', workspaceYaml('kim', ['idle: {enabled: false}', 'env: {TZ: Asia/Kathmandu}']));
  await lab.phase('kim', 'Running');
  await enter(lab, ['exec', 'kim', '--', 'sh', '-c', 'setsid sleep 4711 >/dev/null 2>&1 </dev/null &']);
  lab.write('kim.yaml', workspaceYaml('kim', ['idle: {timeout: 3s}', 'env: {TZ: Asia/Kathmandu}']));
  await told('kim', 'IdleStop', /nobody was using it\n {2}why: .*cpu .*terminal .*\n[\s\S]*sleep 4711[\s\S]*`keep 4h`/);
  expect(note('kim'), 'the time of the workspace').toMatch(/^Stopped \S+ \S+ \+0545 \(/);
  expect(lab.status('kim')?.phase).toBe('Resting');
});

const hands: [string, string, EndReason | undefined, RegExp][] = [
  ['dan', 'kill', 'StoppedByHand', /stopped, and not by workdock[\s\S]*exit code 137[\s\S]*sleep 4711/],
  ['eva', 'stop -t 0', 'StoppedByHand', /stopped, and not by workdock[\s\S]*sleep 4711/],
  // Its kill is often seen before its removal: either word is true.
  ['fay', 'rm -f', undefined, /not by workdock[\s\S]*sleep 4711/],
];
test('a kill, a stop and a removal by hand, with what ran when it was looked at last', async () => {
  await Promise.all(hands.map(([name]) => busy(name)));
  const start = performance.now();
  await until(() => performance.now() - start > 6_000, { deadlineMs: 10_000, everyMs: 200 }); // rounds of looks
  for (const [name, hand] of hands) await lab.hand(...hand.split(' '), `${lab.prefix}${name}`);
  for (const [name, , reason, words] of hands) await told(name, reason, words);
});

test('a command that fails, and one that is through', async () => {
  lab.write('gil.yaml', workspaceYaml('gil', ['command: [sh, -c, "sleep 1; exit 3"]', 'restart: {policy: Never}']));
  await told('gil', 'Crashed', /its command failed[\s\S]*exit code 3/);
  lab.write('hal.yaml', workspaceYaml('hal', ['command: [sh, -c, "sleep 1"]']));
  await told('hal', 'Completed', /its command was through/);
});

test('too much memory: of the whole, and of one process in a workspace that goes on', async () => {
  const hog = 'command: [sh, -c, "sleep 1; exec tail /dev/zero"]';
  lab.write('ira.yaml', workspaceYaml('ira', [hog, 'restart: {policy: Never}']));
  await told('ira', 'OOMKilled', /used up its memory\n {2}why: .*out of memory at the limit of 128Mi/);
  await busy('leo');
  await lab.sh('leo', 'head -c 500000000 /dev/zero | tail > /dev/null; true');
  await told('leo', undefined, /^Out of memory .*a process was killed; the workspace went on\n.*more than 128Mi/);
  expect(lab.status('leo')?.lastEnd).toBeUndefined();
});

test('what ended while the controller was away is told when it is back, once, though the status is gone', async () => {
  await Promise.all(['max', 'nia', 'oda'].map((name) => busy(name)));
  await lab.cli('stop', 'nia', '--wait');
  await told('nia', 'StoppedByPerson', /somebody stopped it/);
  await controller.kill('SIGKILL');
  await lab.hand('stop', '-t', '0', `${lab.prefix}max`);
  rmSync(lab.state, { recursive: true });
  controller = await lab.up();
  await told('max', 'EndedWhileAway', /restarted, or it ended while nobody watched/);
  await lab.phase('max', 'Running');
  await until(() => lab.status('nia')?.lastEnd?.reason === 'StoppedByPerson');
  await controller.kill('SIGTERM');
  controller = await lab.up();
  await until(() => lab.status('max')?.phase === 'Running' && lab.status('nia')?.phase === 'Held');
  await controller.kill('SIGTERM');
  controller = await lab.up();
  expect(['max', 'nia', 'oda'].map((name) => note(name).match(/^Stopped /gm)?.length)).toEqual([1, 1, undefined]);
});

test('a controller that is killed in the middle of its stop knows afterwards why', async () => {
  const slow = '"trap \'touch asked\' TERM; while :; do sleep 0.1; done"';
  lab.write('pia.yaml', workspaceYaml('pia', [`command: [sh, -c, ${slow}]`]));
  await lab.phase('pia', 'Running');
  await lab.cli('stop', 'pia');
  await until(() => existsSync(join(lab.data, 'users', 'pia', 'asked')));
  await controller.kill('SIGKILL');
  await until(async () => !(await lab.inspect('pia')).State.Running, { deadlineMs: 15_000 });
  controller = await lab.up();
  await told('pia', 'StoppedByPerson', /somebody stopped it[\s\S]*ended with it/);
});

test('a home that takes no note is an event, and the loop goes on', async () => {
  await busy('rex');
  await lab.sh('rex', 'rm -rf .workdock; ln -s /etc .workdock');
  await lab.cli('stop', 'rex', '--wait');
  await until(() =>
    lab.events('rex').some(({ reason, message }) => reason === 'HomeNote' && /is a link/.test(message)),
  );
  await until(() => lab.status('rex')?.lastEnd?.reason === 'StoppedByPerson');
});

test('what holds for it is beside it, and follows the spec', async () => {
  const about = () => lab.sh('jon', 'cat .workdock/about.txt');
  lab.write('jon.yaml', workspaceYaml('jon', ['idle: {timeout: 45m}']));
  await lab.phase('jon', 'Running');
  await until(async () => (await about().catch(() => '')).includes('45m'));
  expect(await about()).toMatch(/Workspace jon: 0.5 CPUs, 128Mi memory, 64 processes\nIdle: it is stopped after 45m/);
  lab.write('jon.yaml', workspaceYaml('jon', ['resources: {memory: 192Mi}', 'idle: {mode: Observe}']));
  await until(async () => /192Mi[\s\S]*only noted/.test(await about()));
});

test('keep in the home: a lease with a cap, and a word in the home when it cannot be read', async () => {
  const about = () => lab.sh('sue', 'cat .workdock/about.txt');
  lab.write('sue.yaml', workspaceYaml('sue'));
  await lab.phase('sue', 'Running');
  await lab.sh('sue', 'mkdir -p .workdock; echo 2 hours > .workdock/keep');
  await until(async () => /^Not kept: .*"2 hours" is no duration; write 2h$/m.test(await about().catch(() => '')), {
    deadlineMs: 15_000,
  });
  expect(lab.events('sue').filter(({ reason }) => reason === 'KeepUnusable')).toMatchObject([{ count: 1 }]);
  await lab.sh('sue', 'echo 9h > .workdock/keep');
  await until(async () => /^Kept: until .*by `keep`$/m.test(await about()), { deadlineMs: 15_000 });
  expect(await about()).not.toMatch(/Not kept/);
  const { until: end = '' } = lab.status('sue')?.lease ?? {};
  const hours = (Date.parse(end) - Date.now()) / 3_600_000;
  expect([hours > 2.9, hours <= 3], 'idle.maxKeep').toEqual([true, true]);
});

import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EndReason } from '../../src/model/status.ts';
import { enter } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
beforeAll(async () => {
  lab = openLab();
  await lab.up();
}, 60_000);
afterAll(() => lab.dispose());

const pathOf = (name: string) => join(lab.data, 'users', name, '.workdock', 'last-stop.txt');
const note = (name: string) => {
  try {
    return readFileSync(pathOf(name), 'utf8');
  } catch {
    return '';
  }
};
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
  expect(text).toMatch(/^Stopped \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} \(\d{4}-\d\d-\d\dT[\d:]+Z\): /);
  expect(text).toMatch(/ended with it:\n {4}sleep 4711 \(pid \d+\)/);
  const { uid, mode } = lstatSync(pathOf('ada'));
  expect([uid, mode & 0o777]).toEqual([lstatSync(join(lab.data, 'users', 'ada')).uid, 0o600]);
});

test('an end by the spec, and a restart, are told above the ones before', async () => {
  await busy('bea');
  await lab.cli('restart', 'bea', '--wait');
  await told('bea', 'RestartedByPerson', /somebody restarted it/);
  lab.write('bea.yaml', workspaceYaml('bea', ['state: Stopped']));
  await told('bea', 'StoppedBySpec', /^Stopped .*its spec says Stopped/);
  expect(note('bea').match(/^Stopped /gm)).toHaveLength(2);
});

test('an update tells what was changed', async () => {
  await busy('cem');
  lab.write('cem.yaml', workspaceYaml('cem', ['updatePolicy: Now', 'env: {A: b}']));
  await told('cem', 'Updated', /made anew for a change of its spec[\s\S]*why: the spec changed[\s\S]*sleep 4711/);
});

test.each<[string, string, EndReason | undefined, RegExp]>([
  ['dan', 'kill', 'StoppedByHand', /stopped from outside workdock[\s\S]*exit code 137/],
  ['eva', 'stop -t 0', 'StoppedByHand', /stopped from outside workdock/],
  // Its kill is often seen before its removal: either word is true.
  ['fay', 'rm -f', undefined, /from outside workdock/],
])('%s: docker %s', async (name, hand, reason, words) => {
  await busy(name);
  await lab.hand(...hand.split(' '), `${lab.prefix}${name}`);
  await told(name, reason, words);
});

test('a command that fails, and one that is through', async () => {
  lab.write('gil.yaml', workspaceYaml('gil', ['command: [sh, -c, "sleep 1; exit 3"]', 'restart: {policy: Never}']));
  await told('gil', 'Crashed', /its command failed[\s\S]*exit code 3/);
  lab.write('hal.yaml', workspaceYaml('hal', ['command: [sh, -c, "sleep 1"]']));
  await told('hal', 'Completed', /its command was through/);
});

test('too much memory in the first process', async () => {
  const hog = 'command: [python3, -c, "import time; time.sleep(1); x = bytearray(10**9)"]';
  lab.write('ira.yaml', workspaceYaml('ira', [hog, 'restart: {policy: Never}']));
  await until(() => lab.status('ira')?.lastEnd !== undefined, { deadlineMs: 20_000 });
  // Under the engine's init the program is a child of it: then the init ends with its code.
  expect(['OOMKilled', 'StoppedByHand', 'Crashed']).toContain(lab.status('ira')?.lastEnd?.reason);
  expect(note('ira')).toMatch(/^Stopped /);
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

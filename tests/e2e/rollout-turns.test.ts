import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { watchActions } from '../support/engine-actions.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const yaml = (name: string, lines: string[] = [], lab = 'neuro') =>
  [
    'apiVersion: workdock.dev/v1',
    'kind: Workspace',
    `metadata: {name: ${name}, labels: {lab: ${lab}}}`,
    `spec:\n  owner: ${name}`,
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
const blue = 'env: {COLOUR: blue}';
const bad = 'command: [sh, -c, "exit 3"]';
const colour = (lab: Lab, name: string) => lab.sh(name, 'echo $COLOUR');
const ids = async (lab: Lab, names: string[]) => Promise.all(names.map(async (name) => (await lab.inspect(name)).Id));

async function labOf(names: string[], more = '') {
  const lab = makeLab(`resync: 5s\n${more}`);
  for (const name of names) lab.write(`${name}.yaml`, yaml(name));
  await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  const change = async (name: string, ...lines: string[]) => {
    const before = lab.status(name)?.generation;
    lab.write(`${name}.yaml`, yaml(name, lines));
    const isPending = () => lab.condition(name, 'UpdatePending')?.status === 'True';
    await until(() => lab.status(name)?.generation !== before && isPending(), { deadlineMs: 15_000, what: name });
  };
  return { lab, change };
}
const turn = ['restart', '-l', 'lab=neuro', '--pending'];

test('one at a time, only who has something pending, nobody woken, no further after a failure', async () => {
  const { lab, change } = await labOf(['ada', 'bea', 'cleo', 'dora', 'rest']);
  const [ada, bea, cleo, dora] = await ids(lab, ['ada', 'bea', 'cleo', 'dora']);
  expect((await lab.cli('stop', 'rest', '--wait')).code).toBe(0);
  await change('ada', blue);
  await change('cleo', bad);
  await change('dora', blue);
  lab.write('rest.yaml', yaml('rest', [blue]));
  await until(() => lab.status('rest')?.generation === 2);
  expect((await lab.cli('get')).stdout).toMatch(/ada .*at the next stop: env.COLOUR unset -> blue/);
  expect((await lab.cli(...turn, '--dry-run')).stdout).toMatch(/^1\tada.*\n2\tcleo.*\n3\tdora.*\n$/);

  const actions = await watchActions(lab);
  const ran = await lab.cli(...turn);
  expect(ran.code, ran.stderr).toBe(8);
  expect(ran.stdout).toBe('ada updated\n');
  expect(ran.stderr).toMatch(/cleo was put back: exit code 3/);
  expect(ran.stderr).toMatch(/left as they were: dora/);
  expect(await colour(lab, 'ada')).toBe('blue');
  expect((await ids(lab, ['ada']))[0]).not.toBe(ada);
  const [backBea, backCleo, backDora] = await ids(lab, ['bea', 'cleo', 'dora']);
  expect([backBea, backCleo, backDora]).toEqual([bea, cleo, dora]);
  expect((await lab.inspect('cleo')).State.Running).toBe(true);
  expect(lab.condition('cleo', 'Degraded')?.reason).toBe('RolledBack');
  expect(lab.status('cleo')?.update).toMatchObject({ outcome: 'putBack', message: 'exit code 3' });
  expect(lab.events('cleo').map(({ reason }) => reason)).toContain('UpdateGivenUp');
  expect([actions.count('start bea'), actions.count('start rest'), actions.count('start dora')]).toEqual([0, 0, 0]);
  actions.close();
  expect(lab.status('rest')?.phase).toBe('Held');

  await change('cleo', blue);
  const again = await lab.cli(...turn);
  expect([again.code, again.stdout], again.stderr).toEqual([0, 'cleo updated\ndora updated\n']);
  expect((await lab.cli('start', 'rest', '--wait')).code).toBe(0);
  expect(await colour(lab, 'rest')).toBe('blue');
  expect(await lab.cli(...turn)).toMatchObject({ code: 0, stdout: '' });
  await until(async () => (await lab.mine()).length === 5, { deadlineMs: 15_000 });
});

test('limits.disruptions are on their way at once, and never more', async () => {
  const names = ['ada', 'bea', 'cleo', 'dora'];
  const { lab, change } = await labOf(names, 'limits: {disruptions: 2}\n');
  for (const name of names) await change(name, blue);
  const onTheirWay = () =>
    names.filter((name) => lab.status(name)?.update && !lab.status(name)?.update?.outcome).length;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, onTheirWay());
  }, 20);
  // Two who ask share the limit, and do not restart anybody twice.
  const both = await Promise.all([lab.cli(...turn), lab.cli('restart', ...names, '--pending')]);
  clearInterval(watch);
  expect(
    both.map(({ code }) => code),
    both.map(({ stderr }) => stderr).join(),
  ).toEqual([0, 0]);
  expect(most).toBe(2);
  for (const name of names) {
    expect(await colour(lab, name)).toBe('blue');
    expect(lab.events(name).filter(({ reason }) => reason === 'SetAside')).toHaveLength(1);
  }
});

test('a client killed in the middle does no harm: the one on its way ends well, or where it was', async () => {
  const { lab, change } = await labOf(['ada', 'bea', 'cleo']);
  const [ada, bea, cleo] = await ids(lab, ['ada', 'bea', 'cleo']);
  await change('ada', bad);
  for (const name of ['bea', 'cleo']) await change(name, blue);
  const killed = async (name: string, signal: NodeJS.Signals) => {
    const child = spawn(resolve('bin/workdock'), [...turn], { cwd: lab.root, stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', done));
    await until(() => lab.status(name)?.update !== undefined, { deadlineMs: 20_000 });
    child.kill(signal);
    await ended;
    await until(() => lab.status(name)?.update?.outcome !== undefined, { deadlineMs: 20_000 });
  };
  await killed('ada', 'SIGKILL');
  expect(lab.status('ada')?.update?.outcome).toBe('putBack');
  expect(await ids(lab, ['ada', 'bea', 'cleo'])).toEqual([ada, bea, cleo]);
  lab.write('ada.yaml', yaml('ada'));
  await until(() => lab.condition('ada', 'UpdatePending')?.status === 'False', { deadlineMs: 15_000 });
  await killed('bea', 'SIGKILL');
  expect(lab.status('bea')?.update?.outcome).toBe('updated');
  expect(await colour(lab, 'bea')).toBe('blue');
  expect(await ids(lab, ['cleo'])).toEqual([cleo]);
});

test('a controller killed in the middle: the next one ends the turn, and the client goes on', async () => {
  const lab = makeLab('resync: 5s\n');
  const names = ['ada', 'bea'];
  for (const name of names) lab.write(`${name}.yaml`, yaml(name));
  const first = await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  for (const name of names) lab.write(`${name}.yaml`, yaml(name, [blue]));
  for (const name of names) {
    await until(() => lab.condition(name, 'UpdatePending')?.status === 'True', { deadlineMs: 15_000 });
  }
  const running = lab.cli(...turn);
  await until(() => lab.status('ada')?.update !== undefined, { deadlineMs: 20_000 });
  await first.kill('SIGKILL');
  await lab.up();
  const { code, stdout, stderr } = await running;
  expect([code, stdout], stderr).toEqual([0, 'ada updated\nbea updated\n']);
  for (const name of names) expect(await colour(lab, name)).toBe('blue');
});

test('what cannot be begun in time is given up, and what runs goes on', async () => {
  const { lab, change } = await labOf(['ada']);
  const [ada] = await ids(lab, ['ada']);
  const late = `workdock-${lab.prefix}late:1`;
  await change('ada', `image: {ref: ${late}, pullPolicy: Never}`);
  const ran = await lab.cli(...turn, '--wait', '2s');
  expect(ran.code, ran.stderr).toBe(6);
  expect(ran.stderr).toMatch(/ada was not updated: not begun after 2s: no image .*late/);
  expect(await ids(lab, ['ada'])).toEqual([ada]);
  expect((await lab.inspect('ada')).State.Running).toBe(true);
  lab.afterwards(() => lab.hand('rmi', late));
  await lab.hand('tag', 'workdock-test:latest', late);
  await until(() => lab.condition('ada', 'ImageReady')?.status === 'True', { deadlineMs: 15_000 });
  expect(await ids(lab, ['ada']), 'not later either, unasked').toEqual([ada]);
});

test('a moved tag is taken in turn; who rests has it at the next start, whoever wakes it', async () => {
  const lab = makeLab('resync: 1s\nidle: {interval: 200ms}\n');
  const ref = `workdock-${lab.prefix}tag:1`;
  const scratch = `${lab.prefix}scratch`;
  lab.afterwards(() => lab.hand('rmi', ref));
  await lab.hand('tag', 'workdock-test:latest', ref);
  await lab.hand('create', '--name', scratch, 'workdock-test:latest', 'true');
  lab.write('ada.yaml', yaml('ada', [`image: ${ref}`]));
  lab.write('rest.yaml', yaml('rest', [`image: ${ref}`, 'idle: {timeout: 2s}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('rest', 'Resting');
  const [rest] = await ids(lab, ['rest']);
  const moved = await lab.hand('commit', '--change', 'ENV FLAVOUR=new', scratch, ref);
  for (const name of ['ada', 'rest']) {
    await until(() => lab.condition(name, 'UpdateAvailable')?.status === 'True', { deadlineMs: 10_000 });
  }
  const ran = await lab.cli(...turn);
  expect([ran.code, ran.stdout], ran.stderr).toEqual([
    0,
    'rest is down: its next start takes the update\nada updated\n',
  ]);
  expect((await lab.inspect('ada')).Image).toBe(moved);
  const asleep = await lab.inspect('rest');
  expect([asleep.Id, asleep.State.Running, lab.status('rest')?.phase]).toEqual([rest, false, 'Resting']);
  expect((await lab.cli('exec', 'rest', '--', 'sh', '-c', 'echo $FLAVOUR')).stdout).toBe('new\n');
});

import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const colour = (lab: Lab, name: string, wanted: string) =>
  until(async () => (await lab.sh(name, 'echo $COLOUR')) === wanted, { deadlineMs: 10_000, what: name });

test('a change that needs a new container waits for the next stop, whoever stops it', async () => {
  const lab = makeLab('resync: 10m\nguard: {disruptions: 100%}\n');
  const names = ['verb', 'hand', 'again', 'spec'];
  const write = (name: string, ...more: string[]) => lab.write(`${name}.yaml`, workspaceYaml(name, more));
  for (const name of names) write(name, 'env: {COLOUR: red}');
  await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  const before = new Map<string, string>();
  for (const name of names) before.set(name, (await lab.inspect(name)).Id);
  await lab.sh('verb', 'echo kept > note');

  for (const name of names) write(name, 'env: {COLOUR: blue, NEW: x}');
  for (const name of names) {
    await until(() => lab.condition(name, 'UpdatePending')?.status === 'True', { deadlineMs: 10_000 });
    expect(lab.status(name)?.pending).toEqual([
      { field: 'env.COLOUR', from: 'red', to: 'blue', cost: 'nextStop', drift: false },
      { field: 'env.NEW', from: '', to: 'x', cost: 'nextStop', drift: false },
    ]);
    expect(lab.condition(name, 'UpdatePending')?.message).toBe(
      'at the next stop: env.COLOUR red -> blue, env.NEW unset -> x',
    );
    expect((await lab.inspect(name)).Id).toBe(before.get(name));
    expect(lab.status(name)?.phase).toBe('Running');
  }
  expect((await lab.cli('get', 'verb')).stdout).toMatch(
    / at the next stop: env\.COLOUR red -> blue, env\.NEW unset -> x\n/,
  );
  expect((await lab.cli('get', 'verb', '-o', 'wide')).stdout).toMatch(/ 2 +pending /);
  const plan = await lab.cli('plan', 'verb', '--exit-code');
  expect(plan.code).toBe(1);
  expect(plan.stdout).toMatch(/env\.COLOUR.*red.*blue/);

  expect((await lab.cli('stop', 'verb', '--wait')).code).toBe(0);
  expect((await lab.cli('start', 'verb', '--wait')).code).toBe(0);
  await colour(lab, 'verb', 'blue');
  expect(await lab.sh('verb', 'cat note')).toBe('kept');

  await lab.hand('stop', `${lab.prefix}hand`);
  await colour(lab, 'hand', 'blue');

  expect((await lab.cli('restart', 'again', '--wait')).code).toBe(0);
  expect(await lab.sh('again', 'echo $COLOUR')).toBe('blue');

  write('spec', 'env: {COLOUR: blue, NEW: x}', 'state: Stopped');
  await lab.phase('spec', 'Stopped');
  write('spec', 'env: {COLOUR: blue, NEW: x}');
  await lab.phase('spec', 'Running');
  await colour(lab, 'spec', 'blue');

  for (const name of names) {
    await until(() => lab.condition(name, 'UpdatePending')?.status === 'False');
    expect((await lab.inspect(name)).Id).not.toBe(before.get(name));
  }
  await until(async () => (await lab.mine()).length === names.length, { deadlineMs: 10_000 });
});

test('updatePolicy Now applies it at once, and a change taken back before a stop costs nothing', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('now.yaml', workspaceYaml('now', ['updatePolicy: Now', 'env: {COLOUR: red}']));
  lab.write('back.yaml', workspaceYaml('back', ['env: {COLOUR: red}']));
  await lab.up();
  await lab.phase('now', 'Running');
  await lab.phase('back', 'Running');
  await lab.sh('now', 'echo kept > note');
  const first = await lab.inspect('back');

  lab.write('now.yaml', workspaceYaml('now', ['updatePolicy: Now', 'env: {COLOUR: blue}']));
  lab.write('back.yaml', workspaceYaml('back', ['env: {COLOUR: blue}']));
  await colour(lab, 'now', 'blue');
  expect(await lab.sh('now', 'cat note')).toBe('kept');
  await until(() => lab.status('back')?.pending.length === 1);

  lab.write('back.yaml', workspaceYaml('back', ['env: {COLOUR: red}']));
  await until(() => lab.condition('back', 'UpdatePending')?.status === 'False', { deadlineMs: 5_000 });
  await lab.cli('stop', 'back', '--wait');
  await lab.cli('start', 'back', '--wait');
  expect((await lab.inspect('back')).Id).toBe(first.Id);

  // Pending, and the policy becomes Now: the change is due.
  lab.write('back.yaml', workspaceYaml('back', ['env: {COLOUR: green}']));
  await until(() => lab.status('back')?.pending.length === 1);
  lab.write('back.yaml', workspaceYaml('back', ['env: {COLOUR: green}', 'updatePolicy: Now']));
  await colour(lab, 'back', 'green');
  await until(async () => (await lab.mine()).length === 2, { deadlineMs: 10_000 });
});

test('a tag that moved is an offer, and restart takes it', async () => {
  const lab = makeLab('resync: 1s\n');
  const ref = `workdock-${lab.prefix}tag:1`;
  const scratch = `${lab.prefix}scratch`;
  lab.afterwards(() => lab.hand('rmi', ref));
  await lab.hand('tag', 'workdock-test:latest', ref);
  await lab.hand('create', '--name', scratch, 'workdock-test:latest', 'true');
  lab.write('ada.yaml', workspaceYaml('ada', [`image: ${ref}`, 'updatePolicy: Now']));
  await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  const moved = await lab.hand('commit', '--change', 'ENV FLAVOUR=new', scratch, ref);
  await until(() => lab.condition('ada', 'UpdateAvailable')?.status === 'True', { deadlineMs: 10_000 });
  await holdsFor(async () => (await lab.inspect('ada')).Id === before.Id, 2_500);
  expect((await lab.cli('get')).stdout).toMatch(/ada .* now points to another image; workdock restart takes it\n/);
  expect((await lab.cli('get', '-o', 'wide')).stdout).toMatch(/ available /);
  const plan = await lab.cli('plan', 'ada', '--exit-code');
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/available: .* now points to another image/)]);
  expect(lab.status('ada')).toMatchObject({ pending: [], drift: [], phase: 'Running' });
  expect((await lab.cli('restart', 'ada', '--wait')).code).toBe(0);
  expect((await lab.inspect('ada')).Image).toBe(moved);
  expect(await lab.sh('ada', 'echo $FLAVOUR')).toBe('new');
  await until(() => lab.condition('ada', 'UpdateAvailable')?.status === 'False');
  await until(async () => (await lab.mine()).length === 2, { deadlineMs: 10_000 }); // ada and the scratch one
});

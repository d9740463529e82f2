import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Intent } from '../../src/model/intent.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** The spec of `name`, which was `from` before. */
const renamed = (name: string, from: string, spec: string[] = [], owner = 'ada') =>
  workspaceYaml(name, spec, owner).replace(`name: ${name}}`, `name: ${name}, renamedFrom: ${from}}`);
const intent = (lab: Lab, name: string) =>
  JSON.parse(readFileSync(join(lab.data, '.workdock', 'intents', `${name}.json`), 'utf8')) as Intent;
/** Among many tests on a small machine. */
const within = { deadlineMs: 20_000 };
const gets = async (lab: Lab) => (await lab.cli('get', '-o', 'name')).stdout.split('\n').filter(Boolean).sort();
const isNamed = (lab: Lab, name: string, id: string) =>
  until(
    async () => (await lab.inspect(name).catch(() => undefined))?.Id === id && lab.status(name)?.phase === 'Running',
    {
      ...within,
      what: () => JSON.stringify([lab.status(name), lab.events(name)], null, 1),
    },
  );

test('a rename keeps the container, what runs in it, the home and what was decided', async () => {
  const lab = makeLab();
  lab.write('people/ada.yaml', workspaceYaml('ada-old', [], 'ada'));
  const controller = await lab.up();
  await lab.phase('ada-old', 'Running');
  const before = await lab.inspect('ada-old');
  const { address } = { address: before.NetworkSettings.Networks[`${lab.prefix}net`]!.IPAddress };
  await lab.inside('ada-old', 'sh', '-c', 'echo mine > /home/user/note; (exec sleep 4242) & echo $! > /home/user/pid');
  expect((await lab.cli('keep', 'ada-old', '2h')).code).toBe(0);
  const { generation, seq, lease } = intent(lab, 'ada-old');

  // What it would be, before it is.
  writeFileSync(join(lab.root, 'later.yaml'), renamed('ada', 'ada-old'));
  lab.remove('people/ada.yaml');
  lab.write('ada.yaml', renamed('ada', 'ada-old'));
  await isNamed(lab, 'ada', before.Id);
  await until(async () => (await gets(lab)).join() === 'ada', within);
  const after = await lab.inspect('ada');
  expect(after.State.StartedAt).toBe(before.State.StartedAt);
  expect(after.NetworkSettings.Networks[`${lab.prefix}net`]!.IPAddress).toBe(address);
  expect(await lab.sh('ada', 'cat /home/user/note; kill -0 $(cat /home/user/pid) && echo alive')).toBe('mine\nalive');
  expect(intent(lab, 'ada')).toMatchObject({ generation, seq, lease, adopted: [before.Id] });
  expect(intent(lab, 'ada').renamed).toMatchObject({ from: 'ada-old' });
  expect(intent(lab, 'ada').renamed).not.toHaveProperty('open');
  expect(lab.events('ada').map(({ reason }) => reason)).toEqual(['Renamed', 'Restored']);
  expect(lab.status('ada')?.plan).toEqual([]);
  expect((await lab.cli('exec', 'ada', '--no-start', '--', 'cat', '/home/user/note')).stdout).toBe('mine\n');
  expect((await lab.cli('get', 'ada-old')).code).toBe(5);

  // A revert takes it back, and the next commit makes it so again.
  lab.remove('ada.yaml');
  lab.write('people/ada.yaml', workspaceYaml('ada-old', [], 'ada'));
  await isNamed(lab, 'ada-old', before.Id);
  lab.remove('people/ada.yaml');
  lab.write('ada.yaml', renamed('ada', 'ada-old'));
  await isNamed(lab, 'ada', before.Id);
  await until(async () => (await gets(lab)).join() === 'ada', within);
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);

  // Its label still says the old name, and somebody else may have that now: each sees its own.
  lab.write('new.yaml', workspaceYaml('ada-old', [], 'ben'));
  await lab.phase('ada-old', 'Running');
  const other = await lab.inspect('ada-old');
  expect(other.Id).not.toBe(before.Id);
  await controller.kill('SIGKILL');
  await lab.up();
  await until(
    () => lab.status('ada')?.container?.id === before.Id && lab.status('ada-old')?.container?.id === other.Id,
    within,
  );
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);
  await lab.container('ada').kill();
  await until(async () => (await lab.inspect('ada')).State.StartedAt !== before.State.StartedAt, within);
  expect((await lab.cli('stop', 'ada-old')).code).toBe(0);
  await lab.phase('ada-old', 'Held');
  expect((await lab.inspect('ada')).State.Running).toBe(true);
  expect((await lab.mine()).filter(({ Names }) => /ada/.test(Names[0]!)).length).toBe(2);

  // A container of its own ends the adoption.
  lab.write('ada.yaml', renamed('ada', 'ada-old', ['env: {COLOUR: blue}']));
  await until(() => lab.condition('ada', 'UpdatePending')?.status === 'True', within);
  expect((await lab.cli('restart', 'ada')).code).toBe(0);
  await until(() => intent(lab, 'ada').adopted === undefined && lab.status('ada')?.phase === 'Running', within);
  expect((await lab.inspect('ada')).Config.Labels['dev.workdock.name']).toBe('ada');
  expect((await lab.inspect('ada-old')).Id).toBe(other.Id);
  expect(await lab.sh('ada', 'cat /home/user/note')).toBe('mine');
});

test('many renames in one commit are no removals, and a change that comes with them is held like any', async () => {
  const lab = makeLab('deletion: {grace: 1s, removeAfter: 1h}\n');
  const people = ['ada', 'ben', 'cleo', 'dan'];
  const all = (name: string) => people.map((person) => `${name}-${person}`);
  const file = (write: (person: string) => string) => lab.write('all.yaml', people.map(write).join('---\n'));
  file((person) => workspaceYaml(`old-${person}`, [], person));
  await lab.up();
  for (const name of all('old')) await lab.phase(name, 'Running');
  expect((await lab.cli('stop', 'old-dan', '--wait')).code).toBe(0);
  const ids = await Promise.all(all('old').map(async (name) => (await lab.inspect(name)).Id));

  file((person) => renamed(`new-${person}`, `old-${person}`, [], person));
  const isThere = async () => (await gets(lab)).join() === all('new').join();
  await until(isThere, { deadlineMs: 15_000, what: () => JSON.stringify(lab.summary().workspaces) });
  for (const name of all('new').slice(0, 3)) await lab.phase(name, 'Running');
  expect(lab.status('new-dan')?.phase).toBe('Held');
  expect(await Promise.all(all('new').map(async (name) => (await lab.inspect(name)).Id))).toEqual(ids);
  const reasons = all('old').flatMap((name) => lab.events(name).map(({ reason }) => reason));
  expect(reasons.filter((reason) => /Gone|Removal|Held/.test(reason))).toEqual([]);

  // With too much of a change beside it the rename goes on, and the change waits for a person.
  file((person) => renamed(`last-${person}`, `new-${person}`, ['updatePolicy: Now', 'env: {COLOUR: blue}'], person));
  await until(() => lab.condition('last-ada', 'DisruptionHeld')?.status === 'True', {
    deadlineMs: 15_000,
    what: () => JSON.stringify(lab.status('last-ada'), null, 1),
  });
  await until(async () => (await gets(lab)).join() === all('last').join(), within);
  for (const name of all('last').slice(0, 3)) await lab.phase(name, 'Running');
  expect(await Promise.all(all('last').map(async (name) => (await lab.inspect(name)).Id))).toEqual(ids);
});

test('what a rename may not do is a problem at its line, and both sides keep what they have', async () => {
  const lab = makeLab('deletion: {grace: 1s, removeAfter: 1h}\n');
  lab.write('old.yaml', workspaceYaml('old', [], 'ada'));
  lab.write('ben.yaml', workspaceYaml('ben'));
  await lab.up();
  for (const name of ['old', 'ben']) await lab.phase(name, 'Running');
  const id = (await lab.inspect('old')).Id;
  const says = (name: string, text: RegExp) =>
    until(() => text.test(lab.status(name)?.message ?? ''), { ...within, what: () => `${lab.status(name)?.message}` });

  // Still declared.
  lab.write('ada.yaml', renamed('ada', 'old'));
  await says('ada', /ada\.yaml:3:36: old is still declared in .*old\.yaml:1.*remove old there/);
  const { code, stderr } = await lab.cli('validate');
  expect([code, stderr]).toEqual([3, expect.stringMatching(/specs\/ada\.yaml:3:36: old is still declared/)]);
  // A name with a container of its own: nothing is merged, and the old one is not taken for removed.
  lab.remove('ada.yaml');
  lab.remove('old.yaml');
  lab.write('ben.yaml', renamed('ben', 'old', [], 'ben'));
  await says('ben', /ben has a container of its own already/);
  expect((await lab.cli('plan', '--exit-code')).code).toBe(0);
  expect(lab.status('old')).toMatchObject({ phase: 'Running', container: { id } });
  // Without the line it is another workspace on the home of one whose file is gone.
  lab.write('ben.yaml', workspaceYaml('ben'));
  lab.write('ada.yaml', workspaceYaml('ada'));
  await says('ada', /metadata\.renamedFrom: old keeps its home and container/);
  // That one is stopped after its grace; the line brings it back, the very same.
  await until(() => lab.status('old')?.phase === 'Stopped', { deadlineMs: 20_000 });
  lab.write('ada.yaml', renamed('ada', 'old'));
  await isNamed(lab, 'ada', id);
  expect(await gets(lab)).toEqual(['ada', 'ben']);
  expect(intent(lab, 'ada')).not.toHaveProperty('tombstone');
});

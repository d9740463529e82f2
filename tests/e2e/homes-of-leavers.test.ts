import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HomeRow, TrashRow } from '../../src/model/homes.ts';
import { treeOf } from '../support/hostile-home.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
const trash = 'deletionPolicy: Trash';
const specs: Record<string, () => string[]> = {
  ada: () => [trash],
  vol: () => [trash, `storage: {home: {volume: ${lab.prefix}home}}`],
};
const declare = (name: string) => lab.write(`${name}.yaml`, workspaceYaml(name, specs[name]?.()));
const removed = (name: string) =>
  until(async () => (await lab.cli('get', name)).code === 5, { deadlineMs: 40_000, what: () => `${name} is removed` });
const home = (name: string) => join(lab.data, 'users', name);

beforeAll(async () => {
  lab = openLab('deletion: {grace: 1s, removeAfter: 4s}\nguard: {window: 1s}\nresync: 1s\n');
  lab.afterwards(() => lab.hand('volume', 'rm', `${lab.prefix}home`));
  for (const name of ['ada', 'bob', 'vol', 'keeper']) declare(name);
  await lab.up();
  for (const name of ['ada', 'bob', 'vol', 'keeper']) await lab.phase(name, 'Running');
  for (const name of ['ada', 'bob', 'vol'])
    await lab.sh(name, `echo of ${name} > ~/mine; ln -s / ~/out; mkfifo ~/pipe`);
}, 60_000);
afterAll(() => lab.dispose());

test('a home is nobody’s only when the workspace is removed, and goes to the trash only by its policy', async () => {
  lab.remove('bob.yaml');
  await lab.phase('bob', 'Stopped');
  const early = await lab.cli('home', 'purge', 'bob', '--confirm', 'bob');
  expect([early.code, early.stderr]).toEqual([
    7,
    expect.stringMatching(/bob has it, which is not removed yet\n +hint: workdock why bob/),
  ]);
  expect(await lab.cli('home', 'archive', 'bob')).toMatchObject({ code: 7 });
  await removed('bob');
  for (const name of ['ada', 'vol']) lab.remove(`${name}.yaml`);
  for (const name of ['ada', 'vol']) await removed(name);
  expect(existsSync(home('ada'))).toBe(false);
  const [entry] = await lab.json<TrashRow[]>('trash', 'list');
  expect(entry).toMatchObject({ home: 'ada', entry: expect.stringMatching(/^ada@\d{8}T\d{6}Z$/) });
  // A volume is not ours to move, whatever the policy says.
  await until(() => lab.events('vol').some(({ message }) => message.includes(`volume ${lab.prefix}home stays`)), {
    what: () => JSON.stringify(lab.events('vol').slice(-3)),
  });
  expect(await lab.hand('volume', 'ls', '-q', '-f', `name=${lab.prefix}home`)).toBe(`${lab.prefix}home`);
  expect(await lab.json<TrashRow[]>('trash', 'list')).toHaveLength(1);
  const bob = (await lab.json<HomeRow[]>('home', 'list', 'bob'))[0]!;
  expect(bob).toMatchObject({ owner: 'bob', workspaces: [], state: 'Nobodys', containers: [] });
  expect(Date.now() - Date.parse(bob.lastUsedAt!), 'its stop is remembered in the home itself').toBeLessThan(120_000);
});

test('whoever comes back after the trash starts empty, hears of the former home, and can have it', async () => {
  const [entry = ''] = readdirSync(join(lab.data, 'trash'));
  const before = treeOf(join(lab.data, 'trash', entry));
  declare('ada');
  await lab.phase('ada', 'Running');
  expect(await lab.sh('ada', 'ls ~')).toBe('');
  const made = lab.events('ada').filter(({ reason }) => reason === 'HomeCreated');
  expect(made.at(-1)?.message).toContain(`a former one is kept as ${entry}`);
  expect((await lab.cli('home', 'restore', 'ada')).stderr).toMatch(
    /workdock stop ada --wait, then workdock home restore/,
  );
  await lab.cli('stop', 'ada', '--wait');
  expect((await lab.cli('home', 'restore', 'ada', '--swap')).code).toBe(0);
  expect(treeOf(home('ada'))).toEqual(before);
  await lab.cli('start', 'ada', '--wait');
  expect(await lab.sh('ada', 'cat ~/mine')).toBe('of ada');
});

test('whose home was archived and is missed waits for it, and goes on by itself when it is back', async () => {
  const before = treeOf(home('bob'));
  const packed = await lab.cli('home', 'archive', 'bob');
  expect(packed, packed.stderr).toMatchObject({ code: 0 });
  const entry = readdirSync(join(lab.data, 'trash')).find((name) => name.startsWith('bob@'));
  expect((await lab.cli('trash', 'empty', entry!, '--confirm', entry!)).code).toBe(0);
  declare('bob');
  const archive = packed.stdout.trim().split('/').at(-1);
  await until(() => lab.condition('bob', 'Ready')?.message.includes(`home restore bob brings back ${archive}`), {
    deadlineMs: 20_000,
    what: () => JSON.stringify(lab.status('bob')),
  });
  expect(existsSync(home('bob')), 'no empty one in its place').toBe(false);
  expect((await lab.cli('why', 'bob')).stdout).toContain('workdock home restore bob');
  expect((await lab.cli('home', 'restore', 'bob')).code).toBe(0);
  await lab.phase('bob', 'Running');
  expect(await lab.sh('bob', 'cat ~/mine')).toBe('of bob');
  const content = (tree: string[]) => tree.filter((line) => !/^b'(\.|\.workdock.*)'/.test(line));
  expect(content(treeOf(home('bob')))).toEqual(content(before));
});

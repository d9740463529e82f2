import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { homeOf, removalLab } from '../support/removal-lab.ts';
import { until } from '../support/until.ts';

const six = ['ada', 'bea', 'cleo', 'dan', 'eve', 'fay'];

test('too many at once are held until a person lets exactly these through; a new one starts meanwhile', async () => {
  const { lab, controller, lose, put, startedAt, runs, absence, gone, held, names } = await removalLab(six, {
    window: '10m',
    removeAfter: '2s',
  });
  // One after the other they count together, also what is through; what is ripe stays ripe.
  lose('ada');
  await gone('ada');
  lose('bea');
  await until(() => absence('bea') === 'AwaitsRemoval', { deadlineMs: 8_000 });
  const running = await startedAt('cleo');
  lose('cleo');
  await until(() => absence('cleo') === 'Held', { deadlineMs: 5_000 });
  await holdsFor(async () => (await startedAt('cleo')) === running && !(await runs('bea')), 3_000);
  expect((await held())[0]!.items.map(({ name }) => name)).toEqual(['cleo']);
  for (const name of ['ada', 'bea', 'cleo']) put(name);
  for (const name of ['ada', 'bea']) await lab.phase(name, 'Running');
  expect(await held()).toEqual([]);

  const all = async (...of: string[]) => (await Promise.all(of.map(startedAt))).join();
  const before = await all(...six);
  const still = async () => (await all(...six)) === before;
  lose('bea', 'cleo', 'dan', 'eve');
  put('gil');
  await until(() => absence('bea') === 'Held' && absence('eve') === 'Held', { deadlineMs: 5_000 });
  await lab.phase('gil', 'Running');
  await holdsFor(still, 3_000);
  const [list] = await held();
  expect(list!.items.map(({ name }) => name)).toEqual(['bea', 'cleo', 'dan', 'eve']);
  expect(lab.condition('dan', 'DeletionHeld')).toMatchObject({ status: 'True' });
  expect(lab.condition('dan', 'SourceAbsent')?.message).toContain(`workdock approve ${list!.hash}`);
  const shown = (await lab.cli('approve')).stdout;
  expect(shown).toMatch(/4 of 7 workspaces would be removed within 10m; more than 2 are held/);
  expect(shown).toContain(list!.hash);
  expect((await lab.cli('get', 'dan')).stdout).toContain('approve');
  expect(lab.events('dan').find(({ reason }) => reason === 'DeletionHeld')?.message).toContain(list!.hash);
  expect(lab.summary().held).toEqual([list]);

  // Taken back (git revert): nothing of it is left but events.
  for (const name of ['bea', 'cleo', 'dan', 'eve']) put(name);
  await until(async () => (await held()).length === 0, { deadlineMs: 5_000 });
  await until(() => absence('eve') === undefined, { deadlineMs: 5_000 });
  expect(lab.condition('dan', 'DeletionHeld')).toMatchObject({ status: 'False' });

  // Another list has another hash, also after a restart of the controller; only the one that is held now counts.
  lose('bea', 'cleo', 'dan', 'eve');
  await until(async () => (await held())[0]?.items.length === 4, { deadlineMs: 5_000 });
  expect((await held())[0]!.hash).not.toBe(list!.hash);
  await controller.kill('SIGKILL');
  put('eve');
  await lab.up();
  const three = await until(async () => (await held()).find(({ items }) => items.length === 3), { deadlineMs: 8_000 });
  expect((await lab.cli('approve', list!.hash)).code).toBe(7);
  await holdsFor(still, 2_000);
  const approved = await lab.cli('approve', three.hash);
  expect(approved.code, approved.stderr).toBe(0);
  for (const name of ['bea', 'cleo', 'dan']) await gone(name);
  expect((await names()).sort()).toEqual(['ada', 'eve', 'fay', 'gil']);
  expect(await runs('eve')).toBe(true);
});

test('a folder that is emptied or another one holds all; a last single file in the same one is ordinary', async () => {
  const { lab, lose, put, startedAt, absence, gone, held } = await removalLab(['ada', 'bea']);
  const before = [await startedAt('ada'), await startedAt('bea')].join();
  const still = async () => [await startedAt('ada'), await startedAt('bea')].join() === before;
  // All there are.
  lose('ada', 'bea');
  await until(() => absence('ada') === 'Held' && absence('bea') === 'Held', { deadlineMs: 5_000 });
  await holdsFor(still, 2_000);
  put('ada');
  put('bea');
  await until(() => absence('ada') === undefined && absence('bea') === undefined, { deadlineMs: 5_000 });

  // Another folder in its place, with one of the two: one alone would be an ordinary removal.
  const away = join(lab.root, 'away');
  renameSync(lab.specs, away);
  mkdirSync(lab.specs);
  put('bea');
  await until(() => absence('ada') === 'Held', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'SourceAbsent')?.message).toMatch(/specs is not the folder it was/);
  await holdsFor(still, 2_000);
  rmSync(lab.specs, { recursive: true });
  renameSync(away, lab.specs);
  await until(() => absence('ada') === undefined, { deadlineMs: 10_000 });
  expect(await held()).toEqual([]);

  // One of two is ordinary, and so is the last one.
  lose('ada');
  await gone('ada');
  lose('bea');
  await gone('bea');
  expect(await lab.mine()).toEqual([]);
  expect(await lab.json<unknown[]>('get')).toEqual([]);
  for (const name of ['ada', 'bea'])
    expect(
      await lab.hand('run', '--rm', '-v', `${homeOf(lab, name)}:/h`, 'workdock-test:latest', 'cat', '/h/thesis.txt'),
    ).toBe(`of ${name}`);
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { removalLab } from '../support/removal-lab.ts';
import { makeRepository } from '../support/repository.ts';
import { replay, saves } from '../support/saves.ts';
import { until } from '../support/until.ts';

const three = ['ada', 'bea', 'cleo'];
/** Longer than the grace of these labs, which is a second, and two scans more. */
const LONG_MS = 2_200;
const source = (lab: Lab) => lab.summary().host.conditions.find(({ type }) => type === 'SourceReady');
const mount = (lab: Lab): void => void execFileSync('mount', ['-t', 'tmpfs', 'test', lab.specs]);
const umount = (lab: Lab): void => void execFileSync('umount', ['-l', lab.specs], { stdio: 'ignore' });
const cpu = (name: string, millis: number) => workspaceYaml(name, [`resources: {cpu: ${millis}m}`]);

test('whatever is done to the folder of a lab that runs, nobody stops, and nobody is missed', async () => {
  const { lab } = await removalLab(three);
  const runs = async () => {
    const found = await Promise.all(three.map((name) => lab.inspect(name)));
    return found.map(({ Id, State }) => `${Id} ${State.StartedAt} ${State.Running}`).join();
  };
  const before = await runs();
  const nobodyNotices = () => holdsFor(async () => (await runs()) === before, LONG_MS);
  const well = () => until(() => source(lab)?.status === 'True', { deadlineMs: 15_000 });
  const tells = (what: RegExp) =>
    until(() => source(lab)?.status === 'False' && what.test(source(lab)?.message ?? ''), { deadlineMs: 15_000 });
  const has = (name: string, millis: number) =>
    until(async () => (await lab.inspect(name)).HostConfig.NanoCpus === millis * 1e6, { deadlineMs: 15_000 });

  const away = join(lab.root, 'away');
  renameSync(lab.specs, away);
  await tells(/does not exist: create it, or mount its disk/);
  mkdirSync(lab.specs);
  await tells(/is empty and not the folder it was/);
  await nobodyNotices();
  rmSync(lab.specs, { recursive: true });
  renameSync(away, lab.specs);
  await well();
  mount(lab);
  await tells(/is empty and not the folder it was/);
  umount(lab);
  await well();

  mkdirSync(join(lab.specs, 'team'));
  renameSync(join(lab.specs, 'ada.yaml'), join(lab.specs, 'team/first.yaml'));
  for (const name of ['bea', 'cleo']) lab.remove(`${name}.yaml`);
  lab.write('rest.yaml', `${cpu('bea', 400)}---\n${cpu('cleo', 400)}`);
  for (const name of ['bea', 'cleo']) await has(name, 400);

  const repo = makeRepository(lab.specs);
  repo.commit('first');
  repo.git('checkout', '-qb', 'other');
  repo.write('team/first.yaml', cpu('ada', 300));
  repo.commit('second');
  repo.git('checkout', '-q', 'main');
  repo.git('checkout', '-q', 'other');
  await has('ada', 300);
  repo.git('checkout', '-q', 'main');
  await has('ada', 500);
  repo.write('team/first.yaml', cpu('ada', 200));
  repo.commit('third');
  await has('ada', 200);
  repo.stops('merge', '-q', 'other');
  await tells(/a merge is not finished \(.*MERGE_HEAD exists\): git merge --continue or --abort ends it/);
  await nobodyNotices();
  expect(source(lab)?.reason).toBe('GitBusy');
  repo.git('merge', '--abort');
  await well();
  // What a git leaves that is killed in the middle of a checkout.
  writeFileSync(join(lab.specs, '.git/index.lock'), '');
  rmSync(join(lab.specs, 'rest.yaml'));
  await tells(/index.lock exists/);
  await nobodyNotices();
  repo.write('rest.yaml', `${cpu('bea', 400)}---\n${cpu('cleo', 400)}`);
  rmSync(join(lab.specs, '.git/index.lock'));
  await well();

  const team = join(lab.specs, 'team');
  renameSync(join(team, 'first.yaml'), join(team, 'ada.yaml'));
  await replay(saves['emacs, backup by renaming']!, team, { old: cpu('ada', 200), new: cpu('ada', 350) });
  await has('ada', 350);
  expect(await runs()).toBe(before);
  for (const name of three) expect(lab.events(name).filter(({ reason }) => reason === 'FileGone')).toEqual([]);
}, 180_000);

test('a folder whose disk comes after the controller: all is held, and then as before', async () => {
  const { lab, controller, startedAt, absence, lose, gone, held } = await removalLab(['ada', 'bea']);
  const all = async () => [await startedAt('ada'), await startedAt('bea')].join();
  const before = await all();
  const still = async () => (await all()) === before;
  await controller.kill('SIGKILL');
  mount(lab);
  lab.afterwards(async () => umount(lab));
  // One of the two is there: by itself the other would be an ordinary removal.
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await until(() => absence('ada') === 'Held', { deadlineMs: 15_000 });
  expect(lab.condition('ada', 'SourceAbsent')?.message).toMatch(/specs is not the folder it was/);
  await holdsFor(still, LONG_MS);
  umount(lab);
  await until(() => absence('ada') === undefined, { deadlineMs: 15_000 });
  expect(await held()).toEqual([]);
  expect(await still()).toBe(true);
  lose('ada');
  await gone('ada');
}, 120_000);

test('a folder behind a link that follows revisions: one less in the next is an ordinary removal', async () => {
  const lab = makeLab('resync: 1s\ndeletion: {grace: 1s, removeAfter: 2s}\nguard: {window: 1s, removals: 20%}\n');
  const revisions = join(lab.root, 'revisions');
  const publish = (revision: number, ...names: string[]): void => {
    mkdirSync(join(revisions, `${revision}`), { recursive: true });
    for (const name of names) writeFileSync(join(revisions, `${revision}`, `${name}.yaml`), workspaceYaml(name));
    symlinkSync(join(revisions, `${revision}`), `${lab.specs}.new`);
    renameSync(`${lab.specs}.new`, lab.specs);
    rmSync(join(revisions, `${revision - 1}`), { recursive: true, force: true });
  };
  rmSync(lab.specs, { recursive: true });
  publish(1, 'ada', 'bea');
  await lab.up();
  for (const name of ['ada', 'bea']) await lab.phase(name, 'Running');
  const { Id } = await lab.inspect('bea');
  publish(2, 'ada', 'bea');
  publish(3, 'bea');
  await until(() => lab.status('ada') === undefined, { deadlineMs: 20_000 });
  expect((await lab.mine()).map((container) => container.Id)).toEqual([Id]);
}, 120_000);

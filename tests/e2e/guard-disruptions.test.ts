import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkspaces } from '../../src/index.ts';
import type { Approved, HeldList } from '../../src/model/held.ts';
import type { PlanRow } from '../../src/model/service.ts';
import { makeGitLab } from '../support/git-lab.ts';
import type { Lab } from '../support/lab.ts';
import { failure } from '../support/library.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const names = Array.from({ length: 8 }, (_, at) => `w${at}`);
const MiB = 2 ** 20;
const template = (...lines: string[]) =>
  ['apiVersion: workdock.dev/v1', 'kind: WorkspaceTemplate', 'metadata: {name: lab}', 'spec:', '  updatePolicy: Now']
    .concat(lines.map((line) => `  ${line}`))
    .join('\n')
    .concat('\n');
const of = (name: string, ...lines: string[]) => workspaceYaml(name, ['template: lab', ...lines]);
const memory = (mebi: number) => `resources: {memory: ${mebi}Mi}`;

const held = (lab: Lab) => lab.json<HeldList[]>('approve');
const ids = async (lab: Lab) => Promise.all(names.map(async (name) => (await lab.inspect(name)).Id));
const memories = async (lab: Lab, some = names) =>
  Promise.all(some.map(async (name) => (await lab.inspect(name)).HostConfig.Memory! / MiB));
const each = <T>(value: T) => names.map(() => value);
const isHeld = (lab: Lab, name: string) => lab.condition(name, 'DisruptionHeld')?.status === 'True';
const listOf = async (lab: Lab, more: (list: HeldList) => boolean = () => true): Promise<HeldList> => {
  const found = await until(async () => (await held(lab)).find(more), { deadlineMs: 20_000 });
  return found as HeldList;
};

test('one commit that disrupts too many is held as a whole, until it is approved or taken back', {
  timeout: 180_000,
}, async () => {
  const { lab, repository } = makeGitLab({ more: 'resync: 2s\n' });
  const put = (name: string, text: string) => repository.write(join('specs', `${name}.yaml`), text);
  put('lab', template(memory(96)));
  for (const name of names) put(name, of(name));
  repository.commit('eight people');
  let up = await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  const before = await ids(lab);

  // Less for everybody, by a template, and somebody new.
  put('lab', template(memory(80)));
  put('w7', of('w7', memory(96), 'idle: {timeout: 2h}'));
  put('new', of('new'));
  const commit = repository.commit('save memory');
  const first = await listOf(lab);
  expect(first.items).toEqual(
    names.slice(0, 7).map((name) => ({ name, what: 'shrink', detail: 'memory 96Mi -> 80Mi' })),
  );
  expect(first.along).toEqual(['w7']);
  expect(first.reason).toContain(`7 of 8 running workspaces would be shrunk by commit ${commit.slice(0, 12)} of Ada L`);
  await lab.phase('new', 'Running');
  expect(await memories(lab, ['new'])).toEqual([80]);
  expect([await ids(lab), await memories(lab)]).toEqual([before, each(96)]);

  // It is told everywhere, with the command.
  const command = `workdock approve ${first.hash}`;
  for (const name of names) await until(() => isHeld(lab, name));
  for (const told of [
    ['get'],
    ['describe', 'w0'],
    ['why', 'w0'],
    ['plan'],
    ['approve'],
    ['events', 'w0'],
    ['doctor'],
  ]) {
    expect((await lab.cli(...told)).stdout, told.join(' ')).toContain(command);
  }
  expect(lab.summary().held).toEqual([first]);
  expect(up.log()).toContain(command);
  expect((await lab.cli('metrics')).stdout).toContain('workdock_held_workspaces{kind="disruptions"} 8');
  const [row] = await lab.json<PlanRow[]>('plan', 'w0');
  expect(row).toMatchObject({ steps: [], waitsFor: expect.stringContaining(command) });
  expect(row!.changes[0]).toMatchObject({ field: 'resources.memory', from: '96Mi', to: '80Mi' });
  expect(lab.status('w0')?.source?.commit).not.toBe(commit);

  // Another hash, or none of ours, lets nothing through.
  for (const wrong of ['0123456789ab', 'nonsense', first.hash.slice(0, 4)]) {
    const refused = await lab.cli('approve', wrong);
    expect([refused.code, refused.stdout]).toEqual([7, '']);
    expect(refused.stderr).toContain(command);
  }

  // What was accepted last is in force: repaired, restarted and entered.
  await lab.hand('rm', '-f', `${lab.prefix}w0`);
  await until(async () => (await memories(lab, ['w0']).catch(() => []))[0] === 96, { deadlineMs: 20_000 });
  const restarted = await lab.cli('restart', 'w1', '--wait');
  expect([restarted.code, restarted.stderr]).toEqual([0, expect.stringContaining(command)]);
  expect((await lab.cli('exec', 'w1', '--', 'true')).code).toBe(0);
  expect(await memories(lab)).toEqual(each(96));

  // So it stays over a restart of the controller; a later commit makes another list of it.
  await up.kill('SIGKILL');
  up = await lab.up();
  expect(await listOf(lab)).toMatchObject({ hash: first.hash, since: first.since });
  expect(await memories(lab)).toEqual(each(96));
  put('w6', of('w6', memory(72)));
  const less = repository.commit('even less for one');
  const second = await listOf(lab, ({ hash }) => hash !== first.hash);
  expect(second.items.find(({ name }) => name === 'w6')?.detail).toBe('memory 96Mi -> 72Mi');
  expect(second.reason, 'who brought which').toMatch(
    new RegExp(`by commits ${commit.slice(0, 12)} of Ada L .* and ${less.slice(0, 12)} of`),
  );
  expect((await lab.cli('approve', first.hash)).code, 'outdated').toBe(7);
  expect(await memories(lab)).toEqual(each(96));

  // Taken back in git it ends, and nothing was done. Two at once are always free.
  repository.git('revert', '--no-edit', 'HEAD');
  put('lab', template(memory(96)));
  put('w7', of('w7'));
  repository.commit('take it back');
  await until(async () => (await held(lab)).length === 0, { deadlineMs: 20_000 });
  await until(() => !isHeld(lab, 'w0') && !isHeld(lab, 'w7'));
  expect((await ids(lab)).slice(1)).toEqual(before.slice(1));
  for (const name of ['w2', 'w3']) put(name, of(name, memory(80)));
  repository.commit('two');
  await until(async () => (await memories(lab)).join() === '96,96,80,80,96,96,96,96', { deadlineMs: 20_000 });
  const [, w1, ...rest] = await ids(lab);
  expect(w1).toBe(before[1]);

  // Made anew, all of them: approved, and the controller killed at once.
  put('lab', template(memory(96), 'env: {COLOUR: blue}'));
  const blue = repository.commit('blue');
  const here = (...args: string[]) => lab.cli('plan', repository.root, '--git', blue, '--base', 'HEAD~1', ...args);
  const foreseen = 'ld be held as a whole';
  expect((await here()).stdout).toContain(`wou${foreseen}: 9 of 9 running workspaces would be recreated by commit`);
  expect((await here()).stdout).toContain('  recreate: new w0 w1');
  const markdown = (await here('-o', 'markdown')).stdout;
  expect(markdown).toContain(`**Wou${foreseen}**`);
  expect(markdown).toContain('- `w0`: recreate, `env.COLOUR unset -> blue`');
  const rows = JSON.parse((await here('-o', 'json')).stdout) as PlanRow[];
  expect(rows.map(({ held }) => held?.[0]?.what)).toEqual(Array(9).fill('recreate'));
  const third = await listOf(lab);
  expect(third.items[0]).toEqual({ name: 'new', what: 'recreate', detail: 'env.COLOUR unset -> blue' });
  expect(third.items).toHaveLength(9);
  const approved = await lab.json<Approved>('approve', third.hash.slice(0, 6));
  await up.kill('SIGKILL');
  expect(approved).toMatchObject({ hash: third.hash, outcome: 'approved', names: third.items.map(({ name }) => name) });
  await lab.up();
  const isBlue = async (name: string) => (await lab.sh(name, 'echo $COLOUR').catch(() => '')) === 'blue';
  for (const name of [...names, 'new']) await until(() => isBlue(name), { deadlineMs: 30_000, what: name });
  expect((await ids(lab)).slice(2).filter((id) => rest.includes(id))).toEqual([]);
  const again = await lab.cli('approve', third.hash);
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('was approved before')]);
  expect([await held(lab), (await lab.cli('approve')).stdout]).toEqual([[], 'nothing is held\n']);
  expect((await lab.cli('approve', 'abcdefabcdef')).code).toBe(5);
});

test('defaults of the config and specs of programs count like files; 100 % switches it off', {
  timeout: 120_000,
}, async () => {
  const lab = makeLab('resync: 2s\n');
  const four = names.slice(0, 4);
  for (const name of four.slice(0, 3)) lab.write(`${name}.yaml`, workspaceYaml(name));
  let up = await lab.up();
  for (const name of four.slice(0, 3)) await lab.phase(name, 'Running');
  const library = await openWorkspaces({ state: lab.state });
  const put = (name: string, spec: object) => library.getOrCreate(name, spec, { timeoutMs: 20_000 });
  expect((await put('w3', { resources: { memory: '128Mi' } })).outcome).toBe('created');

  // Other defaults, with the controller down meanwhile.
  const config = join(lab.root, 'workdock.yaml');
  await up.kill('SIGTERM');
  writeFileSync(config, readFileSync(config, 'utf8').replace('pids: 64', 'pids: 48'));
  up = await lab.up();
  const list = await listOf(lab);
  expect(list.items).toEqual(four.map((name) => ({ name, what: 'shrink', detail: 'pids 64 -> 48' })));
  expect(await Promise.all(four.map(async (name) => (await lab.inspect(name)).HostConfig.PidsLimit))).toEqual([
    ...[64, 64, 64, 64],
  ]);

  // A program that changes what is held is told at once, and what was in force goes on.
  const error = await failure(put('w3', { resources: { memory: '96Mi' } }));
  expect(error.code).toBe('REFUSED');
  expect(error.message).toContain('held until workdock approve');
  expect((await lab.inspect('w3')).HostConfig.Memory).toBe(128 * MiB);
  expect((await held(lab))[0]?.items[3]?.detail).toBe('memory 128Mi -> 96Mi, pids 64 -> 48');

  await up.kill('SIGTERM');
  const guarded = readFileSync(config, 'utf8');
  writeFileSync(config, `${guarded}guard: {disruptions: 100%}\n`);
  up = await lab.up();
  for (const name of four) {
    await until(async () => (await lab.inspect(name)).HostConfig.PidsLimit === 48, { deadlineMs: 20_000, what: name });
  }
  expect(await held(lab)).toEqual([]);

  // What waits for their next stop by now is not brought to all of them at once by a policy.
  const blue = (more: string[]) => {
    for (const name of four.slice(0, 3))
      lab.write(`${name}.yaml`, workspaceYaml(name, ['env: {COLOUR: blue}', ...more]));
  };
  blue([]);
  for (const name of four.slice(0, 3)) {
    await until(() => lab.condition(name, 'UpdatePending')?.reason === 'NextStop', { deadlineMs: 20_000, what: name });
  }
  await up.kill('SIGTERM');
  writeFileSync(config, guarded);
  const made = await Promise.all(four.map(async (name) => (await lab.inspect(name)).Id));
  blue(['updatePolicy: Now']);
  await lab.up();
  const early = await listOf(lab);
  expect(early.items.map(({ detail }) => detail)).toEqual(
    Array(3).fill('updatePolicy OnStop -> Now, with an update waiting'),
  );
  expect(await Promise.all(four.map(async (name) => (await lab.inspect(name)).Id))).toEqual(made);
});

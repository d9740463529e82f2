import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const template = (name: string, ...spec: string[]) =>
  ['apiVersion: workdock.dev/v1', 'kind: WorkspaceTemplate', `metadata: {name: ${name}}`, 'spec:']
    .concat(spec.map((line) => `  ${line}`))
    .join('\n')
    .concat('\n');

test('an edited template updates its users; a broken one keeps the last good', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('neuro.yaml', template('neuro', 'resources: {cpu: 250m}', 'env: {LAB: neuro}'));
  lab.write('ada.yaml', workspaceYaml('ada', ['template: neuro', 'env: {MINE: "1"}']));
  lab.write('bea.yaml', workspaceYaml('bea'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Running');
  expect(await lab.sh('ada', 'echo $LAB $MINE')).toBe('neuro 1');
  const [ada, bea] = [await lab.inspect('ada'), await lab.inspect('bea')];
  expect(ada.HostConfig.NanoCpus).toBe(25e7);
  lab.write('neuro.yaml', template('neuro', 'resources: {cpu: 750m}', 'env: {LAB: neuro}'));
  await until(async () => (await lab.inspect('ada')).HostConfig.NanoCpus === 75e7, { deadlineMs: 8_000 });
  expect((await lab.cli('describe', 'ada')).stdout).toMatch(/template neuro/);

  lab.write('neuro.yaml', template('neuro', 'resources: {cpu: many}', 'env: {LAB: other}'));
  await until(() => lab.condition('ada', 'SpecValid')?.status === 'False', { deadlineMs: 8_000 });
  lab.remove('neuro.yaml');
  await until(() => /neuro/.test(lab.condition('ada', 'SpecValid')?.message ?? ''), { deadlineMs: 8_000 });
  await holdsFor(async () => (await lab.inspect('ada')).HostConfig.NanoCpus === 75e7, 2_000);
  const [now, other] = [await lab.inspect('ada'), await lab.inspect('bea')];
  expect([now.Id, now.State.StartedAt]).toEqual([ada.Id, ada.State.StartedAt]);
  expect(other.State.StartedAt).toBe(bea.State.StartedAt);
  lab.write('neuro.yaml', template('neuro', 'resources: {cpu: 250m}', 'env: {LAB: neuro}'));
  await until(async () => (await lab.inspect('ada')).HostConfig.NanoCpus === 25e7, { deadlineMs: 8_000 });
});

test('the folder of the specs gone, swapped or emptied stops nobody', async () => {
  const lab = makeLab('resync: 1s\n');
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  const controller = await lab.up();
  for (const name of ['ada', 'bea']) await lab.phase(name, 'Running');
  const started = async () =>
    Promise.all(
      ['ada', 'bea'].map(async (name) => (await lab.inspect(name)).State).map(async (s) => (await s).StartedAt),
    );
  const before = (await started()).join();
  const untouched = async () => (await started()).join() === before;
  const ready = () => lab.summary().host.conditions.find(({ type }) => type === 'SourceReady')?.status;
  const away = join(lab.root, 'away');

  renameSync(lab.specs, away);
  await until(() => ready() === 'False', { deadlineMs: 10_000 });
  await holdsFor(untouched, 2_000);
  await heals(lab, 'ada', before);
  const healed = (await started()).join();
  const still = async () => (await started()).join() === healed;

  mkdirSync(lab.specs); // an empty mount point
  await holdsFor(still, 2_000);
  expect(ready()).toBe('False');
  await controller.kill('SIGKILL');
  rmSync(lab.specs, { recursive: true });
  await lab.up();
  await until(() => ready() !== 'True', { deadlineMs: 10_000 });
  await holdsFor(still, 2_000);
  renameSync(away, lab.specs);
  await until(() => ready() === 'True', { deadlineMs: 10_000 });

  for (const name of ['ada', 'bea']) lab.remove(`${name}.yaml`);
  await until(() => lab.condition('bea', 'SourceAbsent')?.status === 'True', { deadlineMs: 10_000 });
  await holdsFor(still, 2_000);
  expect((await lab.json<{ name: string }[]>('get')).map(({ name }) => name)).toEqual(['ada', 'bea']);
  for (const name of ['ada', 'bea']) lab.write(`${name}.yaml`, workspaceYaml(name));
  await until(() => lab.condition('bea', 'SourceAbsent')?.status === 'False', { deadlineMs: 10_000 });
  expect(await still()).toBe(true);
});

/** Repair goes on without the folder: the last good specs are in force. */
async function heals(lab: Lab, name: string, before: string) {
  await lab.hand('kill', `${lab.prefix}${name}`);
  await until(
    async () => {
      const { State } = await lab.inspect(name);
      return State.Running && !before.includes(State.StartedAt);
    },
    { deadlineMs: 8_000 },
  );
}

test('another instance’s workspaces are listed as Elsewhere and left alone', async () => {
  const lab = makeLab('resync: 1s\ninstance: server-1\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['instance: server-1']));
  lab.write('bea.yaml', workspaceYaml('bea', ['instance: server-2']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bea', 'Elsewhere');
  expect(await lab.mine()).toHaveLength(1);
  expect((await lab.cli('start', 'bea')).code).toBe(7);
});

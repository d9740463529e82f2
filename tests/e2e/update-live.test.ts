import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('cpu, memory and pids change on the running container', async () => {
  const lab = makeLab('resync: 10m\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {cpu: 1.5, memory: 192Mi, pids: 100}']));
  const limits = async () => {
    const { NanoCpus, Memory, MemorySwap, PidsLimit } = (await lab.inspect('ada')).HostConfig;
    return [NanoCpus, Memory, MemorySwap, PidsLimit];
  };
  const wanted = [1.5e9, 192 * 2 ** 20, 192 * 2 ** 20, 100];
  await until(async () => JSON.stringify(await limits()) === JSON.stringify(wanted), { deadlineMs: 5_000 });
  const after = await lab.inspect('ada');
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  await until(() => lab.status('ada')?.limits?.cpus === 1.5 && lab.status('ada')?.plan.length === 0);
  expect(lab.status('ada')).toMatchObject({ generation: 2, observedGeneration: 2, pending: [], drift: [] });
  expect(lab.events('ada').map(({ reason }) => reason)).not.toContain('Drift');
  expect((await lab.cli('plan', '--exit-code')).code).toBe(0);
});

test('memory that is in use is not taken away: a lower limit waits for the next stop', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const before = await lab.inspect('ada');
  const hog = '(head -c 80000000 /dev/zero; exec sleep 600) | tail';
  await lab.hand('exec', '-d', `${lab.prefix}ada`, 'sh', '-c', hog);
  await until(() => (lab.status('ada')?.memoryInUseBytes ?? 0) > 75e6, { deadlineMs: 10_000 });
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 64Mi}']));
  const pending = { field: 'resources.memory', from: '128Mi', to: '64Mi', cost: 'nextStop', drift: false };
  await until(() => lab.status('ada')?.pending.length === 1, { deadlineMs: 5_000 });
  expect(lab.status('ada')?.pending).toEqual([pending]);
  expect(lab.condition('ada', 'UpdatePending')).toMatchObject({ status: 'True', reason: 'NextStop' });
  expect((await lab.cli('plan', 'ada')).stdout).toMatch(/resources\.memory.*128Mi.*64Mi/);
  await holdsFor(async () => {
    const { State, HostConfig } = await lab.inspect('ada');
    return State.StartedAt === before.State.StartedAt && HostConfig.Memory === 2 ** 27;
  }, 2_500);
  expect((await lab.cli('stop', 'ada', '--wait')).code).toBe(0);
  expect((await lab.cli('start', 'ada', '--wait')).code).toBe(0);
  const limit = 'cat /sys/fs/cgroup/memory.max || cat /sys/fs/cgroup/memory/memory.limit_in_bytes';
  expect(await lab.sh('ada', limit)).toBe(`${2 ** 26}`);
  expect((await lab.inspect('ada')).Id, 'the limit needs no new container').toBe(before.Id);
  await until(() => lab.condition('ada', 'UpdatePending')?.status === 'False');
});

test('labels, policies and how the file is written never touch the container', async () => {
  const lab = makeLab('resync: 1s\n');
  lab.write('ada.yaml', workspaceYaml('ada', ['env: {A: "1", B: "2"}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  const { Id, State } = await lab.inspect('ada');
  const untouched = async () => {
    const now = await lab.inspect('ada');
    return now.Id === Id && now.State.StartedAt === State.StartedAt;
  };
  const sha = () => lab.status('ada')?.source?.sha256;
  let before = sha();
  const rewritten = `# a comment\nkind: Workspace\nspec:\n  env:\n    B: '2'\n    A: "1"   # one\n  owner: "ada"\n`;
  lab.write('ada.yaml', `${rewritten}metadata:\n  name: ada\napiVersion: workdock.dev/v1\n`);
  await until(() => sha() !== before);
  expect(lab.status('ada')).toMatchObject({ generation: 1, observedGeneration: 1 });

  before = sha();
  lab.remove('ada.yaml');
  lab.write('deep/er/people.yml', workspaceYaml('ada', ['env: {A: "1", B: "2"}']));
  await until(() => lab.status('ada')?.source?.path.endsWith('people.yml'), { deadlineMs: 10_000 });
  expect(lab.status('ada')).toMatchObject({ generation: 1 });
  await holdsFor(untouched, 1_500);

  const policies = ['drift: Report', 'updatePolicy: Now', 'restart: {policy: Always}', 'stopGracePeriod: 4s'];
  const text = workspaceYaml('ada', ['env: {A: "1", B: "2"}', ...policies]);
  lab.write('deep/er/people.yml', text.replace('{name: ada}', '{name: ada, labels: {lab: neuro}}'));
  await until(() => lab.status('ada')?.labels['lab'] === 'neuro');
  expect(lab.status('ada')?.generation).toBe(2);
  await holdsFor(untouched, 2_500);
  expect(lab.status('ada')).toMatchObject({ pending: [], drift: [], observedGeneration: 2 });
  expect((await lab.json<{ name: string }[]>('get', '-l', 'lab=neuro')).map(({ name }) => name)).toEqual(['ada']);
});

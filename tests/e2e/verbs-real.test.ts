import { expect, test } from 'vitest';
import type { Lab } from '../support/lab.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

type Described = {
  status: { name: string; container: { id: string } };
  spec?: unknown;
  desired?: unknown;
  events: { reason: string }[];
};

async function labWith(...names: string[]): Promise<Lab> {
  const lab = makeLab('resync: 2s\n');
  for (const name of names) lab.write(`${name}.yaml`, workspaceYaml(name));
  await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  return lab;
}

test('start, stop, restart and wait do what their exit code says', async () => {
  const lab = await labWith('ada', 'bea');
  const code = async (...args: string[]) => (await lab.cli(...args)).code;
  const { Id, State } = await lab.inspect('ada');

  expect(await code('stop', 'ada', '--wait')).toBe(0);
  expect((await lab.inspect('ada')).State.Running, 'down when --wait returns').toBe(false);
  expect(await code('stop', 'ada', '--wait'), 'twice is as good').toBe(0);
  expect(await code('wait', 'ada', '--for=Ready', '--timeout', '1s')).toBe(6);
  expect(await code('wait', 'ada', '--for=Stopped', '--timeout', '5s')).toBe(0);
  expect(await code('wait', 'nobody', '--for=Ready', '--timeout', '1s')).toBe(5);

  expect(await code('start', 'ada', '--wait')).toBe(0);
  const started = await lab.inspect('ada');
  expect([started.State.Running, started.Id]).toEqual([true, Id]);
  expect(started.State.StartedAt > State.StartedAt).toBe(true);
  expect(await code('start', 'ada', '--wait'), 'of one that runs').toBe(0);
  expect((await lab.inspect('ada')).State.StartedAt).toBe(started.State.StartedAt);

  expect(await code('restart', 'ada', 'bea', '--wait')).toBe(0);
  expect((await lab.inspect('ada')).State.StartedAt > started.State.StartedAt).toBe(true);
  expect((await lab.inspect('ada')).Id, 'nothing pending: the same container').toBe(Id);
  expect(await code('restart', 'ada', 'nobody')).toBe(8);
  expect(await code('stop', 'nobody')).toBe(5);
  expect(await code('get', 'nobody')).toBe(5);
  expect(await code('stop')).toBe(2);
  expect(await code('start', 'ADA;rm')).not.toBe(0);
});

test('a restart of one that a person holds starts it, and a suspended one is refused every verb', async () => {
  const lab = await labWith('ada', 'bea');
  await lab.cli('stop', 'ada', '--wait');
  await lab.phase('ada', 'Held');
  expect((await lab.cli('restart', 'ada', '--wait')).code).toBe(0);
  await lab.phase('ada', 'Running');
  expect((await lab.cli('suspend', 'ada')).code).toBe(0);
  const before = await lab.inspect('ada');
  for (const verb of ['start', 'stop', 'restart']) {
    const reply = await lab.cli(verb, 'ada');
    expect([reply.code, reply.stderr]).toEqual([7, expect.stringContaining('workdock resume ada')]);
  }
  expect((await lab.inspect('ada')).State.StartedAt).toBe(before.State.StartedAt);
  expect((await lab.cli('why', 'ada')).stdout).toMatch(/suspended/);
  expect((await lab.cli('stop', 'bea', '--wait')).code, 'others are not').toBe(0);
  expect((await lab.cli('resume', 'ada')).code).toBe(0);
  expect((await lab.cli('stop', 'ada', '--wait')).code).toBe(0);
  expect((await lab.cli('suspend', 'nobody')).code).toBe(5);
});

test('get, describe, why, events and plan tell what the engine knows', async () => {
  const lab = await labWith('ada', 'bea');
  const { Id } = await lab.inspect('ada');
  const described = await lab.json<Described>('describe', 'ada');
  expect(described.status.container.id).toBe(Id);
  expect(described.events.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Created', 'Started']));
  expect((await lab.cli('plan', '--exit-code')).code).toBe(0);
  expect((await lab.cli('plan')).stdout).toBe('no difference\n');

  lab.write('ada.yaml', workspaceYaml('ada', ['env: {A: b}', 'resources: {cpu: 250m}']));
  await until(() => lab.status('ada')?.pending.length === 1, { deadlineMs: 10_000 });
  const plan = await lab.cli('plan', 'ada', '--exit-code');
  expect([plan.code, plan.stdout]).toEqual([1, expect.stringMatching(/env\.A.*-> b/)]);
  expect(plan.stdout, 'the live change is made already').not.toContain('resources.cpu');
  expect((await lab.cli('plan', 'bea', '--exit-code')).code).toBe(0);
  expect((await lab.cli('why', 'ada')).stdout).toMatch(/pending\s+env\.A/);

  await lab.cli('stop', 'bea', '--wait');
  const rows = await lab.json<{ name: string; phase: string }[]>('get');
  expect(Object.fromEntries(rows.map(({ name, phase }) => [name, phase]))).toEqual({ ada: 'Running', bea: 'Held' });
  expect((await lab.cli('why', 'bea')).stdout).toMatch(/stopped by a person/);
  const text = (await lab.cli('events', 'bea')).stdout;
  expect(text).toMatch(/Asked\s+stop by a person\n.*Stopped/);
  expect(text.split('\n').filter((line) => /\bStopped\b/.test(line))).toHaveLength(1);

  lab.write('bea.yaml', workspaceYaml('bea', ['resources: {memory: 8g}']));
  await until(() => lab.condition('bea', 'SpecValid')?.status === 'False', { deadlineMs: 10_000 });
  const get = await lab.cli('get');
  expect(get.stdout.split('\n')[1], 'problems first').toMatch(/^bea .*bea\.yaml:6/);
  expect((await lab.cli('describe', 'bea')).stdout).toMatch(/8Gi/);
});

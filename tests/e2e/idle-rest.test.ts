import { afterAll, beforeAll, expect, test } from 'vitest';
import { enter } from '../support/enter.ts';
import { holdsFor } from '../support/holds-for.ts';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: IdleLab;

/** Who plays which part, and what the idle rule of each says besides the timeout. */
const parts = {
  quiet: '',
  busy: '',
  kept: '',
  dark: '',
  held: '',
  braked: '',
  watched: 'mode: Observe',
  off: 'enabled: false',
};
const names = Object.keys(parts);
const write = (name: string, timeout: string, more: string) =>
  lab.write(`${name}.yaml`, workspaceYaml(name, idleSpec([`timeout: ${timeout}`, more].filter(Boolean).join(', '))));

beforeAll(async () => {
  lab = openIdleLab();
  for (const [name, more] of Object.entries(parts)) write(name, '1h', more);
  await lab.up();
  for (const name of names) await lab.phase(name, 'Running');
  await lab.hand('exec', '-d', `${lab.prefix}busy`, 'sh', '-c', 'while :; do :; done');
  // Looks like a Jupyter server, and cannot be asked.
  const script = '#!/bin/sh\\nsleep 1000\\n';
  await lab.sh('dark', `mkdir ~/bin; printf '${script}' > ~/bin/jupyter-lab; chmod +x ~/bin/jupyter-lab`);
  await lab.hand('exec', '-d', `${lab.prefix}dark`, 'sh', '-c', 'exec ~/bin/jupyter-lab');
  expect((await lab.cli('keep', 'kept', '1h')).code).toBe(0);
  await lab.cli('stop', 'held', '--wait');
  await lab.cli('suspend', 'braked');
  // An edit of the rule holds for who runs already.
  for (const [name, more] of Object.entries(parts)) write(name, '3s', more);
}, 120_000);
afterAll(() => lab.dispose());

test('who is not used rests: a mark with the evidence, and a container that is stopped', async () => {
  await lab.phase('quiet', 'Resting');
  await until(async () => !(await lab.isUp('quiet')));
  expect(lab.intent('quiet').mark).toMatchObject({
    ...{ run: 'Stopped', by: 'idle', forState: 'Running' },
    evidence: expect.stringMatching(/^quiet for \ds: cpu .* %.* of a core, terminal none open, stream none open/),
  });
  const rested = lab.events('quiet').find(({ reason }) => reason === 'Rested');
  const signals = rested?.evidence?.['signals'] as { signal: string; keepsAwake: string }[];
  expect(signals.map(({ signal, keepsAwake }) => `${signal} ${keepsAwake}`)).toEqual(
    ['cpu', 'terminal', 'stream', 'network', 'jupyter', 'lease', 'started'].map((signal) => `${signal} no`),
  );
  expect(lab.condition('quiet', 'Idle')).toMatchObject({ status: 'True', reason: 'Resting' });
  expect(lab.status('quiet')).toMatchObject({ verdict: { idle: true, timeoutMs: 3_000 } });
  expect(lab.status('quiet')).not.toHaveProperty('restsAt');
  const why = (await lab.cli('why', 'quiet')).stdout;
  expect(why).toMatch(/decided +put to rest while idle at .*\n/);
  expect(why).toMatch(/idle +quiet for \ds\n +cpu: /);
});

test('who has a reason to stay stays, and the reason is told', async () => {
  await until(() => lab.reasons('watched').includes('WouldStop'), { deadlineMs: 20_000 });
  const stay = ['busy', 'kept', 'watched', 'off', 'dark', 'braked'];
  const up = async () => (await Promise.all(stay.map(lab.isUp))).every(Boolean);
  await holdsFor(up, 4_000);
  expect(stay.map((name) => lab.condition(name, 'Idle')?.reason)).toEqual([
    ...['Active', 'Leased', 'Idle', 'Disabled', 'SignalUnreadable', 'Idle'],
  ]);
  const why = async (name: string) => (await lab.cli('why', name)).stdout;
  expect(await why('busy')).toMatch(/cpu keeps it awake: [\d.]+ % of a core/);
  expect(await why('kept')).toMatch(/kept +until .* by a person/);
  expect(await why('dark')).toMatch(/jupyter: cannot be read: .* \(so it is kept awake\)/);
  expect(await why('braked')).toMatch(/it is not put to rest: suspended by a person/);
  expect(lab.status('held')?.phase, 'a person’s stop is not turned into a rest').toBe('Held');
  expect(lab.intent('held').mark?.by).toBe('stop');
});

test('Observe tells once for each quiet stretch, and what cannot be read is told once', async () => {
  await holdsFor(() => lab.events('watched').filter(({ reason }) => reason === 'WouldStop').length === 1, 1_000);
  expect(lab.events('watched').find(({ reason }) => reason === 'WouldStop')).toMatchObject({
    type: 'Normal',
    count: 1,
  });
  expect(lab.events('dark').filter(({ reason }) => reason === 'KeptAwake')).toMatchObject([
    { type: 'Warning', count: 1, message: expect.stringMatching(/^jupyter cannot be read: /) },
  ]);
});

test('entering it again wakes it, and it is not put to rest at once', async () => {
  const { code, stdout } = await enter(lab, ['exec', 'quiet', '--', 'echo', 'here']);
  expect([code, stdout.toString()]).toEqual([0, 'here\n']);
  await holdsFor(() => lab.isUp('quiet'), 1_500);
  await lab.phase('quiet', 'Resting');
});

test('the table of evidence, wide and as data', async () => {
  const wide = (await lab.cli('idle', '-o', 'wide')).stdout;
  expect(wide).toMatch(/^NAME +PHASE +IDLE +RESTS +MODE +WHY$/m);
  expect(wide).toMatch(/^busy +Running +- +- +Enforce +cpu keeps it awake/m);
  expect(wide).toMatch(/^kept +Running +- +kept 59m +Enforce +lease keeps it awake: ends in 59m/m);
  expect(wide).toMatch(/^off +Running +- +- +off +not judged: idle.enabled is false$/m);
  expect(wide).toMatch(/^NAME +SIGNAL +AWAKE +LAST +QUIET IS +VALUE$/m);
  expect(wide).toMatch(/^busy +cpu +yes +0s +below [\d.]+ % of a core +[\d.]+ % of a core(, and it waits .*)?$/m);
  expect(wide).toMatch(/^dark +jupyter +unknown +- +- +cannot be read/m);
  const rows = await lab.json<{ name: string; verdict?: { evidence: object[] } }[]>('idle', 'busy', 'off');
  expect(rows.map(({ name, verdict }) => [name, verdict?.evidence.length])).toEqual([
    ['busy', 7],
    ['off', undefined],
  ]);
  expect((await lab.cli('idle', 'nobody')).code).toBe(5);
});

test('top shows who works', async () => {
  const rows = await lab.json<{ name: string; cpuCores: number; processes: number }[]>('top');
  expect(rows[0]).toMatchObject({
    name: 'busy',
    processes: 1,
    cpuLimit: 0.5,
    pidsLimit: 64,
    memoryLimitBytes: 2 ** 27,
  });
  expect(rows[0]!.cpuCores).toBeGreaterThan(0);
  expect((await lab.cli('top')).stdout).toMatch(/^busy +busy +[\d.]+% +50% +\S+ +128Mi +\S+% +1 +64$/m);
});

test('status files do not change with every look', async () => {
  const read = () => JSON.stringify([lab.status('kept'), lab.status('watched'), lab.status('off')]);
  // To the minute: one change in between is as it should be.
  let before = read();
  let changes = 0;
  await holdsFor(() => {
    const now = read();
    if (now !== before) changes += 1;
    before = now;
    return changes <= 3;
  }, 3_000);
});

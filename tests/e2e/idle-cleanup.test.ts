import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CleanupRow } from '../../src/model/service.ts';
import { holdsFor } from '../support/holds-for.ts';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

/** 0.05 minutes are three seconds. */
const LONG = ['--idle-minutes', '0.05'];
let lab: IdleLab;
beforeAll(async () => {
  lab = openIdleLab();
  const rules = { quiet: '', seen: 'mode: Observe', busy: '', kept: '', off: 'enabled: false', young: '', down: '' };
  for (const [name, more] of Object.entries(rules)) {
    if (name === 'young') continue;
    lab.write(`${name}.yaml`, workspaceYaml(name, idleSpec(['timeout: 1h', more].filter(Boolean).join(', '))));
  }
  await lab.up();
  for (const name of ['quiet', 'seen', 'busy', 'kept', 'off', 'down']) await lab.phase(name, 'Running');
  await lab.hand('exec', '-d', `${lab.prefix}busy`, 'sh', '-c', 'while :; do :; done');
  await lab.cli('keep', 'kept', '30m');
  await lab.cli('stop', 'down', '--wait');
  await until(async () => ((await lab.idle('quiet'))?.verdict?.quietMs ?? 0) > 3_500, { deadlineMs: 20_000 });
  await until(async () => ((await lab.idle('seen'))?.verdict?.quietMs ?? 0) > 3_500, { deadlineMs: 20_000 });
  lab.write('young.yaml', workspaceYaml('young', idleSpec('timeout: 1h')));
  await lab.phase('young', 'Running');
}, 90_000);
afterAll(() => lab.dispose());

const decisions = (rows: CleanupRow[]) => Object.fromEntries(rows.map(({ name, decision }) => [name, decision]));
const reason = (rows: CleanupRow[], name: string) => rows.find((row) => row.name === name)?.reason;
const stays = { busy: 'kept', down: 'kept', kept: 'kept', off: 'kept', young: 'kept' };

test('a dry run decides about everybody, with reasons, and stops nobody', async () => {
  const rows = await lab.json<CleanupRow[]>('cleanup', ...LONG, '--dry-run');
  expect(decisions(rows)).toEqual({ ...stays, quiet: 'wouldStop', seen: 'wouldStop' });
  expect(reason(rows, 'quiet')).toMatch(/^quiet for \d+s, asked for 3s: cpu .*, lease none, started seen/);
  expect(reason(rows, 'busy')).toMatch(/^cpu keeps it awake: /);
  expect(reason(rows, 'kept')).toBe('a lease keeps it awake');
  expect(reason(rows, 'off')).toBe('idle.enabled is false');
  expect(reason(rows, 'young')).toMatch(/^quiet for \ds of 3s$|^looked at for the first time$/);
  expect(reason(rows, 'down')).toBe('it does not run: Held');
  await holdsFor(async () => (await lab.isUp('quiet')) && (await lab.isUp('seen')), 500);
  const { stdout, stderr } = await lab.cli('cleanup', '--idle-minutes', '60', '--dry-run');
  expect(stdout).toMatch(/^NAME +DECISION +QUIET +REASON\nbusy +kept +0s +cpu keeps it awake/);
  expect(stdout).toMatch(/^quiet +kept +\d+s +quiet for \d+s of 1h$/m);
  expect(stderr).toBe('workdock: 0 of 7 would be stopped\n');
});

test('for real it stops those, also one with mode Observe, and they rest like others', async () => {
  const { code, stdout, stderr } = await lab.cli('cleanup', ...LONG);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^workdock: [23] of 7 stopped\n$/)]);
  expect(stdout).toMatch(/^quiet +stopped +\d+s +quiet for \d+s, asked for 3s: /m);
  await lab.phase('quiet', 'Resting');
  await lab.phase('seen', 'Resting');
  expect(lab.intent('quiet').mark).toMatchObject({ by: 'idle', evidence: expect.stringMatching(/^quiet for/) });
  expect(lab.status('quiet')?.verdict).toMatchObject({ idle: true, timeoutMs: 3_000 });
  expect((await lab.idle('quiet'))?.verdict?.because).toMatch(/^quiet for \d+s$/);
  const rested = lab.events('quiet').find((event) => event.reason === 'Rested');
  expect(rested?.message).toMatch(/^cleanup by a person: quiet for/);
  for (const name of ['busy', 'kept', 'off']) expect(await lab.isUp(name)).toBe(true);
});

test('nonsense is a usage error that says what to write', async () => {
  for (const bad of [[], ['--idle-minutes', '0'], ['--idle-minutes', 'soon'], ['--idle-minutes', '-5']]) {
    expect((await lab.cli('cleanup', ...bad)).code, bad.join(' ')).toBe(2);
  }
});

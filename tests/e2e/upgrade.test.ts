import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRecorded } from '../support/recorded.ts';
import { until } from '../support/until.ts';

test('a lab of a build before idleness is taken over: nobody is recreated, all that was decided holds', async () => {
  const { lab, runs, data } = await openRecorded('before-idle');
  const before = await runs();
  // Broken on the day of the upgrade: what an earlier build accepted last stays in force.
  lab.write('broken.yaml', readFileSync(join(lab.specs, 'broken.yaml'), 'utf8').replace('owner:', 'ownr: x\n  owner:'));
  const { log } = await lab.up();
  for (const name of ['argv', 'broken', 'plain', 'rich', 'waits']) await lab.phase(name, 'Running');
  for (const [name, phase] of [
    ['held', 'Held'],
    ['off', 'Stopped'],
    ['image', 'Stopped'],
  ] as const) {
    await lab.phase(name, phase);
  }
  await until(() => lab.condition('broken', 'SpecValid')?.status === 'False');
  await until(() => lab.condition('waits', 'UpdatePending')?.status === 'True');
  await until(() => lab.condition('rich', 'Idle')?.reason !== 'NotLooked', { deadlineMs: 20_000 });
  expect(await runs()).toEqual(before);
  expect(lab.status('plain')?.conditions.find(({ type }) => type === 'Ready')?.message).toContain('suspended');
  expect((await lab.mine()).length).toBe(Object.keys(before).length);

  const idle = await lab.cli('idle');
  expect([idle.code, idle.stderr]).toEqual([0, '']);
  expect((await lab.cli('describe', 'broken')).stdout).toMatch(/idle\.timeout +30m/);
  expect((await lab.cli('exec', 'rich', '--', 'sh', '-c', 'id -u; id -G; echo $TOKEN; cat work.txt')).stdout).toBe(
    '20007\n20007 2000 2001\nabc\nrich',
  );
  expect(log()).not.toMatch(/"level":50|INTERNAL/);
  const kept = JSON.parse(readFileSync(join(data, '.workdock', 'uids.json'), 'utf8')) as object;
  expect(kept).toEqual(JSON.parse(readFileSync('tests/recorded/before-idle/kept/uids.json', 'utf8')));
  // An upgrade is no edit.
  expect(['plain', 'rich', 'argv', 'held'].map((name) => lab.status(name)?.generation)).toEqual([1, 1, 1, 1]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: IdleLab;
beforeAll(async () => {
  lab = openIdleLab();
  for (const name of ['ada', 'bob']) lab.write(`${name}.yaml`, workspaceYaml(name, idleSpec('timeout: 2s')));
  await lab.up();
}, 60_000);
afterAll(() => lab.dispose());

const why = async (name: string) => (await lab.idle(name))?.verdict?.because ?? '';

test('a lease of a person holds, is capped, is told, ends on demand, and then the timeout begins anew', async () => {
  await lab.phase('ada', 'Running');
  const kept = await lab.cli('keep', 'ada', '3d');
  expect(kept.stdout).toMatch(/^ada is kept awake for 1h, until 20\d\d-/);
  expect(kept.stderr).toBe('workdock: 3d is more than idle.maxKeep of the config allows\n');
  await holdsFor(() => lab.isUp('ada'), 4_000);
  expect(await why('ada')).toMatch(/^lease keeps it awake: ends in 59m/);
  expect(lab.status('ada')?.lease).toMatchObject({ by: 'person' });
  expect((await lab.cli('get', 'ada')).stdout).toMatch(/ +- +kept 59m/);
  const end = await lab.cli('keep', 'ada', '--end');
  expect(end.stdout).toBe('ada is not kept any more: the idle rule applies\n');
  await lab.phase('ada', 'Resting');
  expect(lab.reasons('ada')).toEqual(expect.arrayContaining(['LeaseSet', 'LeaseEnded', 'Rested']));
});

test('a lease ends by itself', async () => {
  await lab.cli('start', 'ada', '--wait');
  await lab.cli('keep', 'ada', '3s');
  await holdsFor(() => lab.isUp('ada'), 2_500);
  await lab.phase('ada', 'Resting');
  expect(
    lab
      .events('ada')
      .filter(({ reason }) => reason === 'LeaseEnded')
      .at(-1)?.message,
  ).toMatch(/its time is over/);
});

test('keep from inside: the file is a lease, once, capped, and gone with the file', async () => {
  await lab.cli('start', 'bob', '--wait');
  await lab.sh('bob', 'mkdir -p ~/.workdock; echo 9h > ~/.workdock/keep');
  await until(async () => (await lab.idle('bob'))?.lease);
  const row = await lab.idle('bob');
  expect(row?.lease?.by).toBe('file');
  expect(Date.parse(row!.lease!.until) - Date.now(), 'capped').toBeLessThanOrEqual(3_600_000);
  await holdsFor(() => lab.isUp('bob'), 3_000);
  expect(lab.events('bob').filter(({ reason }) => reason === 'LeaseSet')).toMatchObject([{ count: 1 }]);
  expect((await lab.cli('why', 'bob')).stdout).toMatch(/kept +until .* by ~\/.workdock\/keep/);
  await lab.sh('bob', 'rm ~/.workdock/keep');
  await lab.phase('bob', 'Resting');
  expect(lab.events('bob').find(({ reason }) => reason === 'LeaseEnded')?.message).toMatch(
    /the file is gone or holds no duration/,
  );
});

test('a file that a person overrules is no new lease while it stays as it is', async () => {
  await lab.cli('start', 'bob', '--wait');
  await lab.sh('bob', 'echo 30m > ~/.workdock/keep');
  await until(async () => (await lab.idle('bob'))?.lease);
  await lab.cli('keep', 'bob', '--end');
  await lab.phase('bob', 'Resting');
  await lab.cli('start', 'bob', '--wait');
  await lab.phase('bob', 'Resting');
  await lab.cli('start', 'bob', '--wait');
  await lab.sh('bob', 'echo 31m > ~/.workdock/keep');
  await until(async () => (await lab.idle('bob'))?.lease);
});

test('it is refused for nobody, and nonsense is a usage error', async () => {
  expect((await lab.cli('keep', 'nobody', '1h')).code).toBe(5);
  for (const bad of [['ada'], ['ada', '1h', '--end'], ['ada', 'long'], ['ada', '0s'], []]) {
    expect((await lab.cli('keep', ...bad)).code, bad.join(' ')).toBe(2);
  }
});

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { holdsFor } from '../support/holds-for.ts';
import { contentsOf, homeOf, loseState, removalLab } from '../support/removal-lab.ts';
import { until } from '../support/until.ts';

test('without its file it is stopped after the grace and removed later; its home stays, byte for byte', async () => {
  const { lab, lose, put, idOf, startedAt, runs, absence, gone, names, intent } = await removalLab(['ada', 'bea'], {
    grace: '3s',
  });
  const home = homeOf(lab, 'ada');
  const [before, other] = [contentsOf(home), await startedAt('bea')];
  const { generation } = intent('ada');
  lose('ada');
  await until(() => absence('ada') === 'InGrace', { deadlineMs: 5_000 });
  const grace = lab.condition('ada', 'SourceAbsent')!.message;
  expect(grace).toMatch(
    /^no file declares it since \S+Z; it is stopped at \S+Z, and its container removed 2s after that/,
  );
  expect(grace).toMatch(/home users\/ada stays; put its file back to end this/);
  expect((await lab.cli('get', 'ada')).stdout).toContain('no file declares it since');
  expect((await lab.cli('exec', 'ada', '--', 'cat', 'thesis.txt')).stdout).toBe('of ada\n');
  // A hand stops it: within the grace it is kept true as before.
  await lab.hand('kill', `${lab.prefix}ada`);
  await until(() => runs('ada'), { deadlineMs: 5_000 });

  await until(() => absence('ada') === 'AwaitsRemoval', { deadlineMs: 10_000 });
  await until(async () => !(await runs('ada')), { deadlineMs: 10_000 });
  expect(Date.parse(intent('ada').tombstone!.ripeAt!)).toBeGreaterThanOrEqual(
    Date.parse(intent('ada').tombstone!.since) + 3_000,
  );
  const refused = { exec: 125, start: 7, restart: 7, keep: 7 };
  // All at once: it is removed two seconds after its stop.
  const ask = async ([verb, code]: [string, number]) => {
    const rest = { exec: ['--', 'id'], keep: ['1h'] }[verb] ?? [];
    const reply = await lab.cli(verb, 'ada', ...rest);
    expect(reply.code, verb).toBe(code);
    expect(reply.stderr).toMatch(/no file declares ada[\s\S]*put its file back first/);
  };
  await Promise.all(Object.entries(refused).map(ask));
  await gone('ada');
  expect(await names()).toEqual(['bea']);
  expect(contentsOf(home)).toBe(before);
  expect(lab.note('ada')).toMatch(/its spec was removed/);
  // The file of events is written a moment after what they tell.
  const stages = ['FileGone', 'RemovalDue', 'Stopped', 'RemovalExpired', 'Removed'];
  const told = () => lab.events('ada').map(({ reason }) => reason);
  await until(() => stages.every((stage) => told().includes(stage)), { what: () => told().join() });
  expect((await lab.cli('describe', 'ada')).stderr).toMatch(/was removed at \S+Z.*workdock events ada/s);
  expect((await lab.cli('events', 'ada')).stdout).toMatch(/the workspace is removed.*its home users\/ada stays/);
  for (const verb of ['idle', 'top', 'plan']) expect((await lab.cli(verb)).stdout).not.toMatch(/\bada\b/);
  expect((await lab.cli('metrics')).stdout).not.toMatch(/workspace="ada"/);

  put('ada');
  await lab.phase('ada', 'Running');
  expect((await lab.cli('exec', 'ada', '--', 'cat', 'thesis.txt')).stdout).toBe('of ada\n');
  expect(contentsOf(home)).toBe(before);
  expect(intent('ada').generation).toBeGreaterThan(generation);
  expect(intent('ada')).not.toHaveProperty('removedAt');
  expect(await idOf('ada')).toBeDefined();
  expect(await startedAt('bea')).toBe(other);
});

test('a file that comes back ends it at every stage, and the same container goes on', async () => {
  const { lab, lose, put, idOf, startedAt, absence, intent } = await removalLab(['ada', 'bea'], { removeAfter: '1h' });
  const [id, since] = [await idOf('ada'), await startedAt('ada')];
  const back = async () => until(() => lab.condition('ada', 'SourceAbsent')?.status === 'False', { deadlineMs: 5_000 });
  lose('ada');
  await until(() => absence('ada') !== undefined, { deadlineMs: 5_000 });
  put('ada');
  await back();
  await holdsFor(async () => (await startedAt('ada')) === since, 2_000);
  expect(intent('ada')).not.toHaveProperty('tombstone');

  lose('ada');
  await lab.phase('ada', 'Stopped');
  lab.write('team/lab.yaml', `# moved\n${yamlOf('ada')}`);
  await lab.phase('ada', 'Running');
  expect(await idOf('ada')).toBe(id);
  expect(lab.events('ada').filter(({ reason }) => reason === 'FileBack')).toHaveLength(2);

  // A person's mark stands through it.
  expect((await lab.cli('stop', 'ada')).code).toBe(0);
  await lab.phase('ada', 'Held');
  lab.remove('team/lab.yaml');
  await until(() => absence('ada') === 'AwaitsRemoval', { deadlineMs: 10_000 });
  put('ada');
  await back();
  await lab.phase('ada', 'Held');
  expect(await idOf('ada')).toBe(id);
  expect(lab.events('ada').map(({ reason }) => reason)).not.toContain('Removed');
});

test('what is kept is kept; the homes of the others stay, or go to the trash when nobody else uses them', async () => {
  const { lab, lose, put, startedAt, runs, absence, gone, names, intent } = await removalLab([
    ...['ada', 'bea', 'cleo', 'fay'],
  ]);
  const shared = (name: string) => [
    'deletionPolicy: Trash',
    'storage: {home: {name: both, shared: true}}',
    `env: {N: ${name}}`,
  ];
  for (const name of ['dan', 'eve']) put(name, shared(name), 'dan');
  put('ada', ['deletionPolicy: Trash']);
  put('cleo', ['deletionProtection: true']);
  await makeClient({ state: lab.state }).putSpec('gil', { owner: 'gil' }, { ifAbsent: true });
  for (const name of ['dan', 'eve', 'gil']) await lab.phase(name, 'Running');
  for (const name of ['ada', 'cleo']) await until(() => lab.status(name)?.generation === 2, { deadlineMs: 5_000 });

  const outOfWindow = (name: string) =>
    until(() => Date.now() - Date.parse(intent(name).tombstone!.since) > 1_000, { deadlineMs: 3_000 });

  // Protected, suspended, or maybe in a file whose name nobody can read.
  const kept = async () => [await startedAt('cleo'), await startedAt('bea'), await startedAt('ada')].join();
  const before = await kept();
  expect((await lab.cli('suspend', 'bea')).code).toBe(0);
  lab.write('notes.yaml', 'apiVersion: workdock.dev/v1\nkind: Workspace\nmetadata: {nam\n');
  lose('cleo');
  await until(() => absence('cleo') === 'Protected', { deadlineMs: 10_000 });
  await outOfWindow('cleo');
  lose('bea');
  await until(() => absence('bea') === 'Suspended', { deadlineMs: 10_000 });
  await outOfWindow('bea');
  lose('ada');
  await until(() => absence('ada') === 'Unclear', { deadlineMs: 10_000 });
  expect(lab.condition('ada', 'SourceAbsent')?.message).toMatch(/it may stand in \S*notes\.yaml:1/);
  await holdsFor(async () => (await kept()) === before, 2_500);
  expect(lab.condition('cleo', 'SourceAbsent')?.message).toMatch(/deletionProtection keeps it/);

  const content = contentsOf(homeOf(lab, 'ada'));
  lab.remove('notes.yaml');
  await gone('ada');
  expect(existsSync(homeOf(lab, 'ada'))).toBe(false);
  const { entry } = (await lab.json<{ entry: string }[]>('trash', 'list'))[0]!;
  expect(entry).toMatch(/^ada@\d{8}T\d{6}Z$/);
  expect(contentsOf(join(lab.data, 'trash', entry))).toBe(content);
  expect((await lab.cli('events', 'ada')).stdout).toContain(`its home is in the trash as ${entry}`);
  expect((await lab.cli('resume', 'bea')).code).toBe(0);
  lose('dan');
  await gone('bea');
  await gone('dan');
  expect((await lab.cli('events', 'dan')).stdout).toMatch(/its home users\/both stays/);
  lose('eve');
  rmSync(join(lab.data, '.workdock', 'specs', 'gil.yaml'));
  await gone('eve');
  await gone('gil');
  expect(existsSync(homeOf(lab, 'both'))).toBe(false);
  expect((await names()).sort()).toEqual(['cleo', 'fay']);
  expect(await runs('cleo')).toBe(true);
  // A new file begins with a new home.
  put('ada');
  await lab.phase('ada', 'Running');
  expect((await lab.cli('exec', 'ada', '--', 'ls')).stdout).not.toContain('thesis.txt');
});

test('killed between any two stages, and without its state folder, it goes on where it was', async () => {
  const { lab, controller, lose, idOf, runs, absence, gone, intent, startedAt } = await removalLab(
    ['ada', 'bea', 'cleo'],
    {
      grace: '2s',
      removeAfter: '3s',
    },
  );
  const other = await startedAt('bea');
  await controller.kill('SIGKILL');
  lose('ada');
  const downMs = Date.now();
  const second = await lab.up();
  await until(() => intent('ada').tombstone, { deadlineMs: 5_000 });
  // It vanished while nobody looked: the grace is a whole one from here on.
  expect(Date.parse(intent('ada').tombstone!.since)).toBeGreaterThanOrEqual(downMs);
  expect(await runs('ada')).toBe(true);
  await second.kill('SIGKILL');
  loseState(lab);
  const third = await lab.up();
  await until(() => intent('ada').tombstone?.ripeAt, { deadlineMs: 10_000 });
  await third.kill('SIGKILL');
  const fourth = await lab.up();
  await until(async () => !(await runs('ada')), { deadlineMs: 10_000 });
  expect(await idOf('ada')).toBeDefined();
  await until(() => intent('ada').tombstone?.expiredAt, { deadlineMs: 10_000 });
  await fourth.kill('SIGKILL');
  loseState(lab);
  const fifth = await lab.up();
  await gone('ada');
  expect(absence('ada')).toBeUndefined();
  expect(existsSync(join(homeOf(lab, 'ada'), 'thesis.txt'))).toBe(true);
  expect(await startedAt('bea')).toBe(other);

  // All that is left vanishes while nobody watches: that is for a person to say.
  await fifth.kill('SIGKILL');
  lose('bea', 'cleo');
  await lab.up();
  await until(() => lab.condition('cleo', 'DeletionHeld')?.status === 'True', { deadlineMs: 10_000 });
  await holdsFor(async () => (await startedAt('bea')) === other, 3_000);
  expect((await lab.cli('exec', 'bea', '--', 'true')).code).toBe(0);
});

const yamlOf = (name: string): string =>
  `apiVersion: workdock.dev/v1\nkind: Workspace\nmetadata: {name: ${name}}\nspec:\n  owner: ${name}\n`;

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openWorkspaces } from '../../src/index.ts';
import { failure, modes, openLibrary } from '../support/library.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

test.each(modes)('%s: a workspace is made once, changed by another spec, stopped, started', async (mode) => {
  const lab = makeLab();
  const workspaces = await openLibrary(lab, mode);
  const spec = { resources: { memory: '96Mi' }, env: { LESSON: '3: "x"' } };
  const { outcome, status } = await workspaces.getOrCreate('ada', spec);
  expect([outcome, status.phase, status.owner]).toEqual(['created', 'Running', 'ada']);
  expect(await lab.sh('ada', 'echo "$LESSON"')).toBe('3: "x"');
  const file = join(lab.data, '.workdock/specs/ada.yaml');
  const { ino } = statSync(file);
  const before = await lab.inspect('ada');

  for (const again of [spec, undefined]) {
    const second = await workspaces.getOrCreate('ada', again);
    expect([second.outcome, second.status.generation]).toEqual(['unchanged', 1]);
  }
  const changed = await workspaces.getOrCreate('ada', { ...spec, resources: { memory: '112Mi' } });
  expect([changed.outcome, changed.status.generation]).toEqual(['updated', 2]);
  const after = await lab.inspect('ada');
  expect(after.HostConfig.Memory).toBe(112 * 2 ** 20);
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  expect(statSync(file).ino).not.toBe(ino);

  expect((await workspaces.stop('ada')).phase).toBe('Held');
  expect((await lab.inspect('ada')).State.Running).toBe(false);
  expect((await workspaces.getOrCreate('ada')).status.phase).toBe('Held');
  expect((await workspaces.start('ada')).phase).toBe('Running');
  expect((await workspaces.restart('ada')).container?.startedAt).not.toBe(after.State.StartedAt);
  expect((await lab.cli('get')).stdout).toMatch(/^ada .* Running /m);
  expect(await workspaces.status('nobody')).toBeUndefined();
  expect((await failure(workspaces.stop('nobody'))).code).toBe('NOT_FOUND');
  expect((await workspaces.events({ name: 'ada' })).map(({ reason }) => reason)).toContain('Asked');
});

test('a spec file of a person counts, before and afterwards, and nobody stops for it', async () => {
  const lab = makeLab('resync: 1s\ndeletion: {grace: 1s, removeAfter: 1h}\n');
  lab.write('lab/eve.yaml', workspaceYaml('eve', ['resources: {pids: 60}']));
  const workspaces = await openLibrary(lab, 'client');
  const eve = await workspaces.getOrCreate('eve', { resources: { pids: 50 } });
  expect(eve.outcome).toBe('declaredElsewhere');
  expect(eve.status).toMatchObject({ phase: 'Running', limits: { pids: 60 } });
  expect(readdirSync(join(lab.data, '.workdock/specs'))).toEqual([]);

  const { status } = await workspaces.getOrCreate('ada', { resources: { pids: 50 } });
  const written = readFileSync(join(lab.data, '.workdock/specs/ada.yaml'), 'utf8');
  const { StartedAt } = (await lab.inspect('ada')).State;
  const pids = (count: number) => until(() => lab.status('ada')?.limits?.pids === count, { deadlineMs: 15_000 });
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {pids: 70}']));
  await pids(70);
  const taken = await workspaces.getOrCreate('ada', { resources: { pids: 80 } });
  expect([taken.outcome, taken.status.source?.path]).toEqual(['declaredElsewhere', join(lab.specs, 'ada.yaml')]);
  expect(readFileSync(join(lab.data, '.workdock/specs/ada.yaml'), 'utf8')).toBe(written);
  expect((await lab.json<unknown[]>('get', 'ada'))[0]).toMatchObject({ phase: 'Running' });
  lab.remove('ada.yaml');
  await pids(50);
  const last = await lab.inspect('ada');
  expect([last.Id, last.State.StartedAt]).toEqual([status.container?.id, StartedAt]);

  // Stopped because its file is gone, it is not at rest: whoever writes it again gets it running.
  rmSync(join(lab.data, '.workdock/specs/ada.yaml'));
  await lab.phase('ada', 'Stopped');
  const { status: back } = await workspaces.getOrCreate('ada', { resources: { pids: 50 } });
  expect([back.phase, back.container?.id]).toEqual(['Running', last.Id]);
});

test.each(modes)('%s: what was written outlives the controller, and the workspaces go on without it', async (mode) => {
  const lab = makeLab();
  const workspaces = await openLibrary(lab, mode);
  const { status } = await workspaces.getOrCreate('ada', { resources: { pids: 50 } });
  const { Id, State } = await lab.inspect('ada');
  if (mode === 'embedded') await workspaces.close();
  else process.kill(lab.summary().controller.pid, 'SIGKILL');
  await until(async () => (await failure(workspaces.list())).code === 'CONTROLLER_UNREACHABLE', { deadlineMs: 10_000 });
  expect((await lab.inspect('ada')).State.StartedAt).toBe(State.StartedAt);

  // The other way to run a controller finds the same.
  const other = await openLibrary(lab, mode === 'client' ? 'embedded' : 'client');
  const again = await other.getOrCreate('ada', { resources: { pids: 50 } });
  expect(again).toMatchObject({ outcome: 'unchanged', status: { generation: 1, source: status.source } });
  expect((await lab.inspect('ada')).Id).toBe(Id);
  expect(await workspaces.list()).toHaveLength(1);
});

test('two programs that ask five times at once each for one owner get one container', async () => {
  const lab = makeLab();
  await lab.up();
  const caller = resolve('tests/support/library-caller.ts');
  const call = () => run(process.execPath, [caller, lab.state, 'ada']);
  const told = (await Promise.all([call(), call()])).flatMap(
    ({ stdout }) => JSON.parse(stdout) as { outcome: string; id: string }[],
  );
  expect(told.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(9).fill('unchanged')]);
  expect(new Set(told.map(({ id }) => id))).toEqual(new Set([(await lab.inspect('ada')).Id]));
  expect(await lab.mine()).toHaveLength(1);
});

test('what cannot be is said with its place, and what cannot run with its reason', async () => {
  const lab = makeLab();
  const workspaces = await openLibrary(lab, 'client');
  const wrong = await failure(workspaces.getOrCreate('ada', { resources: { memory: '8Gb' } }));
  expect([wrong.code, wrong.message]).toEqual([
    'SPEC_INVALID',
    expect.stringMatching(/ada\.yaml:\d+:\d+: memory must/),
  ]);
  expect((await failure(workspaces.getOrCreate('Ada L'))).message).toContain('did you mean ada-l?');
  const eve = { owner: 'eve' } as object;
  expect((await failure(workspaces.getOrCreate('ada', eve))).code).toBe('USAGE');
  expect(await workspaces.list()).toEqual([]);

  const tooMuch = await failure(workspaces.getOrCreate('ada', { resources: { cpu: 4_000 } }));
  expect([tooMuch.code, tooMuch.message]).toEqual(['REFUSED', expect.stringContaining('cpu 4000')]);
  const image = { image: 'workdock-none:1' };
  const late = await failure(workspaces.getOrCreate('bea', image, { timeoutMs: 1_000 }));
  expect([late.code, late.message]).toEqual(['WAIT_TIMEOUT', expect.stringContaining('bea is not Ready after 1s')]);
  expect((await workspaces.getOrCreate('bea', image, { wait: false })).outcome).toBe('unchanged');
  const off = await workspaces.getOrCreate('off', { state: 'Stopped' });
  expect(off.status).toMatchObject({ phase: 'Stopped' });
  expect((await failure(workspaces.start('off'))).code).toBe('REFUSED');
});

test('while a folder of specs cannot be read, specs of programs are taken all the same', async () => {
  const lab = makeLab();
  const workspaces = await openLibrary(lab, 'client');
  await workspaces.getOrCreate('eve');
  renameSync(lab.specs, `${lab.specs}-away`);
  await until(() =>
    lab.summary().host.conditions.some(({ type, status }) => type === 'SourceReady' && status === 'False'),
  );
  const made = await workspaces.getOrCreate('ada', {});
  expect([made.outcome, made.status.phase]).toEqual(['created', 'Running']);
  expect(lab.summary().host.conditions.find(({ type }) => type === 'SourceReady')?.message).toContain(lab.specs);
  expect(lab.status('eve')?.phase).toBe('Running');
  renameSync(`${lab.specs}-away`, lab.specs);
  expect((await workspaces.getOrCreate('ada', {})).outcome).toBe('unchanged');
  await lab.phase('ada', 'Running');
});

test('an embedded controller is alone in its folders, and leaves nothing behind when it cannot start', async () => {
  const lab = makeLab();
  const workspaces = await openLibrary(lab, 'embedded');
  const config = join(lab.root, 'workdock.yaml');
  const open = (more: object) => failure(openWorkspaces({ embed: true, config, log: 'silent', ...more }));
  expect((await open({})).code).toBe('CONTROLLER_LOCKED');
  expect((await open({ state: join(lab.root, 'state2') })).code).toBe('CONTROLLER_LOCKED');
  expect((await open({ data: join(lab.root, 'data2') })).code).toBe('DATA_FOLDER_MISSING');
  expect((await failure(openWorkspaces({ embed: true, config: { prefix: '!' } }))).code).toBe('CONFIG_INVALID');
  expect((await failure(openWorkspaces({ state: join(lab.root, 'state2') }))).code).toBe('CONTROLLER_UNREACHABLE');
  expect((await open({ state: join(config, 'state') })).code).toBe('NOT_PERSISTED');
  expect((await workspaces.getOrCreate('ada')).status.phase).toBe('Running');
});

test('close ends what is open, once, and leaves the processes of workspaces alone', async () => {
  const lab = makeLab();
  const config = join(lab.root, 'workdock.yaml');
  const workspaces = await openWorkspaces({ embed: true, config, log: 'error' });
  await workspaces.getOrCreate('ada');
  const running = failure(workspaces.exec('ada', ['sh', '-c', 'sleep 30; echo never']));
  const processes = () => lab.sh('ada', 'ps -eo args');
  await until(async () => (await processes()).includes('sleep 30'), { deadlineMs: 10_000 });
  await Promise.all([workspaces.close(), workspaces.close()]);
  expect((await running).code).toBe('CONTROLLER_UNREACHABLE');
  expect(await processes()).toContain('sleep 30');
  expect((await failure(workspaces.list())).code).toBe('CONTROLLER_UNREACHABLE');
});

test('without any folder of specs a program needs no more than values', async () => {
  const lab = makeLab();
  const { prefix, root } = lab;
  const image = {
    defaults: { image: 'workdock-test:latest', resources: { memory: '128Mi' } },
    allowedImages: ['workdock-*'],
  };
  const folders = { state: join(root, 'state'), data: join(root, 'data') };
  const workspaces = await openWorkspaces({ embed: true, config: { prefix, ...image }, ...folders, log: 'error' });
  try {
    const seen: string[] = [];
    const ended = new AbortController();
    const following = workspaces.follow(({ reason }) => seen.push(reason), { name: 'ada', signal: ended.signal });
    const { status } = await workspaces.getOrCreate('ada', {}, { labels: { course: 'stats' } });
    expect(status).toMatchObject({ phase: 'Running', labels: { course: 'stats' } });
    await until(() => seen.length > 0, { deadlineMs: 10_000 });
    ended.abort();
    await following;
  } finally {
    await workspaces.close();
  }
});

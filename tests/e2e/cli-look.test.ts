import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder, serveApi } from '../support/api.ts';
import { run, start } from '../support/cli.ts';
import { condition, memoryService, workspace } from '../support/service.ts';
import { until } from '../support/until.ts';

const pending = { field: 'resources.memory', from: '4Gi', to: '8Gi', cost: 'nextStop', drift: false } as const;
const troubled = () =>
  workspace('ada', {
    phase: 'Failed',
    conditions: [condition('Ready', 'False', { reason: 'ImageMissing', message: 'no image lab:1' })],
    pending: [pending],
    plan: [{ op: 'ensureImage', why: 'no container' }],
    message: 'no image lab:1',
    last: {
      trigger: 'spec changed',
      because: 'spec.state Running',
      waitsFor: 'the image',
      nextLookAt: '2999-01-01T00:00:00Z',
      error: { code: 'IMAGE_NOT_FOUND', message: 'no image lab:1 on this engine', hint: 'docker pull lab:1' },
    },
  });

test('why says the decision, its inputs, what it waits for, the next look, the error and its hint', async () => {
  const { state } = await serveApi(memoryService([troubled()]));
  const { code, stdout } = await run(['why', 'ada'], { state });
  expect(code).toBe(0);
  expect(stdout.replace(/since \w+/, 'since 9d').replace(/in [0-9]+d/, 'in 9d')).toMatchInlineSnapshot(`
    "ada is Failed since 9d: no image lab:1
      decided    spec.state Running
      woken by   spec changed
      not ready  ImageMissing: no image lab:1
      to do      ensureImage: no container
      waits for  the image
                 the next try, after a pause that grows
      pending    resources.memory  4Gi -> 8Gi  (at next stop)
      error      IMAGE_NOT_FOUND: no image lab:1 on this engine
      hint       docker pull lab:1
      next look  in 9d
    "
  `);
  expect((await run(['why', 'nobody'], { state })).code).toBe(5);
});

test('describe shows each kind of thing there is, as text and as data', async () => {
  const service = memoryService([troubled()]);
  service.happen('ada', 'PullFailed');
  const { state } = await serveApi(service);
  const { stdout } = await run(['describe', 'ada'], { state });
  for (const part of [
    'Conditions:',
    'ImageMissing',
    'Pending:',
    'Error:',
    'docker pull lab:1',
    'Events:',
    'PullFailed',
  ]) {
    expect(stdout).toContain(part);
  }
  const data = JSON.parse((await run(['describe', 'ada', '-o', 'json'], { state })).stdout);
  expect(data).toMatchObject({ status: { name: 'ada' }, problems: [], events: [{ reason: 'PullFailed' }] });
});

test('plan says what differs and what it costs, and --exit-code makes that 1', async () => {
  const service = memoryService([troubled(), workspace('bob')]);
  const { state } = await serveApi(service);
  service.setPlan([{ name: 'bob', steps: [], changes: [] }]);
  expect(await run(['plan', '--exit-code'], { state })).toMatchObject({ code: 0, stdout: 'no difference\n' });
  const drift = { field: 'resources.cpu', from: '1', to: '2', cost: 'live', drift: true } as const;
  const steps = [{ op: 'update', why: 'limits differ' }];
  service.setPlan([{ name: 'ada', steps, changes: [pending, drift], waitsFor: 'the next stop' }]);
  const { code, stdout } = await run(['plan', '--exit-code'], { state });
  expect(code).toBe(1);
  expect(stdout).toMatchInlineSnapshot(`
    "ada
      resources.memory  4Gi -> 8Gi  (at next stop)
      resources.cpu  1 -> 2  (nothing; changed by hand)
      will update: limits differ
      waits: the next stop
    "
  `);
  expect((await run(['plan', 'ada'], { state })).code).toBe(0);
  expect((await run(['plan', 'nobody'], { state })).code).toBe(5);
  expect((await run(['plan'], { state: await scratchFolder() })).code).toBe(4);
});

test('events are lines oldest first, JSON lines for programs, and go on with -w', async () => {
  const service = memoryService([workspace('ada'), workspace('bob')]);
  const { state } = await serveApi(service);
  for (const name of ['ada', 'bob']) service.happen(name, 'Started');
  service.happen('ada', 'Stopped');
  const { stdout } = await run(['events', 'ada'], { state });
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[2])).toEqual(['Started', 'Stopped', undefined]);
  const last = (await run(['events', '-n', '1', '-o', 'json'], { state })).stdout;
  expect(JSON.parse(last)).toMatchObject({ name: 'ada', reason: 'Stopped' });
  expect((await run(['events', 'nobody'], { state })).code).toBe(5);
  expect((await run(['events', '-n', 'many'], { state })).code).toBe(2);
  const watching = start(['events', '-w', '-n', '0', '-o', 'json'], { state });
  let text = '';
  watching.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until(() => service.listeners() === 1, { deadlineMs: 20_000 });
  service.happen('bob', 'Frozen');
  await until(() => text.includes('Frozen'));
  expect(JSON.parse(text)).toMatchObject({ name: 'bob', reason: 'Frozen' });
});

test('version tells the client and the controller, which may be away', async () => {
  const { state } = await serveApi(memoryService([]));
  const versions = async (place: string) => JSON.parse((await run(['version', '-o', 'json'], { state: place })).stdout);
  expect(await versions(state)).toMatchObject({ client: expect.stringMatching(/^\d+\.\d+\.\d+/), controller: '0' });
  expect(await versions(await scratchFolder())).toMatchObject({ controller: null });
  expect((await run(['--version'], { state })).stdout).toContain('client');
});

test('usage errors are 2 and suggest, help is 0 and on stdout, every verb has examples', async () => {
  const wrong = await run(['gte']);
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toContain('Did you mean get?');
  expect((await run(['get', '--outptu', 'json'])).stderr).toContain('Did you mean --output?');
  expect((await run(['get', '-o', 'xml'])).code).toBe(2);
  expect((await run(['why'])).code).toBe(2);
  const help = await run([]);
  expect([help.code, help.stderr]).toEqual([0, '']);
  for (const verb of ['up', 'get', 'stop', 'doctor', 'image'])
    expect(help.stdout).toMatch(new RegExp(`^  ${verb}`, 'm'));
  expect((await run(['help', 'stop'])).stdout).toContain('Examples:');
});

test('a config that is wrong is 3, with the place and what was meant', async () => {
  const cwd = await scratchFolder();
  await writeFile(join(cwd, 'workdock.yaml'), 'stat: ./elsewhere\nstate: ./here\n');
  const { code, stdout, stderr } = await run(['get'], { cwd });
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('workdock.yaml:1:1');
  expect((await run(['get', '--config', 'nowhere.yaml'], { cwd })).code).toBe(2);
});

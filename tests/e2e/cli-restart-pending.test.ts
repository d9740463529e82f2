import { expect, test } from 'vitest';
import type { WorkspaceStatus } from '../../src/model/status.ts';
import { serveApi } from '../support/api.ts';
import { endOf, run, start } from '../support/cli.ts';
import { condition, memoryService, workspace } from '../support/service.ts';
import { until } from '../support/until.ts';

const image = { field: 'image', from: 'lab:1', to: 'lab:2', cost: 'nextStop', drift: false } as const;
const neuro = (name: string, over: Partial<WorkspaceStatus> = {}) =>
  workspace(name, { labels: { lab: 'neuro' }, pending: [image], ...over });
const all = () => [
  neuro('cleo'),
  neuro('ada'),
  neuro('bob', { pending: [] }),
  neuro('dora', { phase: 'Resting', pending: [], conditions: [condition('UpdateAvailable', 'True')] }),
  neuro('eve', { pending: [], conditions: [condition('Ready', 'True'), condition('UpdateAvailable', 'True')] }),
  workspace('zoe', { pending: [image] }),
];
const pending = ['restart', '-l', 'lab=neuro', '--pending'];

test('only those of the selection that have something to take along, one by one, down ones unwoken', async () => {
  const service = memoryService(all(), { obeyAfterMs: 100 });
  const { state } = await serveApi(service);
  const dry = await run([...pending, '--dry-run'], { state });
  expect([dry.code, dry.stdout]).toEqual([
    0,
    [
      '-\tdora\tat its next start: a newer image of its tag',
      '1\tada\timage lab:1 -> lab:2',
      '2\tcleo\timage lab:1 -> lab:2',
      '3\teve\ta newer image of its tag\n',
    ].join('\n'),
  ]);
  expect(service.list().some(({ update }) => update)).toBe(false);
  const ran = await run(pending, { state });
  expect([ran.code, ran.stdout]).toEqual([
    0,
    'dora is down: its next start takes the update\nada updated\ncleo updated\neve updated\n',
  ]);
  expect(ran.stderr).toContain('[2 of 3] restarting cleo: image lab:1 -> lab:2');
  const { status: dora } = await service.describe('dora');
  expect([dora.phase, dora.update]).toEqual(['Resting', undefined]);
  expect((await service.describe('zoe')).status.pending).toHaveLength(1);
  expect(await run(['restart', 'bob', '--pending'], { state })).toMatchObject({
    code: 0,
    stderr: 'workdock: nothing waits for a restart\n',
  });
});

test('while the engine is away nobody knows what waits, which is not nothing', async () => {
  const away = neuro('ada', { phase: 'Unknown', pending: [], message: 'the engine does not answer' });
  const service = memoryService([away, ...all().slice(2)]);
  const { state } = await serveApi(service);
  for (const argv of [pending, [...pending, '--dry-run']]) {
    const { code, stdout, stderr } = await run(argv, { state });
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toMatch(
      /what waits for a restart of ada is not known: the engine does not answer\n +hint: workdock doctor/,
    );
  }
  expect(service.list().some(({ update }) => update)).toBe(false);
});

test('it stops at the first that does not run, says who is left; a failed one is first the next time', async () => {
  const service = memoryService(all(), { obeyAfterMs: 50, unstartable: new Set(['ada']) });
  const { state } = await serveApi(service);
  const ran = await run(pending, { state });
  expect(ran.code).toBe(8);
  expect(ran.stdout).not.toContain('updated');
  expect(ran.stderr).toContain('ada was put back: exit code 3');
  expect(ran.stderr).toContain('stopped after 0 of 4; left as they were: cleo eve');
  service.set(neuro('cleo', { conditions: [condition('Degraded', 'True', { reason: 'RolledBack' })] }));
  const dry = await run([...pending, '--dry-run'], { state });
  expect(dry.stdout).toMatch(/1\tcleo.*\n2\tada/);
});

test('Ctrl-C begins no further one, waits for the one on its way, and says who is left', async () => {
  const service = memoryService(all(), { obeyAfterMs: 1_500 });
  const { state } = await serveApi(service);
  const child = start(pending, { state });
  const ended = endOf(child);
  await until(() => service.list().some(({ update }) => update !== undefined));
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect([code, stdout]).toEqual([130, 'dora is down: its next start takes the update\nada updated\n']);
  expect(stderr).toContain('left as they were: cleo eve');
});

test('a suspended one is left out and told, and one that somebody else updates is waited for', async () => {
  const service = memoryService(all(), { obeyAfterMs: 50 });
  const { state } = await serveApi(service);
  await service.update('cleo', 60_000);
  await service.suspend(null);
  const ran = await run([...pending], { state });
  expect(ran.code).toBe(7);
  expect(ran.stderr).toContain('ada is suspended');
});

test.each([
  ['restart', '--pending'],
  ['restart', 'ada', '--dry-run'],
  ['restart', 'ada', '-l', 'lab=neuro', '--pending'],
])('%s %s is a usage error', async (...words) => {
  const { state } = await serveApi(memoryService(all()));
  expect((await run(words, { state })).code).toBe(2);
});
test('a name that is not there is said before anybody is touched', async () => {
  const service = memoryService(all());
  const { state } = await serveApi(service);
  expect((await run(['restart', 'ada', 'nobody', '--pending'], { state })).code).toBe(5);
  expect(service.list().some(({ update }) => update)).toBe(false);
});

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { run, start } from '../support/cli.ts';
import { condition, memoryService, workspace } from '../support/service.ts';
import { until } from '../support/until.ts';

const lab = (obeyAfterMs = 0) =>
  memoryService([workspace('ada', { labels: { lab: 'neuro' } }), workspace('bob', { labels: { lab: 'neuro' } })], {
    obeyAfterMs,
  });
const phases = (service: ReturnType<typeof lab>) => service.list().map(({ name, phase }) => `${name} ${phase}`);

test('stop and start take names or labels, and try all of them', async () => {
  const service = lab();
  const { state } = await serveApi(service);
  const stop = await run(['stop', 'ada', 'nobody', 'bob'], { state });
  expect([stop.code, phases(service)]).toEqual([8, ['ada Held', 'bob Held']]);
  expect(stop.stderr).toContain('no workspace nobody');
  expect(stop.stderr).toContain('1 of 3 failed');
  const begin = await run(['start', '-l', 'lab=neuro'], { state });
  expect([begin.code, phases(service)]).toEqual([0, ['ada Running', 'bob Running']]);
  expect((await run(['stop', 'nobody'], { state })).code).toBe(5);
  expect((await run(['stop', '-l', 'lab=none'], { state })).code).toBe(5);
});

test('a refusal is 7 with its hint', async () => {
  const { state } = await serveApi(lab());
  expect((await run(['suspend', 'ada', '--for', '1h'], { state })).code).toBe(0);
  const ran = await run(['start', 'ada'], { state });
  expect([ran.code, ran.stderr]).toEqual([7, 'workdock: ada is suspended\n  hint: workdock resume ada\n']);
});

test('suspend and resume act on names or on everything, never on nothing', async () => {
  const service = lab();
  const { state } = await serveApi(service);
  for (const bad of [
    ['suspend'],
    ['suspend', 'ada', '--all'],
    ['resume'],
    ['suspend', 'ada', '--for', 'soon'],
    ['suspend', 'ada', '--for', '20000h'],
  ]) {
    expect((await run(bad, { state })).code, bad.join(' ')).toBe(2);
  }
  expect(service.brakes.size).toBe(0);
  await run(['suspend', '--all', '--for', '1h30m'], { state });
  expect([...service.brakes]).toEqual([[null, 5_400_000]]);
  await run(['resume', '--all'], { state });
  expect(service.brakes.size).toBe(0);
});

test('--wait stays until the wish is true: stopped, ready, and for a restart ready again', async () => {
  const service = lab(300);
  const { state } = await serveApi(service);
  const stop = await run(['stop', 'ada', '--wait'], { state });
  expect([stop.code, stop.stdout]).toEqual([0, 'ada stop accepted (Running now)\nada Stopped\n']);
  expect((await service.describe('ada')).status.phase).toBe('Held');
  const begun = service.list().find(({ name }) => name === 'bob')?.container?.startedAt;
  expect((await run(['restart', 'bob', '--wait', '10s'], { state })).stdout).toContain('bob Ready\n');
  expect((await service.describe('bob')).status.container?.startedAt).not.toBe(begun);
});

test('wait ends with 0 when it is so, 6 when the time is up, 5 for nobody', async () => {
  const service = lab();
  const { state } = await serveApi(service);
  expect((await run(['wait', 'ada', 'bob', '--for=Ready'], { state })).stdout).toBe('ada Ready\nbob Ready\n');
  const late = await run(['wait', 'ada', '--for=Stopped', '--timeout', '200ms'], { state });
  expect([late.code, late.stderr]).toEqual([6, expect.stringContaining('ada is not Stopped after')]);
  expect((await run(['wait', 'ada', 'bob', '--for=Stopped', '--timeout', '1s'], { state })).code, 'both late').toBe(6);
  expect((await run(['wait', 'ada'], { state })).stdout, 'Ready unless told').toBe('ada Ready\n');
  expect((await run(['wait', 'nobody', '--for=Ready', '--timeout', '1s'], { state })).code).toBe(5);
  expect((await run(['wait', 'ada', '--for=Happy'], { state })).code).toBe(2);
});

test('wait is not content with a status of an older generation', async () => {
  const service = lab();
  service.set(workspace('ada', { generation: 2, observedGeneration: 1 }));
  const { state } = await serveApi(service);
  const waiting = start(['wait', 'ada', '--for=Ready', '--timeout', '20s'], { state });
  expect((await run(['wait', 'ada', '--for=Ready', '--timeout', '300ms'], { state })).code).toBe(6);
  expect(waiting.exitCode).toBe(null);
  const conditions = [condition('Ready', 'True', { observedGeneration: 2 })];
  service.set(workspace('ada', { generation: 2, observedGeneration: 2, conditions }));
  expect(await once(waiting, 'exit')).toEqual([0, null]);
});

test('wait sees a workspace that appears, and a condition by type and status', async () => {
  const service = lab();
  const { state } = await serveApi(service);
  const waiting = start(['wait', 'new', '--for=condition=updatePending=true', '--timeout', '20s'], { state });
  let text = '';
  waiting.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  service.set(workspace('new', { conditions: [condition('UpdatePending', 'True')] }));
  await until(() => text === 'new UpdatePending\n', { deadlineMs: 20_000 });
});

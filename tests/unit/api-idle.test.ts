import { expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { memoryService, workspace } from '../support/service.ts';

const code = (answer: { status: number; body: unknown }) =>
  `${answer.status} ${(answer.body as { code?: string }).code}`;

test('leases, clean-ups and their rows go through as they are', async () => {
  const service = memoryService([workspace('ada')]);
  service.cleanups.rows = [{ name: 'ada', decision: 'kept', reason: 'cpu' }];
  const { socket } = await serveApi(service);
  const post = (path: string, body: object) => ask(socket, path, { method: 'POST', body: JSON.stringify(body) });
  expect((await post('/v1/workspaces/ada/keep', { forMs: 7_200_000 })).body).toMatchObject({ name: 'ada' });
  expect((await post('/v1/workspaces/ada/keep', { forMs: 0 })).body).toEqual({
    ...{ name: 'ada', phase: 'Running', lease: null },
  });
  expect((await post('/v1/cleanup', { idleMinutes: 0.5 })).body).toEqual(service.cleanups.rows);
  await post('/v1/cleanup', { idleMinutes: 60, dryRun: true });
  expect(service.cleanups.asked).toEqual([
    { idleMinutes: 0.5, dryRun: false },
    { idleMinutes: 60, dryRun: true },
  ]);
  expect((await ask(socket, '/v1/idle')).body).toEqual([]);
  expect((await ask(socket, '/v1/top')).body).toEqual([]);
});

test('nonsense changes nothing and is USAGE, somebody unknown is NOT_FOUND', async () => {
  const service = memoryService([workspace('ada')]);
  const { socket } = await serveApi(service);
  const post = async (path: string, body?: object) =>
    code(await ask(socket, path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) }));
  for (const body of [undefined, {}, { forMs: -1 }, { forMs: 1.5 }, { forMs: '2h' }, { forMs: 1, by: 'me' }]) {
    expect(await post('/v1/workspaces/ada/keep', body), JSON.stringify(body)).toBe('400 USAGE');
  }
  for (const body of [undefined, {}, { idleMinutes: 0 }, { idleMinutes: '60' }, { idleMinutes: 1, force: true }]) {
    expect(await post('/v1/cleanup', body), JSON.stringify(body)).toBe('400 USAGE');
  }
  expect(await post('/v1/workspaces/nobody/keep', { forMs: 1 })).toBe('404 NOT_FOUND');
  expect([service.kept.size, service.cleanups.asked]).toEqual([0, []]);
});

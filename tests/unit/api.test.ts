import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { makeLogBook, serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { memoryService, workspace } from '../support/service.ts';

const ada = () => memoryService([workspace('ada'), workspace('bob', { phase: 'Failed' })]);
const code = (answer: { status: number; body: unknown }) =>
  `${answer.status} ${(answer.body as { code?: string }).code}`;

test('workspaces are listed, all or the named ones that exist', async () => {
  const { socket } = await serveApi(ada());
  const names = async (query: string) =>
    ((await ask(socket, `/v1/workspaces${query}`)).body as { name: string }[]).map(({ name }) => name);
  expect(await names('')).toEqual(['ada', 'bob']);
  expect(await names('?name=bob')).toEqual(['bob']);
  expect(await names('?name=bob&name=nobody&name=ada')).toEqual(['ada', 'bob']);
});

test('a workspace is described, and an unknown one is NOT_FOUND whatever its name looks like', async () => {
  const { socket } = await serveApi(ada());
  expect((await ask(socket, '/v1/workspaces/ada')).body).toMatchObject({ status: { name: 'ada' }, events: [] });
  for (const name of ['nobody', 'Ada', '..%2f..', '%00', 'a'.repeat(33), '__proto__']) {
    expect(code(await ask(socket, `/v1/workspaces/${name}`)), name).toBe('404 NOT_FOUND');
  }
});

test('verbs reach the service and give the status back', async () => {
  const service = ada();
  const { socket } = await serveApi(service);
  const post = (path: string, body?: string) => ask(socket, path, { method: 'POST', ...(body ? { body } : {}) });
  expect((await post('/v1/workspaces/ada/stop')).body).toMatchObject({ name: 'ada' });
  expect((await service.describe('ada')).status.phase).toBe('Held');
  await post('/v1/workspaces/ada/start', '{}');
  expect((await service.describe('ada')).status.phase).toBe('Running');
  expect((await post('/v1/suspend', '{"forMs":60000}')).status).toBe(200);
  expect(service.brakes.get(null)).toBe(60_000);
  expect(code(await post('/v1/workspaces/ada/restart'))).toBe('409 REFUSED');
  await post('/v1/resume');
  await post('/v1/workspaces/ada/suspend');
  expect([...service.brakes]).toEqual([['ada', undefined]]);
});

test.each([
  ['an unknown field', '/v1/suspend', '{"formMs":60000}', 400],
  ['a number in quotes', '/v1/suspend', '{"forMs":"60000"}', 400],
  ['a time under a second', '/v1/suspend', '{"forMs":1}', 400],
  ['no JSON', '/v1/suspend', '{"forMs"', 400],
  ['a field that is a trap', '/v1/suspend', '{"__proto__":{"forMs":1}}', 400],
  ['more than the cap', '/v1/suspend', `{"x":"${'x'.repeat(20_000)}"}`, 413],
  ['a body where none belongs', '/v1/workspaces/ada/stop', '{"force":true}', 400],
  ['a query where none belongs', '/v1/workspaces/ada/stop?force=1', '{}', 400],
])('%s is refused and changes nothing', async (_, path, body, status) => {
  const service = ada();
  const { socket } = await serveApi(service);
  expect(code(await ask(socket, path, { method: 'POST', body }))).toBe(`${status} USAGE`);
  expect([service.brakes.size, (await service.describe('ada')).status.phase]).toEqual([0, 'Running']);
});

test('what is not in the API is NOT_FOUND with a hint', async () => {
  const { socket } = await serveApi(ada());
  expect(code(await ask(socket, '/v1/nothing'))).toBe('404 NOT_FOUND');
  expect(code(await ask(socket, '/v1/workspaces/ada/delete', { method: 'POST' }))).toBe('404 NOT_FOUND');
  expect((await ask(socket, '/v1/events', { method: 'HEAD' })).status).toBe(404);
  expect((await ask(socket, '/healthz')).body).toEqual({ ok: true });
});

test('an error of ours keeps its code, an unexpected one says nothing of the inside and is logged', async () => {
  const service = ada();
  const { log, lines } = makeLogBook();
  const { socket } = await serveApi(
    {
      ...service,
      plan: async () => {
        throw new WorkdockError('ENGINE_UNREACHABLE', 'the engine is away', { hint: 'start it' });
      },
      problems: () => {
        throw new Error('secret of the inside');
      },
    },
    { log },
  );
  expect((await ask(socket, '/v1/plan')).body).toEqual({
    code: 'ENGINE_UNREACHABLE',
    message: 'the engine is away',
    hint: 'start it',
  });
  const answer = await ask(socket, '/v1/problems');
  expect(code(answer)).toBe('500 INTERNAL');
  expect(JSON.stringify(answer)).not.toMatch(/secret|at .*\.ts/);
  expect(lines).toMatchObject([{ facts: { url: '/v1/problems' }, message: 'api failed' }]);
});

test('a spec reaches the service whatever its name, up to 64 KiB; nothing else of the request may be odd', async () => {
  const service = ada();
  const { socket } = await serveApi(service);
  const put = (path: string, body: string) => ask(socket, `/v1/specs/${path}`, { method: 'PUT', body });
  expect((await put('eve', '{"owner":"eve"}')).body).toMatchObject({ name: 'eve', outcome: 'created' });
  await put('eve?ifAbsent=true', '{"owner":"bob"}');
  expect(service.written.get('eve')).toEqual({ owner: 'eve' });
  await put('Ada%20L', JSON.stringify({ env: { A: 'x'.repeat(60_000) } }));
  expect([...service.written.keys()]).toEqual(['eve', 'Ada L']);
  expect(code(await put('eve?ifAbsent=perhaps', '{}'))).toBe('400 USAGE');
  expect(code(await put('eve?force=true', '{}'))).toBe('400 USAGE');
  expect(code(await put('eve', '{"__proto__":{"owner":"x"}}'))).toBe('400 USAGE');
  expect(code(await put('eve', JSON.stringify({ env: { A: 'x'.repeat(66_000) } })))).toBe('413 USAGE');
  expect(code(await put('x'.repeat(500), '{}'))).toMatch(/^4\d\d /);
});

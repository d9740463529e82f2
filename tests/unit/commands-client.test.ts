import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { scratchFolder, serveApi } from '../support/api.ts';
import { memoryService, workspace } from '../support/service.ts';

/** A server on the socket of a state folder that does with each connection what it is told. */
async function impostor(act: (socket: Socket) => void) {
  const state = await scratchFolder();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => act(socket));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => void server.listen(join(state, 'workdock.sock'), resolve));
  return makeClient({ state, deadlineMs: 300 });
}

const head = (rest: string) => `HTTP/1.1 200 OK\r\n${rest}\r\n\r\n`;
const unreachable = { code: 'CONTROLLER_UNREACHABLE' };

test.each<[string, (socket: Socket) => void, object]>([
  [
    'says nothing',
    () => undefined,
    { ...unreachable, message: expect.stringContaining('does not answer within 0.3 s') },
  ],
  ['closes without a word', (socket) => socket.end(), unreachable],
  ['does not speak HTTP', (socket) => socket.end('SSH-2.0-x\r\n\r\n'), unreachable],
  ['dies in the head', (socket) => socket.end('HTTP/1.1 200'), unreachable],
  ['dies in the body', (socket) => socket.end(`${head('Content-Length: 100')}[{"name":`), unreachable],
  ['sends no JSON', (socket) => socket.end(`${head('X: y')}<html>`), { code: 'INTERNAL' }],
  ['drips for ever', (socket) => void setInterval(() => socket.write('H'), 20).unref(), unreachable],
])('a controller that %s is an error in time', async (_, act, error) => {
  const client = await impostor(act);
  await expect(client.list()).rejects.toMatchObject(error);
});

test('an answer comes whole, however it is cut', async () => {
  const bytes = Buffer.from(`${head('content-length: 18')}[{"name":"zoë€"}]`);
  const client = await impostor((socket) => {
    const next = (at: number) => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => next(at + 1));
      else socket.end();
    };
    next(0);
  });
  expect(await client.list()).toEqual([{ name: 'zoë€' }]);
});

test('a broken event ends the stream with an error, and does not end the process', async () => {
  const client = await impostor((socket) => socket.write(`${head('X: y')}data: {"broken\n\n`));
  const following = client.follow({}, () => undefined, new AbortController().signal);
  await expect(following).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a refusal keeps its code, one that we do not know is INTERNAL with its text', async () => {
  const refuse = (code: string) => {
    const body = JSON.stringify({ code, message: 'no', hint: 'yes' });
    return impostor((socket) => socket.end(`HTTP/1.1 409 Conflict\r\n\r\n${body}`));
  };
  const known = await refuse('REFUSED');
  await expect(known.stop('ada')).rejects.toMatchObject({ code: 'REFUSED', message: 'no', hint: 'yes' });
  const newer = await refuse('INVENTED_LATER');
  await expect(newer.stop('ada')).rejects.toMatchObject({ code: 'INTERNAL', message: 'no' });
  const inherited = await refuse('constructor');
  await expect(inherited.stop('ada')).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('no socket and nobody behind one say that no controller answers', async () => {
  const state = await scratchFolder();
  await expect(makeClient({ state }).summary()).rejects.toMatchObject({
    ...unreachable,
    message: `no controller answers at ${join(state, 'workdock.sock')}`,
  });
});

test('every question of the client is one the server knows', async () => {
  const { state } = await serveApi(memoryService([workspace('ada')]));
  const client = makeClient({ state });
  expect((await client.summary()).schemaVersion).toBe(1);
  expect(await client.health()).toEqual({ conditions: [] });
  expect(await client.problems()).toEqual([]);
  expect(await client.plan()).toEqual([]);
  expect(await client.plan('ada')).toEqual([]);
  expect(await client.events({ name: 'ada', limit: 3 })).toEqual([]);
  expect((await client.list(['ada', 'a b&c'])).map(({ name }) => name)).toEqual(['ada']);
  expect((await client.describe('ada')).status.name).toBe('ada');
  for (const verb of ['start', 'stop', 'restart'] as const) expect((await client[verb]('ada')).name).toBe('ada');
  await client.suspend('ada', 5_000);
  await client.suspend(null);
  await client.resume('ada');
  await client.resume(null);
  await expect(client.describe('no/../such')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

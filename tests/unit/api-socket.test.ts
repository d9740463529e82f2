import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeActivity } from '../../src/activity.ts';
import { makeApi } from '../../src/api/server.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { socketPath } from '../../src/lib/socket-path.ts';
import { makeLogBook, scratchFolder, serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { memoryService } from '../support/service.ts';
import { until } from '../support/until.ts';

const listen = (path: string) => {
  const api = makeApi({ service: memoryService([]), activity: makeActivity(systemClock), log: makeLogBook().log });
  onTestFinished(() => api.close());
  return api.listen(path);
};

test('only the owner may open the socket, and the umask is as before', async () => {
  const before = process.umask();
  const { socket } = await serveApi(memoryService([]));
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(before);
});

test('a live socket is never taken', async () => {
  const { socket } = await serveApi(memoryService([]));
  await expect(listen(socket)).rejects.toMatchObject({ code: 'CONTROLLER_LOCKED' });
  expect((await ask(socket, '/healthz')).status).toBe(200);
});

test('the socket of a killed controller is replaced', async () => {
  const path = join(await scratchFolder(), 'workdock.sock');
  const script = `require('node:net').createServer().listen(process.argv[1], () => console.log('up'))`;
  const dead = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(dead.stdout, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  expect(existsSync(path), 'it left its socket').toBe(true);
  await listen(path);
  expect((await ask(path, '/healthz')).status).toBe(200);
});

test('a file of somebody else in the place of the socket is refused and stays', async () => {
  const path = join(await scratchFolder(), 'workdock.sock');
  writeFileSync(path, 'mine');
  await expect(listen(path)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('a socket whose folder was deleted comes back, as often as that happens', async () => {
  const state = join(await scratchFolder(), 'state');
  const { socket } = await serveApi(memoryService([]), { state, checkMs: 10 });
  for (const round of [1, 2]) {
    await rm(state, { recursive: true, maxRetries: 20, retryDelay: 5 });
    await until(() => existsSync(socket)); // a client that keeps its connection would not see that it is gone
    expect((await ask(socket, '/healthz', { headers: { connection: 'close' } })).status).toBe(200);
    expect(statSync(socket).mode & 0o777, `round ${round}`).toBe(0o600);
  }
});

test('a long path that was deleted comes back with the file that names it', async () => {
  const state = join(await scratchFolder(), 'x'.repeat(100));
  const { socket } = await serveApi(memoryService([]), { state, checkMs: 10 });
  await rm(socket);
  await rename(state, `${state}.gone`);
  await until(async () => (await ask(socket, '/healthz')).status === 200);
  expect(readFileSync(join(state, 'socket'), 'utf8')).toBe(`${socket}\n`);
});

test('a socket that somebody else has in its place is theirs, then and at the end', async () => {
  const { socket, close } = await serveApi(memoryService([]), { checkMs: 10 });
  await rm(socket);
  const other = createServer((_, reply) => reply.end('other'));
  onTestFinished(() => void other.close());
  await once(other.listen(socket), 'listening');
  await close();
  expect((await ask(socket, '/')).body).toBe('other');
});

test('close removes the socket and frees its place', async () => {
  const first = await serveApi(memoryService([]));
  await first.close();
  expect(existsSync(first.socket)).toBe(false);
  await listen(first.socket);
  expect((await ask(first.socket, '/healthz')).status).toBe(200);
});

test.runIf(process.getuid?.() === 0)(
  'a state folder with a path too long for a socket gets one elsewhere, which a file in it names',
  async () => {
    const base = await scratchFolder();
    const state = join(base, 'd'.repeat(60), 'e'.repeat(60));
    await mkdir(state, { recursive: true });
    const wanted = socketPath(state);
    expect(wanted.path).toMatch(/^\/run\/workdock\/[0-9a-f]{32}\.sock$/);
    const { socket, close } = await serveApi(memoryService([]), { state });
    expect(readFileSync(join(state, 'socket'), 'utf8')).toBe(`${socket}\n`);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    expect((await ask(socket, '/healthz')).status).toBe(200);
    await close();
    expect([existsSync(join(state, 'socket')), existsSync(socket)]).toEqual([false, false]);
  },
);

test('107 bytes are bound where they are; every way to write a longer folder gives one socket', async () => {
  const base = await scratchFolder();
  const exactly = join(base, 'x'.repeat(107 - base.length - '/workdock.sock'.length - 1));
  expect(Buffer.byteLength(join(exactly, 'workdock.sock'))).toBe(107);
  expect(socketPath(exactly)).toEqual({ path: join(exactly, 'workdock.sock') });
  expect(socketPath(`${exactly}y`).note).toBe(join(`${exactly}y`, 'socket'));
  const long = join(base, 'l'.repeat(110));
  await mkdir(long);
  const link = join(base, 'k'.repeat(110));
  symlinkSync(long, link);
  expect(socketPath(link).path).toBe(socketPath(long).path);
});

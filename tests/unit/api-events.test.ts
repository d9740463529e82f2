import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import type { WorkspaceEvent } from '../../src/model/status.ts';
import { serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { memoryService, workspace } from '../support/service.ts';
import { until } from '../support/until.ts';

const both = () => memoryService([workspace('ada'), workspace('bob')]);

/** Follows in the background; what came so far is in `seen`. */
function follow(state: string, filter: { name?: string; limit?: number }) {
  const seen: string[] = [];
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const onEvent = ({ name, reason }: WorkspaceEvent) => void seen.push(`${name} ${reason}`);
  const done = makeClient({ state }).follow(filter, onEvent, abort.signal);
  return { seen, abort, done };
}

/** A client that asks for events by hand and reads nothing until told. */
async function rawFollower(socket: string) {
  const client = connect(socket);
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  client.write('GET /v1/events?limit=0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n');
  return client.pause();
}

test('events are given as JSON, of one name and as many as asked', async () => {
  const service = both();
  const { socket } = await serveApi(service);
  for (const name of ['ada', 'bob', 'ada']) service.happen(name, 'Started');
  service.happen('ada', 'Stopped');
  const reasons = async (query: string) =>
    ((await ask(socket, `/v1/events${query}`)).body as WorkspaceEvent[]).map(({ name, reason }) => `${name} ${reason}`);
  expect(await reasons('')).toHaveLength(4);
  expect(await reasons('?name=ada&limit=2')).toEqual(['ada Started', 'ada Stopped']);
  expect(await reasons('?limit=0')).toEqual([]);
  for (const bad of ['?limit=-1', '?limit=1e9', '?limit=', '?name=Ada', '?nme=ada']) {
    expect((await ask(socket, `/v1/events${bad}`)).status, bad).toBe(400);
  }
});

test('a follower gets the past and then each event once, of its name only', async () => {
  const service = both();
  const { state } = await serveApi(service);
  service.happen('ada', 'Early');
  service.happen('bob', 'Early');
  const { seen } = follow(state, { name: 'ada' });
  await until(() => seen.length === 1);
  service.happen('bob', 'Later');
  service.happen('ada', 'Later');
  await until(() => seen.includes('ada Later'));
  expect(seen).toEqual(['ada Early', 'ada Later']);
});

test('an event between the subscription and the reading of the past comes once', async () => {
  const service = both();
  const { state } = await serveApi({
    ...service,
    events: async (filter) => {
      service.happen('ada', 'Between');
      return service.events(filter);
    },
  });
  const { seen } = follow(state, {});
  await until(() => seen.length > 0);
  service.happen('ada', 'Last');
  await until(() => seen.includes('ada Last'));
  expect(seen).toEqual(['ada Between', 'ada Last']);
});

test('a client that goes away frees its subscription', async () => {
  const service = both();
  const { state } = await serveApi(service);
  const { abort, done } = follow(state, {});
  await until(() => service.listeners() === 1);
  abort.abort();
  await done;
  await until(() => service.listeners() === 0);
});

test('a client that goes away while the past is read frees its subscription too', async () => {
  const service = both();
  const gate = Promise.withResolvers<void>();
  const events = () => gate.promise.then(() => [service.happen('ada', 'Past')]);
  const { state, socket } = await serveApi({ ...service, events });
  const { abort, done } = follow(state, {});
  await until(() => service.listeners() === 1);
  abort.abort();
  await done;
  await until(() => service.listeners() === 0);
  gate.resolve();
  expect((await ask(socket, '/healthz')).status).toBe(200);
});

test('close does not wait for a stream whose past is still read', async () => {
  const service = both();
  const gate = Promise.withResolvers<void>();
  const { state, close } = await serveApi({ ...service, events: () => gate.promise.then(() => []) });
  const { done } = follow(state, {});
  await until(() => service.listeners() === 1);
  const closing = close();
  gate.resolve();
  await Promise.all([closing, done.catch(() => {})]);
  expect(service.listeners()).toBe(0);
});

test('a failure to read the past is an answer and leaves no subscription', async () => {
  const service = both();
  const { socket } = await serveApi({
    ...service,
    events: async () => {
      throw new Error('disk');
    },
  });
  expect((await ask(socket, '/v1/events', { headers: { accept: 'text/event-stream' } })).status).toBe(500);
  expect(service.listeners()).toBe(0);
});

test('comments keep a silent stream alive', async () => {
  const { socket } = await serveApi(both(), { heartbeatMs: 20 });
  const client = await rawFollower(socket);
  let text = '';
  client.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  client.resume();
  await until(() => text.split(': alive\n\n').length > 3);
});

test('a reader that does not read is cut off, and others get everything', async () => {
  const service = both();
  const { state, socket } = await serveApi(service);
  const { seen } = follow(state, { limit: 0 });
  await rawFollower(socket);
  await until(() => service.listeners() === 2);
  const long = 'x'.repeat(64 * 1024);
  let sent = 0;
  await until(() => {
    service.happen('ada', long);
    sent += 1;
    return service.listeners() === 1;
  });
  expect(sent, 'bounded by the kernel buffer and 1 MiB').toBeLessThan(100);
  await until(() => seen.length === sent);
});

test('close ends the streams at once', async () => {
  const service = both();
  const { state, close } = await serveApi(service);
  const { done } = follow(state, {});
  await until(() => service.listeners() === 1);
  const ended = expect(done).rejects.toMatchObject({ code: 'CONTROLLER_UNREACHABLE' });
  await close();
  await ended;
  expect(service.listeners()).toBe(0);
});

import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { makeActivity } from '../../src/activity.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { handMadeExec, rawClient } from '../support/hand-made-exec.ts';
import { until } from '../support/until.ts';

/** A command that runs, and a client of it. */
async function running(query = 'command=cat&stdin=true') {
  const hand = handMadeExec();
  const activity = makeActivity(systemClock);
  const api = await serveApi(hand.service, { activity });
  hand.start();
  const raw = rawClient(api.socket, query);
  await until(() => raw.state.open);
  return { ...hand, ...raw, socket: api.socket, close: api.close };
}

test('each stream has its channel, and how it ended comes last', async () => {
  const { messages, stdout, stderr, end, state, client } = await running();
  expect([client.protocol, client.extensions]).toEqual(['v5.channel.k8s.io', '']);
  stdout.write('out');
  await until(() => messages.length === 1);
  stderr.write('err');
  await until(() => messages.length === 2);
  end(42);
  await until(() => state.closed === 1000);
  expect(messages.slice(0, 2)).toEqual([
    [1, 'out'],
    [2, 'err'],
  ]);
  expect(messages[2]![0]).toBe(3);
  expect(JSON.parse(messages[2]![1])).toMatchObject({
    ...{ status: 'Failure', reason: 'NonZeroExitCode' },
    details: { causes: [{ reason: 'ExitCode', message: '42' }] },
  });
});

test('success has no code, and an engine that was lost is a failure without one', async () => {
  const well = await running();
  well.end(0);
  await until(() => well.state.closed !== null);
  expect(well.messages.map(([channel, text]) => [channel, (JSON.parse(text) as { status: string }).status])).toEqual([
    [3, 'Success'],
  ]);
  const lost = await running();
  lost.fail(new Error('the engine left'));
  await until(() => lost.state.closed !== null);
  expect(JSON.parse(lost.messages[0]![1])).toMatchObject({ status: 'Failure', message: 'the engine left' });
});

test('stdin, its end, sizes and signals reach the command in order; nonsense does not', async () => {
  const { say, stdin, asked, client } = await running('command=cat&stdin=true&tty=true');
  say(0, 'one ');
  say(0);
  say(4, '{"Width":90,"Height":30}');
  say(5, '{"signal":"SIGINT"}');
  for (const text of ['', '{', 'null', '[]', '{"Width":0,"Height":1}', '{"Width":"9","Height":9}', '{"Width":1e9}']) {
    say(4, text);
  }
  for (const text of ['{"signal":9}', '{"signal":"KILL"}', '{"signal":"SIG; rm"}', '7']) say(5, text);
  say(9, 'no such channel');
  client.send('text');
  client.send(Buffer.alloc(0));
  say(255, Buffer.from([1]));
  say(0, 'two');
  say(255, Buffer.from([0]));
  say(0, 'too late');
  let text = '';
  for await (const chunk of stdin) text += String(chunk);
  expect(text).toBe('one two');
  expect(asked).toEqual(['30x90', 'SIGINT']);
});

test('what is typed after a change of size is read in the new size, however long the engine takes for it', async () => {
  const { say, stdin, asked, holdSizes, socket } = await running('command=cat&stdin=true&tty=true');
  const read: string[] = [];
  stdin.on('data', (chunk: Buffer) => void read.push(`${asked.join(' ')}: ${chunk.toString()}`));
  say(0, 'before');
  await until(() => read.length === 1);
  const release = holdSizes();
  for (const width of [41, 42, 43]) say(4, `{"Width":${width},"Height":11}`);
  say(0, 'after');
  say(255, Buffer.from([0]));
  const later = rawClient(socket, 'command=true');
  await until(() => later.state.open); // so all before it has been heard
  release();
  await until(() => stdin.readableEnded);
  expect(read).toEqual([': before', '11x41 11x43: after']);
});

test('the query comes to the command as it was said', async () => {
  const { asks } = await running(
    'command=sh&command=-c&command=a%20%26%20b&tty=true&rows=9&columns=8&env=A%3Db&start=false',
  );
  expect(asks).toEqual([
    { argv: ['sh', '-c', 'a & b'], env: { A: 'b' }, terminal: { rows: 9, columns: 8 }, stdin: false, start: false },
  ]);
});

test('what cannot be is an ordinary error before the upgrade, and nothing is begun for it', async () => {
  const hand = handMadeExec();
  const { socket } = await serveApi(hand.service);
  const refusal = async (query: string, protocol?: string, name?: string) => {
    const { state } = rawClient(socket, query, protocol, name);
    return until(() => state.refused);
  };
  expect(await refusal('command=x', 'v4.channel.k8s.io')).toBe('400 USAGE');
  expect(await refusal('')).toBe('400 USAGE');
  expect(await refusal('command=x&colour=red')).toBe('400 USAGE');
  for (const name of ['Ada', '%00', '%', 'a'.repeat(40)]) {
    expect(await refusal('command=x', undefined, name), name).toBe('404 NOT_FOUND');
  }
  expect((await ask(socket, '/v1/workspaces/ada/exec?command=x')).status).toBe(400);
  expect(hand.asks).toEqual([]);
});

test.each([
  ['no key', ['Sec-WebSocket-Version: 13']],
  ['an old version', ['Sec-WebSocket-Version: 8', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']],
])('a handshake that cannot succeed begins no command: %s', async (_, more) => {
  const hand = handMadeExec();
  hand.start();
  const activity = makeActivity(systemClock);
  const { socket } = await serveApi(hand.service, { activity });
  const client = connect(socket);
  let answer = '';
  client.on('data', (chunk) => {
    answer += chunk.toString();
  });
  const head = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: v5.channel.k8s.io'];
  client.write(`GET /v1/workspaces/ada/exec?command=x HTTP/1.1\r\n${[...head, ...more].join('\r\n')}\r\n\r\n`);
  await until(() => answer.includes('"USAGE"'));
  expect([hand.asks, activity.of('ada').open]).toEqual([[], 0]);
});

test('somebody is there from the asking to the leaving, and input is noted', async () => {
  const hand = handMadeExec();
  const activity = makeActivity(systemClock);
  const { socket } = await serveApi(hand.service, { activity });
  const { client, state, say } = rawClient(socket, 'command=cat&stdin=true');
  await until(() => activity.of('ada').open === 1);
  hand.start();
  await until(() => state.open);
  const before = activity.of('ada').lastInputMs!;
  say(0, 'x');
  await until(() => activity.of('ada').lastInputMs! > before);
  const after = activity.of('ada').lastInputMs!;
  hand.stdout.write('output is no input');
  client.terminate();
  await until(() => activity.of('ada').open === 0);
  expect(activity.of('ada').lastInputMs).toBe(after);
});

test('a client that goes is hung up and heard no more; one that goes while it waits is not waited for', async () => {
  const { client, asked, stdin, stdout } = await running('command=cat&stdin=true&tty=true');
  client.terminate();
  await until(() => stdout.destroyed && stdin.destroyed);
  expect(asked).toEqual(['HUP']);
  const hand = handMadeExec();
  const { socket } = await serveApi(hand.service);
  const waiting = rawClient(socket, 'command=cat');
  await until(() => hand.asks.length === 1);
  waiting.client.terminate();
  await until(() => hand.asked.includes('nobody waits'));
});

test('the end of the controller ends streams, tells who waits, and waits for nobody', async () => {
  const { close, state, asked, stdout } = await running('command=cat&tty=true');
  stdout.write('x');
  await close();
  await until(() => state.closed === 1001);
  expect(asked).toEqual(['HUP']);
  const hand = handMadeExec();
  const api = await serveApi(hand.service);
  const waiting = rawClient(api.socket, 'command=cat');
  await until(() => hand.asks.length === 1);
  await api.close();
  await until(() => waiting.state.refused === '503 CONTROLLER_UNREACHABLE');
});

test('a message over 1 MiB ends the connection, one of 1 MiB less its first byte does not', async () => {
  const { say, stdin, state } = await running();
  let bytes = 0;
  stdin.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  say(0, Buffer.alloc(1024 * 1024 - 1));
  await until(() => bytes === 1024 * 1024 - 1);
  say(0, Buffer.alloc(1024 * 1024));
  await until(() => state.closed === 1009);
});

test('nothing of a stream is left when its client has gone', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  for (let i = 0; i < 3; i += 1) {
    const { client, stdin, asked } = await running();
    client.terminate();
    await until(() => asked.includes('HUP') && stdin.destroyed);
  }
  await until(() => timers() <= before);
});

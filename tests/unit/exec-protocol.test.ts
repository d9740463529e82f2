import { expect, test } from 'vitest';
import { parseExecQuery } from '../../src/api/streams/query.ts';
import { frame, outcomeOf, statusText } from '../../src/lib/channel-protocol.ts';

const parse = (text: string) => parseExecQuery(new URLSearchParams(text));

test('a status says what the kubelet says, and is read back', () => {
  expect(JSON.parse(statusText({ ok: true, code: 0 }))).toMatchObject({ kind: 'Status', status: 'Success' });
  expect(JSON.parse(statusText({ ok: true, code: 42 }))).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '42' }] },
  });
  for (const outcome of [{ ok: true, code: 0 } as const, { ok: true, code: 137 } as const]) {
    expect(outcomeOf(statusText(outcome))).toEqual(outcome);
  }
  expect(outcomeOf(statusText({ ok: false, message: 'gone' }))).toEqual({ ok: false, message: 'gone' });
  for (const text of [
    '',
    '{}',
    'null ',
    '{"status":"Failure"}',
    '{"status":"Failure","details":{"causes":[{"reason":"ExitCode"}]}}',
  ]) {
    expect(outcomeOf(text === 'null ' ? '{"status":null}' : text).ok, text).toBe(false);
  }
});

test('the first byte of a message is its channel', () => {
  expect([...frame(1, Buffer.from([0, 255]))]).toEqual([1, 0, 255]);
  expect([...frame(4, 'é')]).toEqual([4, 0xc3, 0xa9]);
});

test('a query as Kubernetes writes it, and with what is ours', () => {
  expect(parse('command=sh&command=-c&command=a%20b&stdin=true&stdout=true&stderr=true')).toEqual({
    ...{ argv: ['sh', '-c', 'a b'], env: {}, terminal: null, stdin: true, start: true },
  });
  expect(parse('command=x&tty=1&rows=33&columns=101&workdir=/data/../tmp&env=A=b=c&env=E=&start=false')).toEqual({
    argv: ['x'],
    env: { A: 'b=c', E: '' },
    workingDir: '/tmp',
    terminal: { rows: 33, columns: 101 },
    stdin: false,
    start: false,
  });
  expect(parse('command=x&tty=true').terminal).toEqual({ rows: 24, columns: 80 });
});

test.each([
  ['', /no command/],
  ['command=', /no command/],
  ['command=x&colour=1', /no colour/],
  ['command=x&tty=maybe', /tty must be/],
  ['command=x&tty=true&rows=0', /rows must be/],
  ['command=x&tty=true&columns=1e3', /columns must be/],
  ['command=x&workdir=tmp', /absolute/],
  ['command=x&env==b', /NAME=VALUE/],
  ['command=x&env=A-B=c', /NAME=VALUE/],
  ['command=x%00y', /zero byte/],
])('%j is refused: %s', (query, message) => {
  expect(() => parse(query)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
  );
});

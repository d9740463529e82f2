import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { chunksOf } from '../../src/runtime/docker/chunks.ts';
import type { Leader } from '../../src/runtime/docker/exec-leader.ts';
import { makeOutputs } from '../../src/runtime/docker/exec-outputs.ts';
import { startFailure } from '../../src/runtime/docker/exec-start-failure.ts';
import { makeStdin } from '../../src/runtime/docker/exec-stdin.ts';
import { splitFrames } from '../../src/runtime/docker/frames.ts';
import { makeOutlet } from '../../src/runtime/docker/outlet.ts';
import { makeFakeClock } from '../support/fake-clock.ts';

const KIB = 1024;

/** Both ends of a unix socket. */
async function pair() {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-pair-'));
  const server = createServer();
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  const ours = connect(join(folder, 's'));
  const [theirs] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    ours.destroy();
    theirs.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { ours, theirs };
}

const frame = (stream: number, bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};

test('frames come apart however they are cut', async () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), async (sent, cuts) => {
      const all = Buffer.concat(sent.map(([stream, bytes]) => frame(stream, bytes)));
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < all.length; i += 1) {
        const end = at + cuts[i % cuts.length]!;
        chunks.push(all.subarray(at, end));
        at = end;
      }
      const got: Record<number, Buffer[]> = { 1: [], 2: [] };
      await splitFrames(Readable.from(chunks), async (stream, bytes) => void got[stream]!.push(Buffer.from(bytes)));
      for (const stream of [1, 2]) {
        const expected = sent.filter(([each]) => each === stream).map(([, bytes]) => bytes);
        expect(Buffer.concat(got[stream]!)).toEqual(Buffer.concat(expected));
      }
    }),
  );
});

test('a write waits for a reader that is full, and not for one that has gone', async () => {
  const outlet = makeOutlet();
  await outlet.write(Buffer.alloc(10));
  let done = false;
  const big = outlet.write(Buffer.alloc(100 * KIB)).then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  expect([done, outlet.waited(), outlet.waited()]).toEqual([false, true, true]);
  outlet.stream.read();
  await big;
  expect([outlet.waited(), outlet.waited()]).toEqual([true, false]);
  const blocked = outlet.write(Buffer.alloc(100 * KIB));
  outlet.stream.destroy();
  await blocked;
  await outlet.write(Buffer.alloc(100 * KIB));
  expect(outlet.abandoned()).toBe(true);
});

test('what is allowed more takes more, and what ended twice has ended', async () => {
  const outlet = makeOutlet();
  outlet.allow(1000 * KIB);
  for (let i = 0; i < 9; i += 1) await outlet.write(Buffer.alloc(100 * KIB));
  outlet.end();
  outlet.end();
  expect((await buffer(outlet.stream)).length).toBe(900 * KIB);
  expect(outlet.abandoned()).toBe(false);
});

test('what the other end sent before it closed is read, although a write fails meanwhile', async () => {
  const { ours, theirs } = await pair();
  const stdin = makeStdin(ours, { wanted: true, terminal: false });
  const chunks = chunksOf(ours);
  theirs.write(Buffer.alloc(64 * KIB));
  const first = await chunks.next();
  theirs.end(Buffer.alloc(160 * KIB));
  await once(theirs, 'finish');
  theirs.destroy();
  await once(theirs, 'close');
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => stdin.write('nobody reads this', resolve));
  let bytes = (first.value as Buffer).length;
  for await (const chunk of chunks) bytes += chunk.length;
  expect(bytes).toBe(224 * KIB);
  await new Promise<void>((resolve) => stdin.end(resolve));
});

test('a reset socket gives what it held', async () => {
  const { ours, theirs } = await pair();
  const chunks = chunksOf(ours);
  ours.write('never read');
  theirs.pause();
  theirs.write('last words');
  await once(ours, 'readable');
  theirs.destroy(); // with input unread: the kernel resets
  const seen: Buffer[] = [];
  for await (const chunk of chunks) seen.push(chunk);
  expect(Buffer.concat(seen).toString()).toBe('last words');
});

test.each([
  ['line\n', '\x04'],
  ['', '\x04'],
  ['half a line', '\x04\x04'],
  ['ended\x04', '\x04'],
])('the end of input in a terminal after %j is %j', async (input, end) => {
  const { ours, theirs } = await pair();
  const stdin = makeStdin(ours, { wanted: true, terminal: true });
  if (input !== '') stdin.write(input);
  await new Promise<void>((resolve) => stdin.end(resolve));
  const wanted = input.length + end.length;
  let seen = '';
  while (seen.length < wanted) seen += String((await once(theirs, 'data'))[0]);
  expect(seen).toBe(input + end);
  expect(theirs.readableEnded).toBe(false);
});

const noFolder = 'no such file or directory';
/** What Docker adds for those who mount things. */
const advice =
  'Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists';
const prefix = 'OCI runtime exec failed: exec failed: unable to start container process: ';
test.each([
  [`${prefix}exec: "x": executable file not found in $PATH: unknown\r\n`, 'executable file not found in $PATH', 127],
  [`${prefix}exec: "/x": stat /x: no such file or directory: unknown\r\n`, 'stat /x: no such file or directory', 127],
  [`${prefix}exec: "/x": permission denied: unknown\r\n`, 'permission denied', 126],
  [`${prefix}chdir to cwd ("/y") set in config.json failed: ${noFolder}: unknown\r\n`, `folder /y: ${noFolder}`, 126],
  [
    `${prefix}chdir to cwd ("/y z") set in config.json failed: not a directory: unknown: ${advice}\r\n`,
    'folder /y z: not a directory',
    126,
  ],
  ['unable to find user x: no matching entries\r\n', 'unable to find user x: no matching entries', 126],
])('the engine says %j', (said, reason, code) => {
  expect(startFailure('x', said)).toEqual({ line: `workdock: cannot run x: ${reason}\n`, code });
});

test('a container that was stopped in this very moment is no fault of the program', async () => {
  const { ours, theirs } = await pair();
  const never = { started: async () => false } as unknown as Leader;
  const request = { argv: ['x'], env: {}, user: '1:1', stdin: true, terminal: { rows: 24, columns: 80 } };
  const deps = { socket: ours, leader: never, clock: makeFakeClock(), onUnheard: () => undefined };
  const { stdout, exited } = makeOutputs(deps, request);
  theirs.end('OCI runtime exec failed: exec failed: cannot exec in a stopped state: unknown\r\n');
  expect(String(await buffer(stdout))).toBe('');
  await expect(exited).rejects.toMatchObject({ code: 'ENGINE_CONFLICT', message: expect.stringMatching(/stopped/) });
});

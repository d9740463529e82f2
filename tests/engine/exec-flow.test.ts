import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { ExecSession } from '../../src/model/stream.ts';
import { holdsFor } from '../support/holds-for.ts';
import { leave, openExec } from '../support/open-exec.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const twoCores = { limits: { nanoCpus: 2e9, memoryBytes: 256 * MIB, pids: 256 } };
/** `sh` gets so many bytes of it from `yes`. */
const LINE = '0123456789abcde\n';
const pattern = Buffer.alloc(64 * MIB, LINE).subarray(0, 4 * MIB);
const rssBytes = () => process.memoryUsage().rss;

/** Reads to the end and says how much came, and whether it is the pattern all through. */
async function check({ stdout }: ExecSession, onChunk = () => {}) {
  let bytes = 0;
  let whole = true;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    const offset = bytes % LINE.length;
    whole &&= chunk.equals(pattern.subarray(offset, offset + chunk.length));
    bytes += chunk.length;
    onChunk();
  }
  return { bytes, whole };
}

test('a gigabyte for a reader that stops takes no memory, makes the command wait, and arrives whole', async () => {
  const { sh, runs } = await openExec(twoCores);
  const session = await sh(`yes ${LINE.trim()} | head -c ${GIB}`);
  session.stderr.resume();
  await once(session.stdout, 'readable');
  const before = rssBytes();
  await holdsFor(async () => rssBytes() - before < 64 * MIB && (await runs(`head -c ${GIB}`)), 3_000);
  let most = 0;
  const read = await check(session, () => {
    most = Math.max(most, rssBytes());
  });
  expect(read).toEqual({ bytes: GIB, whole: true });
  expect(await session.exited).toBe(0);
  expect(most - before).toBeLessThan(128 * MIB);
});

test('a gigabyte of input for a command that reads nothing waits as well', async () => {
  const { exec } = await openExec(twoCores);
  const session = await exec(['sleep', '600']);
  let written = 0;
  let ready = true;
  session.stdin.on('drain', () => {
    ready = true;
  });
  const stalls = () => {
    while (ready && written < GIB) {
      ready = session.stdin.write(pattern);
      written += pattern.length;
    }
    return written < 64 * MIB;
  };
  await holdsFor(stalls, 1_500);
  leave(session);
});

test('who reads late gets the last bytes too, although the engine throws them away after two seconds', async () => {
  const { sh, inside, id } = await openExec(twoCores);
  const sizes = Array.from({ length: 20 }, (_, i) => 1_000_000 + 30_000 * i);
  const sessions = await Promise.all(
    sizes.map((size) => sh(`yes ${LINE.trim()} | head -c ${size}; exec sh -c 'exit 5'`)),
  );
  for (const { stderr } of sessions) stderr.resume();
  await until(async () => (await inside(id, 'pgrep -xc head')).stdout !== '20', { deadlineMs: 20_000 });
  await holdsFor(() => true, 4_000); // longer than the engine waits
  const read = await Promise.all(sessions.map((session) => check(session)));
  expect(read).toEqual(sizes.map((bytes) => ({ bytes, whole: true })));
  expect(new Set(await Promise.all(sessions.map(({ exited }) => exited)))).toEqual(new Set([5]));
});

test('input that nobody reads takes no output away', async () => {
  const { sh } = await openExec(twoCores);
  const one = async () => {
    const session = await sh('head -1; head -c 250000 /dev/zero; exit 5');
    session.stderr.resume();
    // More than everything in between can hold, so that a write always waits when the command ends.
    session.stdin.end(Buffer.alloc(8 * MIB, 'y\n'));
    await holdsFor(() => true, 500);
    return [(await buffer(session.stdout)).length, await session.exited];
  };
  const all = await Promise.all(Array.from({ length: 8 }, one));
  expect(all).toEqual(Array.from({ length: 8 }, () => [250_002, 5]));
});

test('its client gone, a command that writes ends as at the end of a pipe, and a silent one goes on', async () => {
  const { exec, sh, runs } = await openExec();
  const [writes, silent] = [await exec(['yes', 'unheard']), await sh('sleep 611; echo')];
  await once(writes.stdout, 'readable');
  await until(() => runs('sleep 611'));
  leave(writes);
  leave(silent);
  expect(await writes.exited).toBe(141);
  expect(await runs('yes unheard')).toBe(false);
  await holdsFor(() => runs('sleep 611'), 2_000);
});

test('a server that was detached outlives the command that began it and its client', async () => {
  const { sh, runs } = await openExec();
  const session = await sh('sleep 622 > /dev/null 2>&1 & (while :; do echo x; sleep 0.1; done) & sleep 633');
  session.stderr.resume();
  await once(session.stdout, 'readable');
  await until(() => runs('sleep 633'));
  await session.hangUp();
  leave(session);
  // What still writes is told that nobody reads; what has other outputs is not.
  await until(async () => !(await runs('sleep 633')), { deadlineMs: 10_000 });
  expect(await runs('sleep 622')).toBe(true);
  const [quick] = await Promise.all([sh('sleep 644 > /dev/null 2>&1 & echo begun')]);
  quick.stderr.resume();
  expect((await buffer(quick.stdout)).toString()).toBe('begun\n');
  expect(await quick.exited).toBe(0);
  expect(await runs('sleep 644')).toBe(true);
});

test('the code of a command that closes its outputs first comes when it ends', async () => {
  const { sh } = await openExec();
  const session = await sh('exec >&- 2>&-; sleep 1; exit 9');
  expect((await buffer(session.stdout)).length + (await buffer(session.stderr)).length).toBe(0);
  expect(await session.exited).toBe(9);
});

test('a container that is removed by force ends its commands as killed', async () => {
  const { exec, docker, id } = await openExec();
  const session = await exec(['sleep', '600']);
  for (const stream of [session.stdout, session.stderr]) stream.resume();
  await session.signal('SIGCONT'); // it has started by then
  await docker.getContainer(id).remove({ force: true });
  expect(await session.exited).toBe(137);
});

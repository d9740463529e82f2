import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { holdsFor } from '../support/holds-for.ts';
import { openExec } from '../support/open-exec.ts';
import { until } from '../support/until.ts';

const away = async (deadlines = {}) => {
  const proxy = await openEngineProxy();
  return { proxy, ...(await openExec({}, { connection: { socketPath: proxy.socketPath, ...deadlines } })) };
};

test('an engine that hangs is said within the deadline, before and while a command runs', async () => {
  const { proxy, exec, runtime, id } = await away({ readMs: 3_000, mutateMs: 3_000 });
  const session = await exec(['cat'], { terminal: { rows: 9, columns: 9 } });
  session.stdin.write('x');
  await once(session.stdout, 'readable');
  proxy.hang(true);
  const late = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  await Promise.all([
    late(exec(['true'])),
    late(session.resize({ rows: 1, columns: 1 })),
    late(session.hangUp()),
    late(runtime.logs(id, { follow: false }, new AbortController().signal)),
  ]);
  proxy.hang(false);
  await session.hangUp();
  session.stdout.resume();
  expect(await session.exited).toBe(129);
});

test('an engine that goes away ends the outputs, and how the command ended is not known', async () => {
  const { proxy, sh, runs } = await away();
  const session = await sh('echo begun; sleep 651');
  const outputs = Promise.all([text(session.stdout), text(session.stderr)]);
  await until(() => runs('sleep 651'));
  await proxy.down();
  expect(await outputs).toEqual(['begun\n', '']);
  await expect(session.exited).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  expect(await runs('sleep 651')).toBe(true);
});

test('a connection that breaks is no end of the command: that is told when it comes', async () => {
  const { proxy, sh, runs } = await away();
  const session = await sh('echo begun; sleep 661');
  const outputs = Promise.all([text(session.stdout), text(session.stderr)]);
  await until(() => runs('sleep 661'));
  proxy.cut();
  expect(await outputs).toEqual(['begun\n', '']);
  const early = session.exited.then(() => 'ended');
  expect(await Promise.race([early, holdsFor(() => runs('sleep 661'), 1_000)])).toBeUndefined();
  await session.signal('SIGTERM');
  // Docker says 126 of some commands whose connection broke, whatever they ended with.
  expect([143, 126]).toContain(await session.exited);
});

test('who follows the log of a container is told that the engine went away', async () => {
  const { proxy, runtime, id } = await away();
  const { stdout, stderr } = await runtime.logs(id, { follow: true }, new AbortController().signal);
  const seen = Promise.allSettled([text(stdout), text(stderr)]);
  await proxy.down();
  const code = 'ENGINE_UNREACHABLE';
  expect(await seen).toMatchObject([
    { status: 'rejected', reason: { code } },
    { status: 'rejected', reason: { code } },
  ]);
});

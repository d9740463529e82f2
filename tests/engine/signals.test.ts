import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { makeSeen } from '../support/seen.ts';
import { until } from '../support/until.ts';

async function connectTo(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('a container that only rests is quiet, and a silent loop is seen', async () => {
  const engine = await openEngine();
  const { id } = await engine.up();
  const { rates } = await makeSeen(engine, id);
  expect((await rates()).cores).toBeLessThan(0.02);
  const loop = engine.inside(id, 'timeout 3 sh -c "while :; do :; done"');
  const { cores } = await rates();
  expect(cores, 'half a core is its limit').toBeGreaterThan(0.2);
  await loop;
  expect((await rates()).cores).toBeLessThan(0.02);
});

test('what runs for somebody is named, and init and keeper are not', async () => {
  const engine = await openEngine();
  const { id } = await engine.up();
  const { container } = await makeSeen(engine, id);
  expect(await engine.runtime.processes(container)).toEqual([]);
  const job = engine
    .inside(id, `exec bash -c "exec -a $(printf '/opt/train\\033[2J.py') sleep 600"`)
    .catch(() => undefined);
  const named = () => engine.runtime.processes(container);
  await until(async () => (await named()).some(({ command }) => command.startsWith('train')));
  const pid = Number((await engine.inside(id, 'pgrep -f ^/opt/train')).stdout);
  expect(await named()).toEqual([{ pid, command: 'train [2J.py 600' }]);
  await engine.runtime.stop(id, 1);
  await job;
  await expect(engine.runtime.processes(container)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
  const { cpuNs } = await engine.runtime.readSignals(container, { kernels: false });
  expect(cpuNs.ok).toBe(false);
});

test('what comes over the network counts, and loopback does not', async () => {
  const engine = await openEngine();
  const { id, wanted } = await engine.up();
  const { rates } = await makeSeen(engine, id);
  void engine.inside(id, 'while :; do nc -l -p 7000 >/dev/null; done');
  const socket = await until(() => connectTo(wanted.address ?? '', 7000), { deadlineMs: 10_000, everyMs: 100 });
  const send = setInterval(() => socket.write(Buffer.alloc(100_000)), 100);
  expect((await rates()).bytesPerSecond).toBeGreaterThan(300_000);
  clearInterval(send);
  socket.destroy();

  const inside = engine.inside(
    id,
    'nc -l -p 7001 >/dev/null & sleep 0.2; head -c 50M /dev/zero | nc -N 127.0.0.1 7001',
  );
  expect((await rates()).bytesPerSecond).toBeLessThan(20_000);
  await inside;
});

test('without a network there is no traffic, and that is known', async () => {
  const engine = await openEngine();
  const { id } = await engine.up({ network: { mode: 'none', allow: [] } });
  const { look } = await makeSeen(engine, id);
  await engine.inside(id, 'nc -l -p 7001 >/dev/null & sleep 0.2; head -c 1M /dev/zero | nc -N 127.0.0.1 7001');
  expect((await look()).networkBytes).toEqual({ ok: true, value: 0 });
});

test('a container that is paused, or ends between two looks, is no surprise', async () => {
  const engine = await openEngine();
  const { id } = await engine.up();
  const { container, look } = await makeSeen(engine, id);
  await engine.runtime.pause(id);
  expect(await look(true)).toMatchObject({ cpuNs: { ok: true }, terminals: { ok: true }, kernels: { ok: true } });
  expect(await engine.runtime.processes(container)).toEqual([]);
  await engine.runtime.unpause(id);
  const looks = Array.from({ length: 40 }, async () => until(() => look(true), { everyMs: 1 }));
  await engine.runtime.stop(id, 1);
  for (const one of await Promise.all(looks)) expect(one.cpuNs).toBeDefined();
  const last = await look(true);
  for (const reading of [last.cpuNs, last.networkBytes, last.terminals, last.kernels]) {
    expect(reading).toEqual({ ok: false, message: expect.stringMatching(/it is not there|has ended/) });
  }
});

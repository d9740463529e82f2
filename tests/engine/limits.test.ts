import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;
const limits = { nanoCpus: 5e8, memoryBytes: 96 * MIB, pids: 48 };
const elapsedMs = async (call: () => Promise<unknown>) => {
  const from = performance.now();
  await call();
  return performance.now() - from;
};

describe('limits', () => {
  test('a fork bomb ends at the number of processes, and the workspace lives', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    const bomb = await inside(id, 'i=0; while [ $i -lt 300 ]; do sleep 20 & i=$((i+1)); done');
    expect(bomb.code).not.toBe(0);
    expect(bomb.stderr).toMatch(/fork/i);
    expect((await runtime.observe(wanted)).current?.state).toBe('running');
  });

  test('memory and swap together are capped; the kill is counted though the workspace goes on', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    expect((await runtime.observe(wanted)).current).toMatchObject({ oomKills: 0, limits });
    expect((await inside(id, 'python3 -c "x = b\'1\' * (300 << 20)"')).code).toBe(137);
    const { current } = await runtime.observe(wanted);
    expect(current?.state).toBe('running');
    expect(current?.oomKills).toBeGreaterThan(0);
    expect(current?.memoryInUseBytes).toBeLessThan(limits.memoryBytes);
  });

  test('memory is not lowered below what is in use, and the workspace goes on as before', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits: { ...limits, memoryBytes: 256 * MIB } });
    const script =
      'python3 -c "import time; x = bytearray(150 << 20); print(1, flush=True); time.sleep(60)" >/tmp/said &';
    await inside(id, script);
    await until(async () => (await inside(id, 'cat /tmp/said')).stdout === '1', { deadlineMs: 30_000 });
    expect((await runtime.observe(wanted)).current?.memoryInUseBytes).toBeGreaterThan(150 * MIB);
    await expect(runtime.update(id, limits)).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
    expect((await runtime.observe(wanted)).current).toMatchObject({
      state: 'running',
      limits: { memoryBytes: 256 * MIB },
      oomKills: 0,
    });
  });

  test('swap that somebody adds by hand is seen as memory', async () => {
    const { up, docker, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    await docker.getContainer(id).update({ Memory: limits.memoryBytes, MemorySwap: 2 * limits.memoryBytes });
    expect((await runtime.observe(wanted)).current?.limits.memoryBytes).toBe(2 * limits.memoryBytes);
  });
});

describe('the end of a workspace', () => {
  const graceSeconds = 20;

  test('an idle one ends at once', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    // Right after its start nobody listens for TERM yet.
    await until(async () => (await inside(id, 'pgrep -f "sleep 86400"')).code === 0);
    expect(await elapsedMs(() => runtime.stop(id, graceSeconds))).toBeLessThan(3_000);
    expect((await runtime.observe(wanted)).current).toMatchObject({ state: 'exited', exitCode: 0 });
  });

  test('a process that saves on TERM gets its time, and the rest of the grace is not used', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    const saver = `trap 'sleep 1.5; echo saved > saved; exit 0' TERM; : > ready; while :; do sleep 0.1; done`;
    await inside(id, `sh -c "${saver}" >/dev/null 2>&1 &`);
    await until(async () => (await inside(id, 'test -e ready')).code === 0);
    const took = await elapsedMs(() => runtime.stop(id, graceSeconds));
    expect(took).toBeGreaterThan(1_400);
    expect(took).toBeLessThan(6_000);
    await runtime.start(id, wanted);
    expect((await inside(id, 'cat saved')).stdout).toBe('saved');
  });

  test('a shell with a terminal ignores TERM and does not use up the grace; its saving job gets its time', async () => {
    const { up, inside, docker, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    const shell = await docker
      .getContainer(id)
      .exec({ Cmd: ['bash', '-i'], Tty: true, AttachStdin: true, AttachStdout: true });
    const terminal = await shell.start({ hijack: true, stdin: true, Tty: true });
    terminal.resume();
    terminal.on('error', () => undefined);
    terminal.write(`(trap 'sleep 1; echo saved > saved; exit' TERM; : > ready; while :; do sleep 0.1; done) &\n`);
    await until(async () => (await inside(id, 'test -e ready')).code === 0);
    expect(await elapsedMs(() => runtime.stop(id, graceSeconds))).toBeLessThan(6_000);
    await runtime.start(id, wanted);
    expect((await inside(id, 'cat saved')).stdout).toBe('saved');
    terminal.destroy();
  });

  test('a process that ignores TERM is ended when the grace is over', async () => {
    const { up, inside, runtime } = await openEngine();
    const { id, wanted } = await up({ limits });
    await inside(id, `sh -c "trap '' TERM; : > ready; while :; do sleep 0.1; done" >/dev/null 2>&1 &`);
    await until(async () => (await inside(id, 'test -e ready')).code === 0);
    const took = await elapsedMs(() => runtime.stop(id, 2));
    expect(took).toBeGreaterThan(1_900);
    expect((await runtime.observe(wanted)).current).toMatchObject({ state: 'exited', exitCode: 137 });
  });
});

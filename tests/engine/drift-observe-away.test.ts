import { describe, expect, onTestFinished, test } from 'vitest';
import type { RuntimeHint } from '../../src/model/runtime.ts';
import { makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { openEngine } from '../support/engine.ts';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { until } from '../support/until.ts';

const [readMs, mutateMs, pingMs] = [400, 700, 200];

/** A second runtime of the same instance, whose way to the engine can be broken. */
async function openBreakable() {
  const engine = await openEngine();
  const proxy = await openEngineProxy();
  const { prefix, instanceUid, data } = engine;
  const connection = { socketPath: proxy.socketPath, readMs, mutateMs, pingMs, layerMs: readMs };
  const broken = makeDockerRuntime({ instanceUid, prefix, mountRoots: [data], secrets: async () => ({}), connection });
  return { ...engine, proxy, broken };
}
const elapsedMs = async (call: () => Promise<unknown>) => {
  const from = performance.now();
  await call();
  return performance.now() - from;
};

describe('an engine that is away', () => {
  test('no call outlives its deadline when the engine hangs, and says so', async () => {
    const { broken, up, proxy } = await openBreakable();
    const { id, wanted } = await up();
    await broken.list(); // the version is negotiated while it still answers
    proxy.hang(true);
    const reads = [
      () => broken.list(),
      () => broken.observe(wanted),
      () => broken.capabilities(),
      () => broken.takenSubnets(),
      () => broken.diff(id),
      () => broken.ensureImage(wanted.image.ref, 'IfNotPresent'),
    ];
    const mutations = [
      () => broken.update(id, wanted.limits),
      () => broken.pause(id),
      () => broken.remove(id),
      () => broken.start(id, wanted),
    ];
    for (const call of [...reads, ...mutations]) {
      const ms = await elapsedMs(() => expect(call()).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' }));
      expect(ms).toBeLessThan(readMs + mutateMs + 500);
    }
    const stop = await elapsedMs(() => expect(broken.stop(id, 1)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' }));
    expect(stop, 'a stop may take its grace on top').toBeGreaterThan(1_000 + mutateMs - 50);
    proxy.hang(false);
    proxy.cut();
    expect((await broken.observe(wanted)).current).toMatchObject({ id, state: 'running' });
  });

  test('one that is down is unreachable, never empty, and works again when it is back', async () => {
    const { broken, up, proxy } = await openBreakable();
    const { id, wanted } = await up();
    await broken.list();
    await proxy.down();
    for (const call of [() => broken.list(), () => broken.observe(wanted), () => broken.stop(id, 1)])
      await expect(call()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
    await proxy.up();
    expect((await broken.observe(wanted)).current).toMatchObject({ id, state: 'running' });
  });

  test('a create whose answer was lost happened, and is found', async () => {
    const { broken, runtime, fitted, proxy } = await openBreakable();
    const wanted = fitted();
    await runtime.ensureHome(wanted);
    await broken.list();
    await broken.ensureImage(wanted.image.ref, 'IfNotPresent');
    const call = broken.create(wanted, 1);
    const found = until(async () => (await runtime.observe(wanted)).current, { deadlineMs: 20_000, everyMs: 1 });
    void found.then(() => proxy.hang(true));
    const outcome = await call.catch((error: { code: string }) => error.code);
    const { id } = await found;
    expect(['ENGINE_TIMEOUT', id]).toContain(outcome);
    expect((await runtime.observe(wanted)).current?.id).toBe(id);
  });

  test('the hints notice a silent engine and go on when it is back', async () => {
    const { broken, up, proxy } = await openBreakable();
    const hints: RuntimeHint[] = [];
    const watch = broken.watch((hint) => hints.push(hint));
    onTestFinished(watch.close);
    const count = (kind: RuntimeHint['kind']) => hints.filter((hint) => hint.kind === kind).length;
    await until(() => count('reconnected') === 1);
    proxy.hang(true);
    await until(() => count('lost') >= 1, { deadlineMs: 10_000 });
    proxy.hang(false);
    proxy.cut();
    await until(() => count('reconnected') === 2, { deadlineMs: 20_000 });
    await proxy.down();
    await until(() => count('lost') >= 2, { deadlineMs: 10_000 });
    await proxy.up();
    await until(() => count('reconnected') === 3, { deadlineMs: 20_000 });
    await up();
    await until(() => hints.some((hint) => hint.kind === 'workspace' && hint.action === 'start'), {
      deadlineMs: 10_000,
    });
  });

  test('a socket that is not there, or may not be used, says what to do', async () => {
    const connection = { socketPath: '/nonexistent/engine.sock' };
    const away = makeDockerRuntime({
      instanceUid: 'x',
      prefix: 'x-',
      mountRoots: [],
      secrets: async () => ({}),
      connection,
    });
    await expect(away.capabilities()).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      hint: expect.stringContaining('not started') as string,
    });
  });
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDockerRuntime } from '../../src/runtime/docker/docker-runtime.ts';
import { makeEngineLab, shareEngine } from '../support/engine-lab.ts';
import { aFitted } from '../support/fitted.ts';
import { workspaceYaml } from '../support/lab.ts';
import { randomUid } from '../support/prefix.ts';
import { until } from '../support/until.ts';

const engine = shareEngine();

/** A reading call waits 10 s for a hung engine; the look at the host follows every 3 s. */
const NOTICED_MS = 20_000;
const READ_MS = 10_000;

test('an engine that hangs for a while: Unknown, no call beyond its deadline, and no second copy after', async () => {
  const lab = await makeEngineLab(await engine());
  const { proxy } = lab;
  await lab.up();
  const names = await lab.fill(3);
  const before = await lab.containers();

  proxy.reset();
  const stoppedMs = performance.now();
  await lab.engine.signal('SIGSTOP');
  lab.write('late.yaml', workspaceYaml('late'));
  await lab.untilHost('EngineReachable', 'False', NOTICED_MS);
  await Promise.all(names.map((name) => lab.phase(name, 'Unknown', NOTICED_MS)));
  expect((await lab.cli('get')).code).toBe(0);
  // Long enough for calls of a second round to reach their deadlines too.
  await until(() => performance.now() - stoppedMs > 15_000, { deadlineMs: 16_000 });
  const { what, ms } = proxy.longestWait();
  expect(ms, what).toBeLessThan(READ_MS + 2_000);
  expect(proxy.calls(), 'nobody acts on an engine that says nothing').toEqual([]);

  await lab.engine.signal('SIGCONT');
  await lab.untilHost('EngineReachable', 'True');
  await Promise.all([...names, 'late'].map((name) => lab.phase(name, 'Running')));
  const { late, ...after } = await lab.containers();
  expect(after, 'nobody was touched').toEqual(before);
  expect(late).toMatchObject({ running: true });
});

test('a create whose caller gave up happened all the same, and is found', async () => {
  const lab = await makeEngineLab(await engine());
  const { proxy, prefix, docker, data } = lab;
  const options = { prefix, instanceUid: randomUid(), mountRoots: [data], secrets: async () => ({}) };
  const connection = { socketPath: proxy.socketPath, readMs: 5_000, mutateMs: 1_000 };
  const runtime = makeDockerRuntime({ ...options, connection });
  const homeSource = join(data, 'users', 'ada');
  mkdirSync(join(data, 'users'), { recursive: true });
  const fitted = aFitted({ network: { mode: 'none', allow: [] }, networkName: null, address: null, homeSource });
  await runtime.ensureHome(fitted);
  await runtime.remove(await runtime.create(fitted, 1)); // what a create looks up beforehand is known from here on

  proxy.reset();
  proxy.setTrap({ at: 1, when: 'goesOn', act: () => void lab.engine.signal('SIGSTOP') });
  await expect(runtime.create(fitted, 2)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  await lab.engine.signal('SIGCONT');
  const found = await until(async () => (await runtime.observe(fitted)).current, { deadlineMs: 10_000 });
  expect(found).toMatchObject({ generation: 2, state: 'created', hash: fitted.hash });
  await expect(runtime.create(fitted, 3), 'its name keeps a second one away').rejects.toMatchObject({
    code: 'ENGINE_CONFLICT',
  });
  expect(await docker.listContainers({ all: true })).toHaveLength(1);
});

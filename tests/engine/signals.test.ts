import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { makeSeen } from '../support/seen.ts';
import { until } from '../support/until.ts';

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

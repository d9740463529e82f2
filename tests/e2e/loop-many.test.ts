import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('twenty workspaces at once: all run, each with its own address, owner and home', async () => {
  const lab = makeLab();
  const names = Array.from({ length: 20 }, (_, i) => `w${String(i).padStart(2, '0')}`);
  lab.write(
    'all.yaml',
    names.map((name) => workspaceYaml(name, ['resources: {cpu: 100m, memory: 64Mi}'])).join('---\n'),
  );
  await lab.up();
  const running = () => names.filter((name) => lab.status(name)?.phase === 'Running').length;
  await until(() => running() === 20, { deadlineMs: 90_000, everyMs: 100, what: () => `${running()} of 20` });
  const infos = await Promise.all(names.map(lab.inspect));
  const distinct = (values: unknown[]) => new Set(values).size;
  const networks = infos.map(({ NetworkSettings }) => NetworkSettings.Networks[`${lab.prefix}net`]?.IPAddress);
  expect(distinct(networks)).toBe(20);
  expect(distinct(infos.map(({ Config }) => Config.User))).toBe(20);
  expect(distinct(infos.map(({ Mounts }) => Mounts[0]?.Source))).toBe(20);
  expect(await lab.mine()).toHaveLength(20);
  const stopped = await lab.cli('stop', ...names.slice(0, 10), '--wait');
  expect([stopped.code, stopped.stderr]).toEqual([0, '']);
  expect((await lab.json<{ phase: string }[]>('get')).filter(({ phase }) => phase === 'Held')).toHaveLength(10);
});

import { expect, test } from 'vitest';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { openMuteRegistry } from '../support/mute-registry.ts';
import { until } from '../support/until.ts';

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const small = 'resources: {cpu: 100m, memory: 64Mi}';
/** Takes the whole grace of its stop. */
const deaf = [small, `command: [sh, -c, "trap '' TERM; while :; do sleep 0.5; done"]`, 'stopGracePeriod: 20s'];

test('twelve pulls that hang and ten stops of 20 s hold up nobody, nor each other, nor the end', async () => {
  const registry = await openMuteRegistry();
  const lab = makeLab('allowedImages: ["workdock-*", "127.0.0.1:*"]');
  const write = (names: string[], spec: (i: number) => string[]) => {
    for (const [i, name] of names.entries()) lab.write(`${name}.yaml`, workspaceYaml(name, spec(i)));
  };
  const running = (names: string[]) => names.filter((name) => lab.status(name)?.phase === 'Running').length;
  const up = async (names: string[]) =>
    (await Promise.all(names.map(lab.inspect))).filter(({ State }) => State.Running).length;
  const away = async () => Number(/^workdock_away_passes\S* (\d+)$/m.exec((await lab.cli('metrics')).stdout)?.[1]);
  const [hung, slow, quick] = [named('hung', 12), named('slow', 10), named('quick', 10)];

  write(slow, () => deaf);
  const controller = await lab.up();
  await until(() => running(slow) === 10, { deadlineMs: 30_000 });
  // Seven images: the last six workspaces share one. A silent pull takes a minute, and they take two turns.
  write(hung, (i) => [small, `image: ${registry.host}/image-${Math.min(i, 6)}:1`]);
  await until(async () => (await away()) === 12, { deadlineMs: 15_000 });
  const stopMs = performance.now();
  const stopping = lab.cli('stop', ...slow, '--wait');
  await until(async () => (await away()) === 22, { deadlineMs: 10_000 });

  write(quick, () => [small]);
  await until(() => running(quick) === 10, { deadlineMs: 30_000, what: () => `${running(quick)} of 10` });
  expect(performance.now() - stopMs).toBeLessThan(18_000);
  expect(await up(slow), 'none was killed before its time').toBe(10);
  expect(registry.asked, 'four at once, and no image twice').toHaveLength(4);
  expect(new Set(registry.asked).size).toBe(4);

  // A better image does not wait for the end of the pull either.
  write(['hung0'], () => [small]);
  await lab.phase('hung0', 'Running', 10_000);
  expect(lab.status('hung11')?.phase).toBe('Pending');

  expect(await stopping).toMatchObject({ code: 0, stderr: '' });
  const tookMs = performance.now() - stopMs;
  expect(tookMs).toBeGreaterThan(19_000);
  expect(tookMs, 'all at once, where eight places would take 40 s').toBeLessThan(35_000);
  expect(await up(slow)).toBe(0);

  const endMs = performance.now();
  expect(await controller.kill('SIGTERM')).toBe(0);
  expect(performance.now() - endMs, 'pulls are left').toBeLessThan(5_000);
});

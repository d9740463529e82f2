import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const COUNT = 20;
const names = Array.from({ length: COUNT }, (_, index) => `w${String(index).padStart(2, '0')}`);

test('twenty workspaces at once: started, changed, all removed by hand, and stopped', {
  timeout: 240_000,
}, async () => {
  const lab = makeLab('resync: 30s\n');
  const write = (...spec: string[]) =>
    lab.write(
      'all.yaml',
      names.map((name) => workspaceYaml(name, ['resources: {memory: 64Mi}', ...spec])).join('---\n'),
    );
  const running = async () => (await lab.mine()).filter(({ State }) => State === 'running').length;
  write();
  const begin = performance.now();
  await lab.up();
  expect((await lab.cli('wait', ...names, '--for=Ready', '--timeout', '60s')).code).toBe(0);
  const fromNothingMs = performance.now() - begin;
  expect(await running()).toBe(COUNT);
  const addresses = (await lab.mine()).map(
    ({ NetworkSettings }) => NetworkSettings.Networks[`${lab.prefix}net`]?.IPAddress,
  );
  expect(new Set(addresses).size, 'each its own address').toBe(COUNT);
  const uids = await Promise.all(names.map((name) => lab.sh(name, 'id -u')));
  expect(new Set(uids).size, 'each its own uid').toBe(COUNT);

  write('env: {A: b}');
  await until(() => names.every((name) => lab.status(name)?.pending.length === 1), { deadlineMs: 20_000 });
  expect((await lab.cli('plan', '--exit-code')).code).toBe(1);

  await lab.hand('rm', '-f', ...names.map((name) => `${lab.prefix}${name}`));
  const healed = async () =>
    (await running()) === COUNT && names.every((name) => lab.status(name)?.phase === 'Running');
  await until(healed, { deadlineMs: fromNothingMs + 15_000, everyMs: 100 });
  expect(await lab.sh('w07', 'echo $A'), 'made anew by the spec of now').toBe('b');
  await until(() => names.every((name) => lab.status(name)?.plan.length === 0), { deadlineMs: 15_000 });

  expect((await lab.cli('stop', ...names, '--wait', '60s')).code).toBe(0);
  await holdsFor(async () => (await running()) === 0, 2_000);
  expect(await lab.mine()).toHaveLength(COUNT);
});

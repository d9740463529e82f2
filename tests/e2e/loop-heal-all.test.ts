import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holdsFor } from '../support/holds-for.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

test('twenty containers removed by hand at once are made again, by the spec of now', async () => {
  const lab = makeLab('resync: 10m\nguard: {disruptions: 100%}\n');
  const names = Array.from({ length: 20 }, (_, index) => `w${String(index).padStart(2, '0')}`);
  const write = (...spec: string[]) => {
    const texts = names.map((name) => workspaceYaml(name, ['resources: {memory: 64Mi}', ...spec]));
    lab.write('all.yaml', texts.join('---\n'));
  };
  const running = async () => (await lab.mine()).filter(({ State }) => State === 'running').length;
  write();
  await lab.up();
  expect((await lab.cli('wait', ...names, '--for=Ready', '--timeout', '90s')).code).toBe(0);
  await lab.sh('w07', 'echo kept > note');

  write('env: {A: b}');
  await until(() => names.every((name) => lab.status(name)?.pending.length === 1), { deadlineMs: 20_000 });
  await lab.hand('rm', '-f', ...names.map((name) => `${lab.prefix}${name}`));
  const healed = async () =>
    (await running()) === names.length && names.every((name) => lab.status(name)?.phase === 'Running');
  await until(healed, { deadlineMs: 60_000, everyMs: 100 });
  expect(await lab.sh('w07', 'cat note; echo $A')).toBe('kept\nb');
  await until(() => names.every((name) => lab.status(name)?.pending.length === 0), { deadlineMs: 15_000 });

  expect((await lab.cli('stop', ...names, '--wait', '60s')).code).toBe(0);
  await holdsFor(async () => (await running()) === 0, 2_000);
  expect(await lab.mine()).toHaveLength(names.length);
});

test('a second controller with a state folder of its own is refused as well, and leaves no status there', async () => {
  const lab = makeLab('resync: 10m\n');
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  const elsewhere = join(lab.root, 'other-state');
  const second = await lab.up({ ready: false, wrapper: ['env', `WORKDOCK_STATE=${elsewhere}`] });
  expect(await second.ended, second.log()).toBe(7);
  expect(second.log()).toContain(`locked by pid ${lab.summary().controller.pid}`);
  expect(existsSync(join(elsewhere, 'status.json'))).toBe(false);
  expect((await lab.cli('get', 'ada')).code, 'the first one still answers').toBe(0);
  const { Id, State } = await lab.inspect('ada');
  await lab.hand('kill', Id);
  await until(async () => (await lab.inspect('ada')).State.StartedAt > State.StartedAt, { deadlineMs: 5_000 });
});

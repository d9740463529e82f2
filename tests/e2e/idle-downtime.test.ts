import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTerminal } from '../support/enter.ts';
import { holdsFor } from '../support/holds-for.ts';
import { type IdleLab, idleSpec, openIdleLab } from '../support/idle-lab.ts';
import { type Controller, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: IdleLab;
let controller: Controller;
beforeAll(async () => {
  lab = openIdleLab();
  for (const name of ['ada', 'bob', 'eve']) lab.write(`${name}.yaml`, workspaceYaml(name, idleSpec('timeout: 1h')));
  controller = await lab.up();
  for (const name of ['ada', 'bob', 'eve']) await lab.phase(name, 'Running');
}, 60_000);
afterAll(() => lab.dispose());

const quietMs = async (name: string) => (await lab.idle(name))?.verdict?.quietMs ?? 0;
const quietFor = (name: string, ms: number) =>
  until(async () => (await quietMs(name)) >= ms, { deadlineMs: 30_000, what: `${name} quiet for ${ms}` });
const away = 4_000;

test('a controller that hangs counts nothing of it, and neither does one that was killed', async () => {
  await quietFor('ada', 5_000);
  process.kill(controller.pid, 'SIGSTOP');
  const before = performance.now();
  await holdsFor(() => true, away);
  process.kill(controller.pid, 'SIGCONT');
  const row = await quietMs('ada');
  expect(row, 'quiet for the time away at most on top').toBeLessThan(performance.now() - before + 5_000 + 2_000);
  const startedMs = Date.parse((await lab.inspect('ada')).State.StartedAt);
  await until(async () => (await quietMs('ada')) > row, { deadlineMs: 10_000 });
  expect(await quietMs('ada')).toBeLessThan(Date.now() - startedMs - away + 1_000);
});

test('after kill -9 a quiet stretch goes on where it was, and what happened meanwhile ends it', async () => {
  // Somebody's terminal, which is told from inside when to type.
  const terminal = inTerminal(
    lab,
    ['docker', 'exec', '-it', `${lab.prefix}eve`, 'sh'],
    [
      ...[{ expect: 'type-now', within: 90 }, { type: 'echo hi\n' }],
      ...[{ expect: 'all-done', within: 90 }, { type: 'exit\n' }],
    ],
  );
  await until(async () => (await lab.sh('eve', 'ls /dev/pts')).startsWith('0'));
  await quietFor('ada', 8_000);
  await quietFor('eve', 2_000);
  await controller.kill('SIGKILL');
  // More CPU than an idle workspace uses; a key in a terminal tells by its time.
  await lab.sh('bob', 'timeout 2 sh -c "while :; do :; done" || true');
  await lab.sh('eve', 'echo type-now > /dev/pts/0');
  const startedMs = Date.parse((await lab.inspect('ada')).State.StartedAt);
  await holdsFor(() => true, away);
  controller = await lab.up();
  const bornMs = Date.parse(lab.summary().controller.startedAt);
  await until(async () => (await quietMs('ada')) > 0, { deadlineMs: 20_000 });
  const [ada, now] = [await quietMs('ada'), Date.now()];
  expect(ada, 'remembered').toBeGreaterThan(now - bornMs);
  expect(ada, 'nothing counts while it was away').toBeLessThan(now - startedMs - away + 1_000);
  for (const name of ['bob', 'eve']) {
    expect(await quietMs(name), name).toBeLessThan(Date.now() - bornMs + 1_000);
  }
  await lab.sh('eve', 'echo all-done > /dev/pts/0');
  await terminal;
});

test('a controller that is killed again and again still finds somebody idle, and nobody early', async () => {
  lab.write('ada.yaml', workspaceYaml('ada', idleSpec('timeout: 30s')));
  await until(() => lab.status('ada')?.generation === 2);
  for (let life = 0; life < 2; life += 1) {
    const before = await quietMs('ada');
    await quietFor('ada', Math.min(before + 3_000, 26_000));
    await controller.kill('SIGKILL');
    controller = await lab.up();
  }
  await lab.phase('ada', 'Resting', 60_000);
  const rested = lab.events('ada').find(({ reason }) => reason === 'Rested');
  expect(Number(rested?.evidence?.['quietMs'])).toBeGreaterThanOrEqual(30_000);
  expect(Number(rested?.evidence?.['quietMs']), 'and not much later').toBeLessThan(34_000);
});

import { expect, onTestFinished, test } from 'vitest';
import { makeEngineLab, shareEngine } from '../support/engine-lab.ts';
import { workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

const engine = shareEngine();

const isUp = (containers: Record<string, { running: boolean }>) => (name: string) => containers[name]?.running === true;

test('with live-restore the engine may go and come back: no workspace is restarted', async () => {
  const own = await engine();
  own.configure({ 'live-restore': true });
  onTestFinished(async () => {
    own.configure({});
    await own.signal('SIGKILL');
    await own.revive();
  }, 60_000);
  await own.signal('SIGTERM');
  await own.start();
  const lab = await makeEngineLab(own);
  await lab.up();
  const names = await lab.fill(3);
  const before = await lab.containers();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await lab.engine.signal(signal);
    await lab.untilHost('EngineReachable', 'False');
    await lab.engine.start();
    await lab.untilHost('EngineReachable', 'True');
    await Promise.all(names.map((name) => lab.phase(name, 'Running')));
    expect(await lab.containers(), signal).toEqual(before);
  }
});

test('after a reboot, as near as it gets, each is again as it was: running, held, stopped', async () => {
  const lab = await makeEngineLab(await engine());
  const controller = await lab.up();
  const names = await lab.fill(2);
  lab.write('held.yaml', workspaceYaml('held'));
  await lab.phase('held', 'Running');
  await lab.cli('stop', 'held', '--wait');
  lab.write('off.yaml', workspaceYaml('off'));
  await lab.phase('off', 'Running');
  lab.write('off.yaml', workspaceYaml('off', ['state: Stopped']));
  await lab.phase('off', 'Stopped');
  const before = await lab.containers();

  await Promise.all([lab.engine.signal('SIGKILL'), controller.kill('SIGKILL')]);
  await lab.engine.start();
  await lab.up({ ready: false });
  // The last status is still there, and says Running too.
  await until(async () => names.every(isUp(await lab.containers())), { deadlineMs: 30_000 });
  await lab.untilController();
  await Promise.all(names.map((name) => lab.phase(name, 'Running')));
  await lab.phase('held', 'Held');
  await lab.phase('off', 'Stopped');
  const after = await lab.containers();
  for (const [name, { id, running, startedAt }] of Object.entries(after)) {
    expect({ id, running }, name).toEqual({ id: before[name]?.id, running: names.includes(name) });
    if (!running) expect(startedAt, `${name} was not even tried`).toBe(before[name]?.startedAt);
  }
});

test('a controller that comes up before its engine waits for it', async () => {
  const lab = await makeEngineLab(await engine());
  const first = await lab.up();
  const [name = ''] = await lab.fill(1);
  const { id } = (await lab.containers())[name] ?? {};
  await Promise.all([lab.engine.signal('SIGKILL'), first.kill('SIGKILL')]);
  await lab.up();
  await lab.untilHost('EngineReachable', 'False');
  await lab.phase(name, 'Unknown');
  await lab.engine.start();
  await lab.phase(name, 'Running');
  expect((await lab.containers())[name]).toMatchObject({ id, running: true });
});

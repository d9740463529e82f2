import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Intent, Mark } from '../../src/model/intent.ts';
import { makeEngineLab, shareEngine } from '../support/engine-lab.ts';
import { holdsFor } from '../support/holds-for.ts';
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

const START = 'POST containers/start';
const PARALLEL = 2;

/** A mark as the idle verdict writes it; the controller must not run. */
function restWhileAway(data: string, name: string) {
  const file = join(data, '.workdock', 'intents', `${name}.json`);
  const intent = JSON.parse(readFileSync(file, 'utf8')) as Intent;
  const seq = intent.seq + 1;
  const at = new Date().toISOString();
  const mark: Mark = { run: 'Stopped', by: 'idle', seq, at, forState: 'Running', evidence: 'quiet for 30m' };
  writeFileSync(file, JSON.stringify({ ...intent, seq, mark }));
}

test('after a reboot, as near as it gets, each is again as it was, and few start at a time', async () => {
  const lab = await makeEngineLab(await engine(), `limits: {parallel: ${PARALLEL}}\n`);
  const first = await lab.up();
  const names = await lab.fill(5);
  for (const name of ['held', 'off', 'rests']) lab.write(`${name}.yaml`, workspaceYaml(name));
  for (const name of ['never', 'woken']) lab.write(`${name}.yaml`, workspaceYaml(name, ['state: OnDemand']));
  await Promise.all(['held', 'off', 'rests'].map((name) => lab.phase(name, 'Running')));
  await lab.cli('stop', 'held', '--wait');
  await lab.cli('start', 'woken', '--wait');
  lab.write('off.yaml', workspaceYaml('off', ['state: Stopped']));
  await lab.phase('off', 'Stopped');
  await first.kill('SIGTERM');
  restWhileAway(lab.data, 'rests');
  const controller = await lab.up();
  await lab.untilController();
  await lab.phase('rests', 'Resting');
  const up = [...names, 'woken'];
  await Promise.all(up.map((name) => lab.phase(name, 'Running')));
  const before = await lab.containers();
  expect(new Set(Object.keys(before).filter(isUp(before)))).toEqual(new Set(up));

  await Promise.all([lab.engine.signal('SIGKILL'), controller.kill('SIGKILL')]);
  lab.proxy.reset();
  lab.proxy.hold(new RegExp(`^${START}$`));
  await lab.engine.start();
  await lab.up({ ready: false });
  // More would come if nothing held them back: the first ones wait for an engine that takes its time.
  await until(() => lab.proxy.held() >= PARALLEL, { deadlineMs: 30_000 });
  await holdsFor(() => lab.proxy.held() === PARALLEL, 2_000);
  lab.proxy.release();
  // The last status is still there, and says Running too.
  await until(async () => up.every(isUp(await lab.containers())), { deadlineMs: 30_000 });
  expect(lab.proxy.mostAtOnce(START)).toBe(PARALLEL);

  await lab.untilController();
  await Promise.all(up.map((name) => lab.phase(name, 'Running')));
  const down = { held: 'Held', off: 'Stopped', rests: 'Resting', never: 'Stopped' } as const;
  for (const [name, phase] of Object.entries(down)) await lab.phase(name, phase);
  const after = await lab.containers();
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, { id, running, startedAt }] of Object.entries(after)) {
    expect({ id, running }, name).toEqual({ id: before[name]?.id, running: up.includes(name) });
    if (!running) expect(startedAt, `${name} was not even tried`).toBe(before[name]?.startedAt);
  }
  // Nobody saw it: the note says no more than is known, and not that somebody did it.
  for (const name of up) {
    await until(() => /^Stopped .*the machine or its engine was restarted/.test(lab.note(name)), {
      what: () => lab.note(name),
    });
  }
  expect(lab.note('rests')).toMatch(/^Stopped .*nobody was using it\n.*quiet for 30m/);
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

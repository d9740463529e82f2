import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { openEngineProxy } from '../support/engine-proxy.ts';
import { seriesIn } from '../support/exposition.ts';
import type { Lab } from '../support/lab.ts';
import type { LogLine } from '../support/log-lines.ts';
import { makeLab, workspaceYaml } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const MIB = 2 ** 20;
const quick = 'resync: 1s\nidle: {interval: 500ms}\n';
const scrape = async (lab: Lab) => seriesIn(String((await ask(join(lab.state, 'workdock.sock'), '/metrics')).body));
const value = async (lab: Lab, ...[family, key]: [Parameters<ReturnType<typeof seriesIn>>[0], string]) =>
  (await scrape(lab))(family)[key];
const ada = '{workspace=ada}';
const sum = (series: Record<string, number>) => Object.values(series).reduce((all, each) => all + each, 0);

test('the figures are those of the engine and the host, and go with the spec', async () => {
  const lab = makeLab(quick);
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {memory: 96Mi, cpu: 500m}']));
  lab.write('bob.yaml', workspaceYaml('bob', ['state: Stopped']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('bob', 'Stopped');
  await lab.sh('ada', 'head -c 20000000 /dev/zero > /home/user/data; (while :; do :; done) > /dev/null 2>&1 &');
  await until(async () => ((await value(lab, 'workdock_workspace_home_bytes', ada)) ?? 0) > 19 * MIB, {
    deadlineMs: 90_000,
  });
  await until(async () => ((await value(lab, 'workdock_workspace_cpu_seconds_total', ada)) ?? 0) > 1);

  const first = await scrape(lab);
  expect(first('workdock_workspaces')).toMatchObject({
    '{phase=Running}': 1,
    '{phase=Stopped}': 1,
    '{phase=Failed}': 0,
  });
  const { HostConfig } = await lab.inspect('ada');
  expect(first('workdock_workspace_memory_limit_bytes')[ada]).toBe(HostConfig.Memory);
  expect(first('workdock_workspace_cpu_limit_cores')[ada]).toBe((HostConfig.NanoCpus ?? 0) / 1e9);
  expect(Object.keys(first('workdock_workspace_memory_bytes')), 'who runs').toEqual([ada]);
  expect(first('workdock_workspace_memory_bytes')[ada]).toBeGreaterThan(100_000);
  for (const figure of ['memory', 'cpu']) {
    expect(first('workdock_workspace_figure_age_seconds')[`{figure=${figure},workspace=ada}`]).toBeLessThan(3);
  }
  expect(first('workdock_host_condition')['{condition=EngineReachable,status=true}']).toBe(1);
  expect(sum(first('controller_runtime_reconcile_total'))).toBeGreaterThan(2);
  expect(first('controller_runtime_reconcile_time_seconds')['count{controller=workspace}']).toBe(
    sum(first('controller_runtime_reconcile_total')),
  );
  expect(first('workdock_engine_calls_total')).toMatchObject({ '{result=success,verb=start}': 1 });

  expect(sum(first('workdock_drift_total'))).toBe(0);
  // Listed in every period, by the look at the host that follows it (3 s).
  expect(first('workdock_engine_list_age_seconds')['']).toBeLessThan(10);
  expect(first('workdock_engine_events_age_seconds')['']).toBeLessThan(20);
  const heard = first('workdock_engine_event_lag_seconds')['count']!;
  await lab.container('ada').kill();
  await until(
    async () => (await value(lab, 'workdock_workspace_restarts_total', '{cause=person,workspace=ada}')) === 1,
  );
  await lab.phase('ada', 'Running');
  await lab.hand('update', '--memory', '64m', '--memory-swap', '64m', (await lab.inspect('ada')).Id);
  await until(async () => (await lab.inspect('ada')).HostConfig.Memory === 96 * MIB);
  const drift = '{field=resources,outcome=healed}';
  await until(async () => (await value(lab, 'workdock_drift_total', drift)) === 1);
  const then = await scrape(lab);
  const found = Object.entries(then('workdock_drift_total')).filter(([, count]) => count > 0);
  expect(Object.fromEntries(found), 'the kill and the update').toEqual({
    [drift]: 1,
    '{field=state,outcome=healed}': 1,
  });
  const lag = then('workdock_engine_event_lag_seconds');
  expect(lag['count'], 'kill, die, off the network, on it with the start that heals, update by hand').toBe(heard + 5);
  expect(lag['bucket{le=1}']).toBe(lag['count']);
  await lab.sh('ada', 'head -c 300000000 /dev/zero | tail > /dev/null; true');
  await until(async () => (await value(lab, 'workdock_workspace_oom_kills_total', ada)) === 1);

  lab.remove('bob.yaml');
  await until(async () => (await value(lab, 'workdock_workspaces_without_spec', '')) === 1);
  const { stdout } = await lab.cli('metrics');
  expect(stdout).toContain('workspace="ada"');
  expect(stdout).not.toContain('bob');
});

test('a scrape asks no engine: with one that hangs it answers at once, with figures that grow old', async () => {
  const proxy = await openEngineProxy();
  const lab = makeLab(quick, { DOCKER_HOST: `unix://${proxy.socketPath}` });
  lab.write('ada.yaml', workspaceYaml('ada'));
  await lab.up();
  await lab.phase('ada', 'Running');
  await until(async () => (await value(lab, 'workdock_workspace_memory_bytes', ada)) !== undefined);
  proxy.hang(true);
  const age = () => value(lab, 'workdock_workspace_figure_age_seconds', '{figure=memory,workspace=ada}');
  await until(async () => ((await age()) ?? 0) > 3, { deadlineMs: 20_000 });
  const listAge = () => value(lab, 'workdock_engine_list_age_seconds', '');
  await until(async () => ((await listAge()) ?? 0) > 5, { deadlineMs: 20_000 });
  const beganMs = performance.now();
  for (let i = 0; i < 20; i += 1) expect(await value(lab, 'workdock_workspace_memory_bytes', ada)).toBeGreaterThan(0);
  expect(performance.now() - beganMs, 'twenty of them').toBeLessThan(2_000);
  proxy.hang(false);
  proxy.cut();
  await until(async () => ((await age()) ?? 99) < 2, { deadlineMs: 60_000 });
  await until(async () => ((await listAge()) ?? 99) < 5, { deadlineMs: 30_000 });
  expect(await value(lab, 'workdock_engine_events_age_seconds', ''), 'opened anew').toBeLessThan(40);
  const failed = (await scrape(lab))('workdock_engine_calls_total');
  expect(Object.entries(failed).some(([key, calls]) => /UNREACHABLE|TIMEOUT/.test(key) && calls > 0)).toBe(true);
});

test('the id that why shows is that of the log lines and events of the pass', async () => {
  const lab = makeLab();
  lab.write('ada.yaml', workspaceYaml('ada'));
  const controller = await lab.up();
  await lab.phase('ada', 'Running');
  const pass = /^ {2}pass +(\S+)$/m.exec((await lab.cli('why', 'ada')).stdout)?.[1];
  expect(pass).toMatch(/^[0-9a-z]{4}-\d+$/);
  const lines = controller
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
  const steps = lines.filter((line) => line.pass === pass).map(({ name, msg, op }) => ({ name, msg, op }));
  expect(steps).toEqual(['ensureHome', 'create', 'start'].map((op) => ({ name: 'ada', msg: 'a step', op })));
  const events = lab.events('ada').filter((event) => event.pass === pass);
  expect(events.map(({ reason }) => reason)).toEqual(['SpecChanged', 'HomeCreated', 'Created', 'Started']);
  expect(lab.status('ada')?.last.pass).toBe(pass);
});

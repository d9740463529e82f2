import { expect, test } from 'vitest';
import { type Families, families, workspaceFamilies } from '../../src/metrics/families.ts';
import { makeMetrics } from '../../src/metrics/metrics.ts';
import { phases } from '../../src/model/status.ts';
import { aStatus } from '../support/a-status.ts';
import { parseExposition } from '../support/exposition.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { makeMeteredWorld, resting } from '../support/metered-world.ts';

const noPhases = Object.fromEntries(phases.map((phase) => [`{phase=${phase}}`, 0]));
const ofAda = (more = '') => `{${more}workspace=ada}`;

test('a running workspace: each of its series with its value, and no other', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  w.hands.signals('ws-ada', { cores: 0.25 });
  await w.lookIdle();
  await w.clock.advance(10_000);
  await w.lookIdle();
  await w.clock.advance(5_000);
  await w.one();
  w.homes.set('ada', { value: 4096, atMs: w.clock.monotonic() - 3_600_000 });
  await w.clock.advance(1_500);
  const scraped = await w.scrape();
  const shown = Object.keys(workspaceFamilies).map((name) => [name, scraped(name as keyof Families)]);
  const age = (figure: string) => `{figure=${figure},workspace=ada}`;
  expect(Object.fromEntries(shown)).toEqual({
    workdock_workspaces: { ...noPhases, '{phase=Running}': 1 },
    workdock_workspaces_without_spec: { '': 0 },
    workdock_held_workspaces: { '{kind=removals}': 0, '{kind=disruptions}': 0 },
    workdock_workspace_info: { '{image=workdock-test:latest,owner=ada,workspace=ada}': 1 },
    workdock_workspace_phase: { [ofAda('phase=Running,')]: 1 },
    workdock_workspace_ready: { [ofAda()]: 1 },
    workdock_workspace_cpu_seconds_total: { [ofAda()]: 2.5 },
    workdock_workspace_cpu_limit_cores: { [ofAda()]: 0.5 },
    workdock_workspace_memory_bytes: { [ofAda()]: 2 ** 20 },
    workdock_workspace_memory_limit_bytes: { [ofAda()]: 256 * 2 ** 20 },
    workdock_workspace_quiet_seconds: { [ofAda()]: 0 },
    workdock_workspace_home_bytes: { [ofAda()]: 4096 },
    workdock_workspace_figure_age_seconds: { [age('memory')]: 1.5, [age('cpu')]: 6.5, [age('home')]: 3_601.5 },
    workdock_workspace_oom_kills_total: { [ofAda()]: 0 },
    workdock_workspace_restarts_total: Object.fromEntries(
      ['itself', 'person', 'controller', 'host'].map((cause) => [`{cause=${cause},workspace=ada}`, 0]),
    ),
  });
});

test('every family is told with its type and help, also before anything happened', async () => {
  const told = Object.entries(parseExposition(await makeMeteredWorld().text())).map(([name, { type, help }]) => [
    name,
    { type, help },
  ]);
  expect(told).toEqual(Object.entries(families).map(([name, { type, help }]) => [name, { type, help }]));
});

test('who is removed from the specs is gone from the metrics, and comes back with counters at 0', async () => {
  const w = makeMeteredWorld();
  w.declare();
  w.declare({ name: 'bob', owner: 'bob', home: { ...w.declare().home, place: { kind: 'folder', name: 'bob' } } });
  await w.settle();
  await w.settle('bob');
  w.homes.set('bob', { value: 1, atMs: 0 });
  w.hands.kill('ws-bob');
  await w.settle('bob');
  expect(await w.series('workdock_workspace_restarts_total')).toMatchObject({ '{cause=person,workspace=bob}': 1 });
  const declaration = w.declarations.get('bob')!;
  w.declarations.delete('bob');
  expect(await w.text()).not.toContain('bob');
  expect(await w.series('workdock_workspaces')).toEqual({ ...noPhases, '{phase=Running}': 1 });
  expect(await w.series('workdock_workspaces_without_spec')).toEqual({ '': 1 });
  await w.settle('bob');
  expect(await w.text(), 'although passes still look at it').not.toContain('bob');
  w.declarations.set('bob', declaration);
  await w.settle('bob');
  expect(await w.series('workdock_workspaces')).toEqual({ ...noPhases, '{phase=Running}': 2 });
  expect(await w.series('workdock_workspace_restarts_total')).toMatchObject({ '{cause=person,workspace=bob}': 0 });
});

test('a workspace that does not run has neither memory nor CPU; what it may use and its phase stay', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  await w.lookIdle();
  w.declare({ state: 'Stopped' });
  await w.settle();
  const scraped = await w.scrape();
  expect(scraped('workdock_workspace_memory_bytes')).toEqual({});
  expect(scraped('workdock_workspace_cpu_seconds_total')).toEqual({});
  expect(scraped('workdock_workspace_quiet_seconds')).toEqual({});
  expect(scraped('workdock_workspace_memory_limit_bytes')).toEqual({ [ofAda()]: 256 * 2 ** 20 });
  expect(scraped('workdock_workspace_phase')).toEqual({ [ofAda('phase=Stopped,')]: 1 });
  expect(scraped('workdock_workspace_ready')).toEqual({ [ofAda()]: 0 });
});

test('each restart is counted once, by what ended the run before; the first start is none', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  await w.one();
  const restarts = async () => Object.values(await w.series('workdock_workspace_restarts_total'));
  expect(await restarts()).toEqual([0, 0, 0, 0]);
  await w.clock.advance(60_000);
  w.hands.exit('ws-ada', 3);
  await w.clock.advance(1);
  await w.settle();
  expect(await restarts(), 'a crash').toEqual([1, 0, 0, 0]);
  await w.clock.advance(60_000);
  w.hands.rm('ws-ada');
  await w.settle();
  expect(await restarts(), 'removed by hand').toEqual([1, 1, 0, 0]);
  await w.clock.advance(1);
  w.declare({ image: { ref: 'other:1', pullPolicy: 'IfNotPresent' }, updatePolicy: 'Now' });
  await w.settle();
  expect(await restarts(), 'an update').toEqual([1, 1, 1, 0]);
  await w.one();
  expect(await restarts()).toEqual([1, 1, 1, 0]);
});

/** Those that are not 0. */
const drift = async (w: ReturnType<typeof makeMeteredWorld>) =>
  Object.fromEntries(Object.entries(await w.series('workdock_drift_total')).filter(([, count]) => count > 0));

test('drift is counted once, when it is healed or when it is left, and by kinds that users cannot add to', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  const series = Object.keys(await w.series('workdock_drift_total'));
  expect(await drift(w)).toEqual({});
  w.hands.update('ws-ada', 2 ** 20);
  await w.settle();
  await w.one();
  expect(await drift(w)).toEqual({ '{field=resources,outcome=healed}': 1 });
  w.hands.kill('ws-ada');
  await w.settle();
  w.hands.rm('ws-ada');
  w.engine.reachable = false;
  await w.one();
  await w.one();
  expect(await drift(w), 'nothing is known').not.toHaveProperty('{field=container,outcome=healed}');
  w.engine.reachable = true;
  await w.settle();
  const healed = {
    ...{ '{field=resources,outcome=healed}': 1, '{field=state,outcome=healed}': 1 },
    '{field=container,outcome=healed}': 1,
  };
  expect(await drift(w)).toEqual(healed);
  w.declare({ drift: 'Report' });
  await w.settle();
  w.hands.update('ws-ada', 2 ** 20);
  for (let looks = 0; looks < 3; looks += 1) await w.one();
  expect(await drift(w)).toEqual({ ...healed, '{field=resources,outcome=reported}': 1 });
  w.declare({ env: { 'any.thing': 'else' } });
  await w.settle();
  expect(Object.keys(await w.series('workdock_drift_total'))).toEqual(series);
  expect((await drift(w))['{field=resources,outcome=healed}'], 'now that it may be').toBe(2);
  w.declare({ driftIgnore: ['resources.memory'] });
  await w.settle();
  w.hands.update('ws-ada', 2 ** 21);
  for (let looks = 0; looks < 3; looks += 1) await w.one();
  expect((await drift(w))['{field=resources,outcome=ignored}']).toBe(1);
});

test('OOM kills are summed over runs', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  w.container()!.oomKills = 2;
  await w.one();
  await w.one();
  expect(await w.series('workdock_workspace_oom_kills_total')).toEqual({ [ofAda()]: 2 });
  w.hands.exit('ws-ada', 1);
  await w.settle();
  w.container()!.oomKills = 1;
  await w.one();
  expect(await w.series('workdock_workspace_oom_kills_total')).toEqual({ [ofAda()]: 3 });
});

test('a scrape asks nobody: the engine may be away, and no call is made', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  const before = await w.series('workdock_engine_calls_total');
  w.engine.reachable = false;
  w.engine.calls.splice(0);
  for (let i = 0; i < 3; i += 1) {
    const now = await w.scrape();
    expect(now('workdock_engine_calls_total')).toEqual(before);
    expect(now('workdock_workspace_memory_bytes')).toEqual({ [ofAda()]: 2 ** 20 });
  }
  expect(w.engine.calls).toEqual([]);
});

test('engine calls are counted and timed by verb and result', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  const calls = await w.series('workdock_engine_calls_total');
  expect(calls).toMatchObject({ '{result=success,verb=create}': 1, '{result=success,verb=start}': 1 });
  expect(calls['{result=ENGINE_UNREACHABLE,verb=observe}'], 'there before it happens').toBe(0);
  w.engine.reachable = false;
  await w.one();
  const scraped = await w.scrape();
  const looks = scraped('workdock_engine_calls_total');
  // The pass that fails looks once more, at the containers alone.
  expect(looks['{result=ENGINE_UNREACHABLE,verb=observe}']).toBe(1);
  const timed = scraped('workdock_engine_call_duration_seconds');
  expect(timed['count{result=ENGINE_UNREACHABLE,verb=observe}']).toBe(1);
  expect(timed['count{result=success,verb=observe}']).toBe(looks['{result=success,verb=observe}']);
  expect(timed['bucket{le=+Inf,result=success,verb=start}']).toBe(1);
});

test('text of others cannot break a line: quotes, backslashes and line feeds in a label', async () => {
  const clock = makeFakeClock();
  const owner = 'a"} 1\nevil{x="\\';
  const text = await makeMetrics(clock).scrape({
    ...{
      parallel: 1,
      loop: () => resting,
      engineAges: () => ({ listMs: 0, streamMs: 0 }),
      declared: () => ['ada'],
      known: () => [],
    },
    summary: () => ({ controller: { version: '1', instance: 'lab', startedAt: '2026-01-01T00:00:00Z' }, host: noHost }),
    status: () => aStatus('ada', { owner }),
    ...{ cpuSeconds: () => undefined, quietSeconds: () => undefined, homeBytes: () => undefined, held: () => [] },
  });
  const [key] = Object.keys(parseExposition(text)['workdock_workspace_info']!.series);
  expect(key).toBe(`{image=workdock-test:latest,owner=${'a\\"} 1\\nevil{x=\\"\\\\'},workspace=ada}`);
});
const noHost = { conditions: [] };

test('conditions of the host: one of three statuses is 1', async () => {
  const w = makeMeteredWorld();
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const unknown = { type: 'EngineReachable', status: 'Unknown', reason: 'X', message: '', lastTransitionTime } as const;
  w.parts().status.setHost({ conditions: [unknown] });
  expect(await w.series('workdock_host_condition')).toEqual({
    '{condition=EngineReachable,status=true}': 0,
    '{condition=EngineReachable,status=false}': 0,
    '{condition=EngineReachable,status=unknown}': 1,
  });
  expect(await w.series('workdock_build_info')).toEqual({ '{instance_name=test,version=0}': 1 });
});

test('the parser of these tests takes no line that Prometheus would refuse', () => {
  const head = '# HELP a x\n# TYPE a counter\n';
  expect(parseExposition(`${head}a{b="c"} 1\n`)).toEqual({ a: { help: 'x', type: 'counter', series: { '{b=c}': 1 } } });
  for (const bad of ['a{b="c"} 1\na{b="c"} 2', 'b 1', 'a x', 'a{b=c} 1', 'a{b="c} 1', 'a{b="c"}1', head + head]) {
    expect(() => parseExposition(`${head}${bad}\n`), bad).toThrow();
  }
});

test('how long it has been quiet is that of the last look', async () => {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  await w.lookIdle();
  for (let looks = 0; looks < 3; looks += 1) {
    await w.clock.advance(10_000);
    await w.lookIdle();
  }
  const quiet = w.status()?.verdict && w.idleWatch().sampler.entry('ada')?.verdict?.quietMs;
  expect(quiet).toBeGreaterThan(0);
  expect(await w.series('workdock_workspace_quiet_seconds')).toEqual({ [ofAda()]: (quiet ?? 0) / 1_000 });
});

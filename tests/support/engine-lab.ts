import { afterAll, onTestFinished } from 'vitest';
import type { HostConditionType } from '../../src/model/conditions.ts';
import { type Controller, type Lab, openLab, workspaceYaml } from './lab.ts';
import { randomSubnet } from './prefix.ts';
import { openPrivateEngine, type PrivateEngine, type PrivateEngineOptions } from './private-engine.ts';
import { openSocketProxy } from './socket-proxy.ts';
import { until } from './until.ts';

export const hostCondition = (lab: Lab, type: HostConditionType) =>
  lab.summary().host.conditions.find((condition) => condition.type === type);

/** One engine for all tests of a file, started by the first: to start one and to load its image takes seconds. */
export function shareEngine(options: PrivateEngineOptions = {}): () => Promise<PrivateEngine> {
  let engine: Promise<PrivateEngine> | undefined;
  afterAll(async () => (await engine)?.dispose(), 120_000);
  return () => {
    engine ??= openPrivateEngine(options);
    return engine;
  };
}

/**
 * A lab on an engine that may be killed: its controllers run in the engine's network namespace, and everything of this
 * test process that speaks to an engine speaks to this one.
 */
export async function makeEngineLab(engine: PrivateEngine, more = '') {
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = engine.host;
  const proxy = await openSocketProxy(engine.socketPath);
  const lab = openLab(`resync: 5s\nnetwork: {subnet: ${randomSubnet().subnet}}\n${more}`, { DOCKER_HOST: proxy.host });
  const controllers: Controller[] = [];
  onTestFinished(async () => {
    await Promise.all(controllers.map((controller) => controller.kill('SIGKILL')));
    await proxy.close();
    await engine.revive();
    await lab.dispose();
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  }, 120_000);

  const names = (count: number) => Array.from({ length: count }, (_, i) => `user-${i}`);
  return {
    ...lab,
    engine,
    /** Between the controller and its engine. */
    proxy,
    /** Awaited until it answers unless told otherwise. */
    up: async (how: { ready?: boolean; wrapper?: string[] } = {}) => {
      const controller = await lab.up({ wrapper: engine.wrapper, ...how });
      controllers.push(controller);
      return controller;
    },
    /** Writes so many specs and waits until all run. */
    fill: async (count: number, spec: string[] = []) => {
      for (const name of names(count)) lab.write(`${name}.yaml`, workspaceYaml(name, spec));
      await Promise.all(names(count).map((name) => lab.phase(name, 'Running', 60_000)));
      return names(count);
    },
    /** Until the status is that of the controller started last, and not of one before. */
    untilController: () =>
      until(() => lab.summary().controller.pid === controllers.at(-1)?.pid, { deadlineMs: 30_000 }),
    host: (type: HostConditionType) => hostCondition(lab, type),
    untilHost: (type: HostConditionType, status: string, deadlineMs = 30_000) =>
      until(() => hostCondition(lab, type)?.status === status, {
        deadlineMs,
        what: () => JSON.stringify(lab.summary().host, null, 1),
      }),
    /** All containers of ours on the engine: name to id, state and last start, to be compared. */
    containers: async () => {
      const all = await Promise.all((await lab.mine()).map(({ Id }) => lab.docker.getContainer(Id).inspect()));
      const rows = all.map(({ Id, Name, State }) => [
        Name.slice(1 + lab.prefix.length),
        { id: Id, running: State.Running, startedAt: State.StartedAt },
      ]);
      return Object.fromEntries(rows) as Record<string, { id: string; running: boolean; startedAt: string }>;
    },
  };
}

export type EngineLab = Awaited<ReturnType<typeof makeEngineLab>>;

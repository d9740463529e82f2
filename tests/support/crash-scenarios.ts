import type { ContainerInspectInfo } from 'dockerode';
import { makeClient } from '../../src/client/client.ts';
import type { Phase } from '../../src/model/status.ts';
import { type Lab, workspaceYaml } from './lab.ts';
import { until } from './until.ts';

/** What the engine and the status must show in the end, whenever the controller was killed. */
export type End = {
  phase: Phase;
  /** Containers that the change makes, over all controllers' lives. */
  created: number;
  /** Containers there are in the end: two only for a replacement at rest (ADR 0010). */
  containers: number;
  /** The container that was there before is there again, or still. */
  keepsId: boolean;
  isSo: (current: ContainerInspectInfo, lab: Lab) => boolean;
};

/** A change that takes one or more calls of the engine. */
export type Scenario = {
  name: string;
  /** Lines under `spec:` before the change. */
  spec: string[];
  /** The change begins with the start of the controller, not after it. */
  startsWithChange?: boolean;
  /** Between Running and the change; its calls are not counted. */
  prepare?: (lab: Lab) => Promise<unknown>;
  change: (lab: Lab) => Promise<unknown>;
  end: End;
};

const write = (lab: Lab, spec: string[]) => lab.write('ada.yaml', workspaceYaml('ada', spec));
const isBlue = ({ Config }: ContainerInspectInfo) => Config.Env.includes('COLOUR=blue');
const isRunning = ({ State }: ContainerInspectInfo) => State.Running && !State.Paused;
const updateOf = (lab: Lab) => lab.status('ada')?.update?.outcome;
const pending = (lab: Lab) =>
  until(() => lab.condition('ada', 'UpdatePending')?.status === 'True', { deadlineMs: 20_000 });

const running = { phase: 'Running', created: 0, containers: 1, keepsId: true, isSo: isRunning } as const;
const replaced: End = { ...running, created: 1, keepsId: false, isSo: (c) => isRunning(c) && isBlue(c) };
const blue = ['env: {COLOUR: blue}'];
const now = ['updatePolicy: Now'];

export const scenarios: Scenario[] = [
  {
    name: 'a new workspace',
    spec: [],
    startsWithChange: true,
    change: async () => undefined,
    end: { ...running, created: 1, keepsId: false },
  },
  {
    name: 'a replacement with updatePolicy Now',
    spec: now,
    change: async (lab) => write(lab, [...now, ...blue]),
    end: replaced,
  },
  {
    name: 'a restart that applies an update',
    spec: [],
    prepare: async (lab) => {
      write(lab, blue);
      await pending(lab);
    },
    change: (lab) => lab.cli('restart', 'ada'),
    end: replaced,
  },
  {
    name: 'a stop that applies an update',
    spec: [],
    prepare: async (lab) => {
      write(lab, blue);
      await pending(lab);
    },
    change: (lab) => lab.cli('stop', 'ada'),
    end: { phase: 'Held', created: 1, containers: 2, keepsId: false, isSo: (c) => !c.State.Running && isBlue(c) },
  },
  {
    name: 'a live update',
    spec: [],
    change: async (lab) => write(lab, ['resources: {memory: 256Mi}']),
    end: { ...running, isSo: (c) => isRunning(c) && c.HostConfig.Memory === 2 ** 28 },
  },
  {
    name: 'a stop',
    spec: [],
    change: (lab) => lab.cli('stop', 'ada'),
    end: { ...running, phase: 'Held', isSo: (c) => c.State.Status === 'exited' },
  },
  {
    name: 'a roll-back',
    spec: now,
    change: async (lab) => write(lab, [...now, 'command: [/does/not/exist]']),
    end: {
      ...running,
      created: 1,
      isSo: (c, lab) => isRunning(c) && lab.condition('ada', 'Degraded')?.reason === 'RolledBack',
    },
  },
  {
    name: 'an update in turn',
    spec: [],
    prepare: async (lab) => {
      write(lab, blue);
      await pending(lab);
    },
    change: (lab) => makeClient({ state: lab.state }).update('ada', 60_000),
    end: { ...replaced, isSo: (c, lab) => isRunning(c) && isBlue(c) && updateOf(lab) === 'updated' },
  },
  {
    name: 'an update in turn that is put back',
    spec: [],
    prepare: async (lab) => {
      write(lab, ['command: [sh, -c, "exit 3"]']);
      await pending(lab);
    },
    change: (lab) => makeClient({ state: lab.state }).update('ada', 60_000),
    end: { ...running, created: 1, isSo: (c, lab) => isRunning(c) && updateOf(lab) === 'putBack' },
  },
  {
    name: 'a renamed container',
    spec: [],
    change: (lab) => lab.container('ada').rename({ name: `${lab.prefix}somebody` }),
    end: running,
  },
  {
    name: 'a container cut off from its network',
    spec: [],
    change: (lab) =>
      lab.docker.getNetwork(`${lab.prefix}net`).disconnect({ Container: `${lab.prefix}ada`, Force: true }),
    end: { ...running, isSo: (c, lab) => isRunning(c) && `${lab.prefix}net` in c.NetworkSettings.Networks },
  },
];

export const begin = (lab: Lab, { spec }: Scenario): void => write(lab, spec);

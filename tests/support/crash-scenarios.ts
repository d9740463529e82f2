import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { makeClient } from '../../src/client/client.ts';
import type { Phase } from '../../src/model/status.ts';
import { type Lab, workspaceYaml } from './lab.ts';
import { until } from './until.ts';

/** What the engine and the status must show in the end, whenever the controller was killed. */
export type End = {
  /** Null: nothing is told of it any more. */
  phase: Phase | null;
  /** Containers that the change makes, over all controllers' lives. */
  created: number;
  /** Containers there are in the end: two only for a replacement at rest (ADR 0010). */
  containers: number;
  /** The container that was there before is there again, or still. */
  keepsId: boolean;
  isSo: (current: ContainerInspectInfo, lab: Lab) => boolean;
  /** What must be so besides, where there is no container to look at. */
  isThere?: (lab: Lab) => boolean;
  /** What it is called then; `ada` unless told. */
  name?: string;
  /** Where its home lies then, below the data folder; `users/ada` unless told. */
  home?: 'trash';
};

/** A change that takes one or more calls of the engine. */
export type Scenario = {
  name: string;
  /** Lines under `spec:` before the change. */
  spec: string[];
  /** Lines of the config. */
  config?: string;
  /** The change begins with the start of the controller, not after it. */
  startsWithChange?: boolean;
  /** Between Running and the change; its calls are not counted. */
  prepare?: (lab: Lab) => Promise<unknown>;
  /** A person whose verb gets no answer asks again. */
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
const gone: End = { phase: null, created: 0, containers: 0, keepsId: false, isSo: () => true };
const soon = 'deletion: {grace: 1s, removeAfter: 1s}\n';
const trashed = ['deletionPolicy: Trash'];
const removed = async (lab: Lab) => {
  lab.remove('ada.yaml');
  await until(() => lab.status('ada') === undefined, { deadlineMs: 30_000 });
};
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
    name: 'an idle stop',
    spec: ['idle: {timeout: 1h}'],
    config: 'idle: {interval: 1s}\n',
    change: async (lab) => write(lab, ['idle: {timeout: 3s}']),
    end: { ...running, phase: 'Resting', isSo: (c) => c.State.Status === 'exited' },
  },
  {
    name: 'a removal',
    spec: [],
    config: soon,
    change: async (lab) => lab.remove('ada.yaml'),
    end: gone,
  },
  {
    name: 'a removal to the trash',
    spec: trashed,
    config: soon,
    change: async (lab) => lab.remove('ada.yaml'),
    end: { ...gone, home: 'trash' },
  },
  {
    name: 'a restore from the trash',
    spec: trashed,
    config: soon,
    prepare: removed,
    change: (lab) => lab.cli('home', 'restore', 'ada'),
    end: { ...gone, isThere: (lab) => existsSync(join(lab.data, 'users', 'ada')) },
  },
  {
    name: 'a rename',
    spec: [],
    change: async (lab) => {
      lab.write('eva.yaml', workspaceYaml('eva', [], 'ada').replace('name: eva}', 'name: eva, renamedFrom: ada}'));
      lab.remove('ada.yaml');
    },
    end: { ...running, name: 'eva' },
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

import type { Summary, WorkspaceStatus } from '../../src/model/status.ts';

/** A running workspace's status, with what the test is about put over it. */
export const aStatus = (name: string, rest: Partial<WorkspaceStatus> = {}): WorkspaceStatus => ({
  schemaVersion: 1,
  name,
  owner: name,
  labels: {},
  generation: 1,
  observedGeneration: 1,
  phase: 'Running',
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Running',
      message: 'runs',
      lastTransitionTime: '2026-01-01T00:00:00.000Z',
      observedGeneration: 1,
    },
  ],
  container: {
    id: 'a'.repeat(64),
    name: `ws-${name}`,
    image: 'workdock-test:latest',
    imageId: 'sha256:0',
    hash: 'v1:0',
  },
  pending: [],
  drift: [],
  plan: [],
  last: { trigger: 'spec changed', because: 'spec.state Running' },
  message: 'runs',
  since: '2026-01-01T00:00:00.000Z',
  ...rest,
});

export const aController: Summary['controller'] = {
  pid: 1,
  version: '0.1.0',
  instance: 'test',
  uid: '0011223344556677',
  startedAt: '2026-01-01T00:00:00.000Z',
  socket: '/state/workdock.sock',
  specs: ['/specs'],
  data: '/data',
};

import { expect, test } from 'vitest';
import type { Desired, Origins } from '../../src/model/desired.ts';
import { fit } from '../../src/reconcilers/workspace/fit.ts';
import { aDesired } from '../support/fitted.ts';

const GiB = 2 ** 30;
const host = {
  ...{ engine: 'fake', apiVersion: '1.41', cpus: 2, memoryBytes: 4 * GiB, cgroupVersion: 1 as const },
  ...{ liveRestore: false, warnings: [] },
};
const allotment = {
  identity: { uid: 20_001, gid: 20_001, groups: [2_002] },
  ...{ homeSource: '/data/users/ada', networkName: 'ws-net', address: '10.99.0.2', envFromDigest: 'd' },
};
const large = { limits: { nanoCpus: 8e9, memoryBytes: 8 * GiB, pids: 512 } };
const fitted = (over: Partial<Desired> = {}, more: Partial<typeof allotment> = {}) => {
  const outcome = fit(aDesired(over), {}, host, { ...allotment, ...more });
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.fitted;
};

test.each(['built-in', 'config', undefined])(
  'what is more than the host has is clamped when it comes from %s',
  (from) => {
    const origins: Origins = from ? { 'spec.resources.cpu': from, 'spec.resources.memory': from } : {};
    const outcome = fit(aDesired(large), origins, host, allotment);
    expect(outcome).toMatchObject({
      ok: true,
      fitted: {
        limits: { nanoCpus: 2e9, memoryBytes: 4 * GiB, pids: 512 },
        clamps: [
          { field: 'resources.cpu', wanted: 8e9, given: 2e9 },
          { field: 'resources.memory', message: 'resources.memory 8Gi is more than this host has (4Gi)' },
        ],
      },
    });
  },
);

test('what a file says and the host cannot give is refused, with the place to change it', () => {
  const origins = { 'spec.resources.cpu': 'config', 'spec.resources.memory': 'ada.yaml:9' };
  expect(fit(aDesired(large), origins, host, allotment)).toEqual({
    ok: false,
    message: 'resources.memory 8Gi is more than this host has (4Gi); lower it in ada.yaml:9',
  });
});

test('what the host has to the last byte fits', () => {
  expect(fitted({ limits: { nanoCpus: 2e9, memoryBytes: 4 * GiB, pids: 1 } }).clamps).toEqual([]);
});

test('without a network there is neither name nor address', () => {
  expect(fitted({ network: { mode: 'none', allow: [] } })).toMatchObject({ networkName: null, address: null });
  expect(fitted()).toMatchObject({ networkName: 'ws-net', address: '10.99.0.2' });
});

type Change = [field: string, over: Partial<Desired>];
const recreate: Change[] = [
  ['image.ref', { image: { ref: 'other:1', pullPolicy: 'IfNotPresent' } }],
  ['command', { command: { kind: 'Argv', argv: ['jupyter', 'lab'] } }],
  ['owner', { owner: 'bea' }],
  ['env', { env: { TZ: 'UTC' } }],
  ['envFrom', { envFrom: ['ada.env'] }],
  ['user.groups', { groups: [3_003] }],
  ['resources.shm', { shmBytes: 1 }],
  ['storage.home.mountPath', { home: { ...aDesired().home, mountPath: '/work' } }],
  ['storage.mounts', { mounts: [{ source: '/data', target: '/data', readOnly: true }] }],
  ['security.profile', { security: { profile: 'sudo' } }],
];
const live: Change[] = [
  ['resources', large],
  ['network', { network: { mode: 'none', allow: [] } }],
  ['labels', { labels: { lab: 'neuro' } }],
  ['state', { state: 'Stopped' }],
  ['image.pullPolicy', { image: { ...aDesired().image, pullPolicy: 'Always' } }],
  ['stopGracePeriod', { stopGraceSeconds: 99 }],
  ['restart', { restartPolicy: 'Always' }],
  ['updatePolicy', { updatePolicy: 'Now' }],
  ['drift', { drift: 'Report' }],
  ['suspend', { suspend: true }],
  ['template', { template: 'neuro' }],
  ['storage.home.shared', { home: { ...aDesired().home, shared: true } }],
];

test.each(recreate)('%s takes a new container: another hash', (_, over) => {
  expect(fitted(over).hash).not.toBe(fitted().hash);
});

test.each(live)('%s takes no new container: the same hash', (_, over) => {
  expect(fitted(over).hash).toBe(fitted().hash);
});

test('a mount that is no longer read-only, other numbers of the owner, other secrets: another hash each', () => {
  const mount = { source: '/data', target: '/data', readOnly: true };
  expect(fitted({ mounts: [mount] }).hash).not.toBe(fitted({ mounts: [{ ...mount, readOnly: false }] }).hash);
  expect(fitted({}, { identity: { uid: 7, gid: 7, groups: [] } }).hash).not.toBe(fitted().hash);
  const secrets = { envFrom: ['ada.env'] };
  expect(fitted(secrets, { envFromDigest: 'e' }).hash).not.toBe(fitted(secrets).hash);
});

test('the order of keys and groups changes nothing', () => {
  expect(fitted({ env: { A: '1', B: '2' } }).hash).toBe(fitted({ env: { B: '2', A: '1' } }).hash);
  expect(fitted({ groups: [5, 6] }).hash).toBe(fitted({ groups: [6, 5, 6] }).hash);
});

test('the hash of version 1 is frozen: an upgrade recreates nobody', () => {
  expect(fitted().hash).toBe('v1:8b8c950cb507529e99652457');
});

import type { ContainerInspectInfo } from 'dockerode';
import { expect, test } from 'vitest';
import { makeForeign } from '../../src/runtime/docker/foreign.ts';
import { aFitted } from '../support/fitted.ts';

const OWN = 'this-instance';
const VOLUME = 'f'.repeat(64);

type Over = {
  labels?: Record<string, string>;
  host?: Record<string, unknown>;
  config?: Record<string, unknown>;
  mounts?: Record<string, unknown>[];
};

const mount = (Destination: string, more: Record<string, unknown> = {}) => ({
  ...{ Type: 'bind', Source: '/data/users/ada', Destination, RW: true },
  ...more,
});

function factsOf({ labels = {}, host = {}, config = {}, mounts = [] }: Over, fitted = aFitted()) {
  const look = makeForeign({
    instanceUid: OWN,
    images: { defaults: async () => ({ env: ['PATH=/bin'], command: ['tini', 'run'] }) },
  });
  const info = {
    ...{ Id: 'c'.repeat(64), Image: 'sha256:x', State: { Status: 'running' }, Mounts: mounts },
    Config: { Image: 'their:1', Env: ['PATH=/bin', 'A=b=c', 'EMPTY='], Entrypoint: ['tini'], Cmd: ['run'], ...config },
    HostConfig: { ShmSize: 64, ...host },
  } as unknown as ContainerInspectInfo;
  info.Config.Labels = labels;
  return look(info, fitted);
}

test.each<[Record<string, string>, unknown]>([
  [{}, undefined],
  [{ 'org.opencontainers.image.title': 'theirs' }, undefined],
  [
    { 'dev.workdock.instance': OWN, 'dev.workdock.name': 'ada' },
    { by: 'copy', of: 'ada' },
  ],
  [{ 'dev.workdock.instance': 'other' }, { by: 'instance', of: 'other' }],
  [{ 'com.docker.compose.project': 'hub' }, { by: 'compose', of: 'hub' }],
  [
    { 'com.docker.swarm.task.id': 't1', 'com.docker.swarm.service.name': 'lab' },
    { by: 'swarm', of: 'lab' },
  ],
  [{ 'io.kubernetes.pod.name': 'lab-0' }, { by: 'kubernetes', of: 'lab-0' }],
])('by its labels %o it is %o', async (labels, claim) => {
  expect((await factsOf({ labels })).claim).toEqual(claim);
});

test('the home is what is mounted at its very place, and nothing above, below or beside', async () => {
  const home = async (...mounts: Record<string, unknown>[]) => (await factsOf({ mounts })).home;
  const fits = { source: '/data/users/ada', fits: true, readOnly: false };
  expect(await home()).toBeUndefined();
  expect(await home(mount('/home'), mount('/home/user/work'))).toBeUndefined();
  expect(await home(mount('/x'), mount('/home/user/'))).toEqual(fits);
  expect(await home(mount('/home/user', { RW: false }))).toEqual({ ...fits, readOnly: true });
  expect(await home(mount('/home/user', { Source: '/data/users' }))).toMatchObject({ fits: false });
  expect(await home(mount('/home/user', { Type: 'volume', Name: VOLUME }))).toMatchObject({
    ...{ source: 'volume ffffffffffff', fits: false },
  });
  const volume = { kind: 'volume' as const, volume: 'ada' };
  const fitted = aFitted({ homeSource: 'ada', home: { place: volume, mountPath: '/home/user', shared: false } });
  const mounts = [mount('/home/user', { Type: 'volume', Name: 'ada' })];
  expect((await factsOf({ mounts }, fitted)).home).toEqual({ source: 'volume ada', fits: true, readOnly: false });
  expect((await factsOf({ mounts: [mount('/home/user', { Source: 'ada' })] }, fitted)).home?.fits).toBe(false);
});

test('what it was made with, in the words of a spec, and what has no word there', async () => {
  const plain = await factsOf({});
  expect(plain).toMatchObject({ state: 'running', autoRemove: false, env: { A: 'b=c', EMPTY: '' } });
  expect(plain.env).not.toHaveProperty('PATH');
  expect(plain.fields).toEqual({
    ...{ image: 'their:1', command: 'Image', user: 'root', 'user.groups': '', 'storage.mounts': '' },
    ...{ 'resources.shm': '64', 'security.profile': 'of the engine' },
  });
  const binding = [{ HostIp: '127.0.0.1', HostPort: '8000' }, { HostPort: '' }];
  const much = await factsOf({
    config: { Cmd: ['sleep', '1'], User: 'jovyan' },
    host: {
      ...{ AutoRemove: true, Privileged: true, CapAdd: ['SYS_ADMIN'], PidMode: 'host', GroupAdd: ['27'] },
      ...{ PortBindings: { '8888/tcp': binding }, Devices: [{ PathOnHost: '/dev/fuse' }], DeviceRequests: [{}] },
    },
    mounts: [mount('/data', { RW: false }), mount('/scratch', { Type: 'volume', Name: VOLUME })],
  });
  expect(much.autoRemove).toBe(true);
  expect(much.fields).toMatchObject({
    ...{ command: '["tini","sleep","1"]', user: 'jovyan', 'user.groups': '27' },
    'storage.mounts': '/data/users/ada:/data:ro volume ffffffffffff:/scratch',
    ports: '127.0.0.1:8000->8888/tcp any->8888/tcp',
    privileges: 'privileged +SYS_ADMIN pid of the host device /dev/fuse device request gpu',
  });
  const host = { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] };
  expect((await factsOf({ host })).fields['security.profile']).toBe('restricted');
  expect((await factsOf({ host: { ...host, Privileged: true } })).fields['security.profile']).toBe('of the engine');
});

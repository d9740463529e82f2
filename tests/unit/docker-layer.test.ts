import { expect, test } from 'vitest';
import { writtenIn } from '../../src/runtime/docker/layer.ts';

const [changed, added, removed] = [0, 1, 2] as const;
const line = (Path: string, Kind: 0 | 1 | 2) => ({ Path, Kind });
/** Measured on Docker 20.10.24: a workspace with a mount on /data/deep/shared that was only started. */
const fresh = [
  ...[line('/data', added), line('/data/deep', added), line('/data/deep/shared', added)],
  ...[line('/etc', changed), line('/etc/passwd', changed), line('/etc/group', changed)],
  ...[line('/usr', changed), line('/usr/sbin', changed), line('/usr/sbin/docker-init', added)],
];
const mounts = ['/home/user', '/data/deep/shared'];

test('a container that was only started holds nothing of its own', () => {
  expect(writtenIn(fresh, mounts)).toEqual([]);
  expect(writtenIn([], mounts)).toEqual([]);
});

test('a new folder stands for all in it; folders that only lead somewhere are not named', () => {
  const more = [
    ...[line('/opt', changed), line('/opt/tool', added), line('/opt/tool/bin', added), line('/opt/tool/bin/x', added)],
    ...[line('/etc/profile', changed), line('/etc/shells', removed), line('/opt/toolbox', added)],
  ];
  expect(writtenIn([...fresh, ...more], mounts)).toEqual([
    { path: '/etc/profile', kind: 'changed' },
    { path: '/etc/shells', kind: 'removed' },
    { path: '/opt/tool', kind: 'added' },
    { path: '/opt/toolbox', kind: 'added' },
  ]);
});

test('what somebody put beside a mount in a folder that was made for it is theirs', () => {
  expect(writtenIn([...fresh, line('/data/mine', added)], mounts)).toEqual([{ path: '/data/mine', kind: 'added' }]);
});

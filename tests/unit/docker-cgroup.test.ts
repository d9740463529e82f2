import { expect, test } from 'vitest';
import { memoryCgroup, readMemory } from '../../src/runtime/docker/cgroup.ts';
import { recordedTree } from '../support/tree.ts';

const id = 'c0ffee'.repeat(10).padEnd(64, '0');

test('version 1: kills and working set of a container', async () => {
  const group = `cgroup/memory/docker/${id}`;
  const roots = recordedTree({
    'proc/42/cgroup': `12:pids:/docker/${id}\n9:memory:/docker/${id}\n4:cpu,cpuacct:/docker/${id}\n0::/\n`,
    [`${group}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    [`${group}/memory.usage_in_bytes`]: '104857600\n',
    [`${group}/memory.stat`]: 'cache 4096\ninactive_file 1\ntotal_cache 8192\ntotal_inactive_file 4857600\n',
  });
  expect(await readMemory(42, roots)).toEqual({ oomKills: 3, memoryInUseBytes: 100_000_000 });
});

test('version 2: the same, with the scope names of systemd', async () => {
  const scope = `system.slice/docker-${id}.scope`;
  const roots = recordedTree({
    'proc/42/cgroup': `0::/${scope}\n`,
    [`cgroup/${scope}/memory.events`]: 'low 0\nhigh 0\nmax 17\noom 2\noom_kill 2\noom_group_kill 0\n',
    [`cgroup/${scope}/memory.current`]: '52428800\n',
    [`cgroup/${scope}/memory.stat`]: 'anon 40000000\nfile 12000000\ninactive_file 2428800\nactive_file 1\n',
  });
  expect(await readMemory(42, roots)).toEqual({ oomKills: 2, memoryInUseBytes: 50_000_000 });
});

test('a process that is gone, or files that cannot be read, say nothing', async () => {
  const roots = recordedTree({ 'proc/42/cgroup': `0::/docker/${id}\n`, 'proc/43/cgroup': 'nonsense' });
  expect([await readMemory(42, roots), await readMemory(43, roots), await readMemory(44, roots)]).toEqual([{}, {}, {}]);
});

test('in hybrid mode version 1 is the one that counts memory', () => {
  expect(memoryCgroup('9:memory:/a\n1:name=systemd:/b\n0::/c\n')).toEqual({ version: 1, path: 'memory/a' });
  expect(memoryCgroup('1:name=systemd:/b\n0::/c\n')).toEqual({ version: 2, path: '/c' });
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { networkBytes } from '../../src/runtime/docker/signals/network.ts';
import { makeSignals } from '../../src/runtime/docker/signals/signals.ts';
import { recordedTree } from '../support/tree.ts';

const id = 'c0ffee'.repeat(10).padEnd(64, '0');
const container = { id, pid: 42 };
const scope = `system.slice/docker-${id}.scope`;

const heading = 'Inter-|   Receive |  Transmit\n face |bytes packets errs (…)|bytes packets errs (…)\n';
const netDev = `${heading}  lo:  500000     100    0    0    0     0 0 0 500000 100    0    0    0     0  0  0
  eth0: 1000       9    0    0    0     0          0         0     234       5    0    0    0     0  0  0
`;
/** What every version has alike. No terminal: a device cannot be recorded in a file. */
const common = { 'proc/42/net/dev': netDev, 'proc/42/root/dev/pts/ptmx': '' };

const trees = {
  'version 1, cpu and cpuacct apart': {
    'proc/42/cgroup': `9:memory:/docker/${id}\n2:cpuacct:/docker/${id}\n1:cpu:/docker/${id}\n0::/docker/${id}\n`,
    [`cgroup/cpuacct/docker/${id}/cpuacct.usage`]: '123456789000\n',
  },
  'version 1, cpu and cpuacct as one, without the short link': {
    'proc/42/cgroup': `4:cpu,cpuacct:/docker/${id}\n`,
    [`cgroup/cpu,cpuacct/docker/${id}/cpuacct.usage`]: '123456789000\n',
  },
  'hybrid: version 1 counts': {
    'proc/42/cgroup': `4:cpu,cpuacct:/docker/${id}\n1:name=systemd:/docker/${id}\n0::/${scope}\n`,
    [`cgroup/cpuacct/docker/${id}/cpuacct.usage`]: '123456789000\n',
  },
  'hybrid: version 2 counts': {
    'proc/42/cgroup': `1:name=systemd:/docker/${id}\n0::/${scope}\n`,
    [`cgroup/unified/${scope}/cpu.stat`]: 'usage_usec 123456789\nuser_usec 1\nsystem_usec 2\n',
  },
  'version 2, driver systemd': {
    'proc/42/cgroup': `0::/${scope}\n`,
    [`cgroup/${scope}/cpu.stat`]: 'usage_usec 123456789\nuser_usec 1\nsystem_usec 2\nnr_periods 0\n',
  },
  'version 2, driver cgroupfs': {
    'proc/42/cgroup': `0::/docker/${id}\n`,
    [`cgroup/docker/${id}/cpu.stat`]: 'usage_usec 123456789\nuser_usec 1\nsystem_usec 2\n',
  },
};

test.each(Object.entries(trees))('%s', async (_, files) => {
  const { readSignals } = makeSignals({ roots: recordedTree({ ...common, ...files }), clock: systemClock });
  expect(await readSignals(container, { kernels: false })).toMatchObject({
    cpuNs: { ok: true, value: 123_456_789_000 },
    networkBytes: { ok: true, value: 1234 },
    terminals: { ok: true, value: [] },
  });
});

test('looks are whole milliseconds apart, so that nothing told of them has a long tail of digits', async () => {
  const clock = { ...systemClock, monotonic: () => 1234.56098200002 };
  const { readSignals } = makeSignals({ roots: recordedTree(common), clock });
  expect(await readSignals(container, { kernels: false })).toMatchObject({ atMs: 1234 });
});

test('without a network there is no traffic, and loopback is none', () => {
  expect(networkBytes(heading)).toBe(0);
  expect(networkBytes(netDev.split('\n').slice(0, 3).join('\n'))).toBe(0);
});

test('a name and its number of bytes may touch', () => {
  expect(networkBytes(`${heading}eth0:1000 9 0 0 0 0 0 0 234 5 0 0 0 0 0 0\n`)).toBe(1234);
});

test('what cannot be read says which file and why, and the rest is read', async () => {
  const roots = recordedTree({ ...common, ...trees['version 2, driver cgroupfs'] });
  rmSync(join(roots.cgroupRoot, 'docker'), { recursive: true });
  rmSync(join(roots.procRoot, '42/net'), { recursive: true });
  const readings = await makeSignals({ roots, clock: systemClock }).readSignals(container, { kernels: false });
  expect(readings).toMatchObject({ cpuNs: { ok: false }, networkBytes: { ok: false }, terminals: { ok: true } });
  expect(readings.cpuNs).toHaveProperty('message', expect.stringContaining(`docker/${id}/cpu.stat: it is not there`));
});

test.each([
  ['gone', 43, /43\/cgroup: it is not there, the container may have ended/],
  ["somebody else's by now", 44, /process 44 is not of this container/],
])('a process that is %s makes all unknown, and fails nothing', async (_, pid, why) => {
  const other = 'bad'.repeat(21).padEnd(64, '0');
  const roots = recordedTree({ ...common, 'proc/44/cgroup': `0::/docker/${other}\n`, 'proc/44/net/dev': netDev });
  const signals = makeSignals({ roots, clock: systemClock });
  const { cpuNs, networkBytes: network, terminals } = await signals.readSignals({ id, pid }, { kernels: false });
  for (const reading of [cpuNs, network, terminals]) {
    expect(reading).toEqual({ ok: false, message: expect.stringMatching(why) });
  }
  await expect(signals.processes({ id, pid })).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
  expect(await signals.tellTerminals({ id, pid }, 'hello')).toBe(0);
});

test('a number that is none is not zero', async () => {
  const files = { ...trees['version 2, driver cgroupfs'], [`cgroup/docker/${id}/cpu.stat`]: 'usage_usec \n' };
  const { readSignals } = makeSignals({ roots: recordedTree({ ...common, ...files }), clock: systemClock });
  expect((await readSignals(container, { kernels: false })).cpuNs).toMatchObject({ ok: false });
});

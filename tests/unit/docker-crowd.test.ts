import { expect, test } from 'vitest';
import { crowdOf, wantsCpu } from '../../src/runtime/docker/signals/crowd.ts';
import { recordedTree } from '../support/tree.ts';

test('a crowd is what wants to run for each CPU, now or on average of a minute', () => {
  expect(crowdOf('29.32 21.63 12.65 15/689 3991', 2)).toBeCloseTo(14.66);
  expect(crowdOf('0.50 0.60 0.70 9/689 3991', 2), 'it has only just begun').toBe(4.5);
  expect(crowdOf('', 2)).toBe(0);
});

const group = { version: 1 as const, folders: [] as string[] };
/** A container of two processes; the second has a thread in the given state. */
function wants(state: string, load: string): boolean {
  const stat = (name: string, letter: string) => `7 (${name}) ${letter} 1 7 7 0 -1 0`;
  const roots = recordedTree({
    'proc/loadavg': `${load} 1.00 1.00 1/100 4711\n`,
    'cgroup/own/cgroup.procs': '40\n41\n',
    'proc/40/task/40/stat': stat('sh', 'S'),
    'proc/41/task/41/stat': stat('a) R b', 'S'),
    'proc/41/task/42/stat': stat('worker', state),
  });
  return wantsCpu({ ...group, folders: [`${roots.cgroupRoot}/own`] }, roots, 2);
}

test('a thread that can run and does not is seen on a crowded host, and not asked for on a calm one', () => {
  expect(wants('R', '8.00')).toBe(true);
  expect(wants('S', '8.00')).toBe(false);
  expect(wants('D', '8.00')).toBe(false);
  expect(wants('R', '2.00')).toBe(false);
});

test('processes that end meanwhile, or a host without a load to read, are no reason', () => {
  const roots = recordedTree({ 'cgroup/own/cgroup.procs': '40\n', 'proc/version': '' });
  expect(wantsCpu({ ...group, folders: [`${roots.cgroupRoot}/own`] }, roots, 2)).toBe(false);
  const busy = recordedTree({ 'cgroup/own/cgroup.procs': '40\n', 'proc/loadavg': '9.00 1 1 1/2 3\n' });
  expect(wantsCpu({ ...group, folders: [`${busy.cgroupRoot}/own`] }, busy, 2)).toBe(false);
});

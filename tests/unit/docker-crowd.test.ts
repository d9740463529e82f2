import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crowdOf, makeWantsCpu } from '../../src/runtime/docker/signals/crowd.ts';
import { recordedTree } from '../support/tree.ts';

test('a crowd is what wants to run for each CPU, now or on average of a minute', () => {
  expect(crowdOf('29.32 21.63 12.65 15/689 3991', 2)).toBeCloseTo(14.66);
  expect(crowdOf('0.50 0.60 0.70 9/689 3991', 2), 'it has only just begun').toBe(4.5);
  expect(crowdOf('', 2)).toBe(0);
});

/** A container of two processes, the second with a worker thread, on a host with two CPUs and this load. */
function container(load: string) {
  const roots = recordedTree({
    'proc/loadavg': '',
    'cgroup/own/cgroup.procs': '40\n41\n43\n',
    'proc/40/task/40/schedstat': '5000000 7000000 9\n',
    'proc/41/task/41/schedstat': '5000000 7000000 9\n',
    'proc/41/task/42/schedstat': '',
  });
  const wantsCpu = makeWantsCpu(roots, 2);
  const group = { version: 1 as const, folders: [join(roots.cgroupRoot, 'own')] };
  const setLoad = (text: string) => writeFileSync(join(roots.procRoot, 'loadavg'), `${text} 1.00 1.00 1/100 4711\n`);
  setLoad(load);
  return {
    setLoad,
    /** One look, at which the worker has waited so long since it began; it gets `share` of a core. */
    look: (atMs: number, waitedMs: number, share = 0.01) => {
      writeFileSync(join(roots.procRoot, '41/task/42/schedstat'), `1000000 ${waitedMs * 1e6} 9\n`);
      return wantsCpu({ id: 'c', group, atMs, cpuNs: atMs * share * 1e6 });
    },
  };
}

test('who waits for half of the time computes; who wakes now and then does not', () => {
  const { look } = container('8.00');
  expect(look(0, 5_000), 'nothing to compare with').toBe(false);
  expect(look(1_000, 5_500)).toBe(true);
  expect(look(1_010, 5_500), 'too soon for another answer').toBe(true);
  expect(look(2_000, 5_700)).toBe(false);
  expect(look(3_000, 600), 'another thread by now').toBe(true);
});

test('who uses no CPU to speak of wants none; the first burst after that is seen', () => {
  const { look } = container('8.00');
  for (const second of [0, 1, 2, 3]) expect(look(second * 1_000, second * 900, 0.002)).toBe(false);
  expect(look(4_000, 800), 'a new thread').toBe(true);
});

test('on a calm host nobody is asked, and what was seen before a calm time is forgotten', () => {
  const { look, setLoad } = container('2.00');
  const looks = (from: number) => [0, 1].map((at) => look((from + at) * 1_000, (from + at) * 900));
  expect(looks(0)).toEqual([false, false]);
  setLoad('8.00');
  expect(looks(2)).toEqual([false, true]);
  setLoad('2.00');
  expect(looks(4)).toEqual([false, false]);
  setLoad('8.00');
  expect(looks(6)).toEqual([false, true]);
});

test('processes that end meanwhile, or a host without a load to read, are no reason', () => {
  const { look, setLoad } = container('');
  expect([look(0, 0), look(1_000, 900), look(2_000, 1_800)]).toEqual([false, false, false]);
  setLoad('9.00');
  expect([look(3_000, 900), look(4_000, 1_000), look(5_000, 1_100)]).toEqual([false, false, false]);
});

import { expect, test } from 'vitest';
import type { Container } from '../../src/model/observed.ts';
import { makeOomWatch } from '../../src/reconcilers/workspace/oom.ts';

const running: Container = {
  ...{ id: 'c1', name: 'ws-ada', state: 'running', hash: 'h', generation: 1, imageRef: 'i', imageId: 'i' },
  ...{ limits: { nanoCpus: 1, memoryBytes: 1, pids: 1 }, networks: [], address: null, createdAt: '' },
  ...{ startedAt: 'noon', exitCode: 0, error: '', oomKilled: false, oomKills: 0 },
};
const { oomKills: _kills, ...uncounted } = running;
const killed: Container = { ...uncounted, state: 'exited', oomKilled: true, exitCode: 137, finishedAt: 'one' };

/** Fresh kills, look by look. */
const freshOf = (keeps: boolean, looks: (Container | undefined)[]) => {
  const watch = makeOomWatch();
  return looks.map((c) => watch('ada', c, keeps).fresh);
};
const fresh = (...looks: (Container | undefined)[]) => freshOf(true, looks);

test('kills of any process count as the cgroup counts them', () => {
  expect(fresh(running, { ...running, oomKills: 2 }, { ...running, oomKills: 2 }, { ...running, oomKills: 3 })).toEqual(
    [...[0, 2, 0, 1]],
  );
});

test('the first look at a run that was already on only notes the count', () => {
  expect(fresh({ ...running, oomKills: 5 }, { ...running, oomKills: 6 })).toEqual([0, 1]);
});

test('a run that began under our eyes counts from zero', () => {
  expect(fresh({ ...running, oomKills: 5 }, { ...running, startedAt: 'two', oomKills: 1 })).toEqual([0, 1]);
});

test('a container that was killed as a whole is one kill, told once', () => {
  expect(fresh(running, killed, killed)).toEqual([0, 1, 0]);
});

test('one that was found dead is old news', () => {
  expect(fresh(killed, killed)).toEqual([0, 0]);
});

test('the same container with everybody in it killed in its next run is news again', () => {
  const again = { ...killed, startedAt: 'two', finishedAt: 'three' };
  expect(fresh(running, killed, { ...running, startedAt: 'two' }, again)).toEqual([0, 1, 0, 1]);
});

test('oomKilled of a running container is stale (Docker keeps it over a restart)', () => {
  expect(fresh(running, { ...uncounted, oomKilled: true, startedAt: 'two' })).toEqual([0, 0]);
});

test('a kill by hand after it is none, for who only keeps the place; a command that runs out again is one', () => {
  const looks = [running, { ...running, oomKilled: true, startedAt: 'two' }, { ...killed, startedAt: 'two' }];
  expect(freshOf(true, looks)).toEqual([0, 0, 0]);
  expect(freshOf(false, looks)).toEqual([0, 0, 1]);
  expect(freshOf(false, [running, { ...killed, exitCode: 1 }])).toEqual([0, 0]);
});

test('no container, no kills', () => {
  expect(fresh(undefined, running, undefined)).toEqual([0, 0, 0]);
});

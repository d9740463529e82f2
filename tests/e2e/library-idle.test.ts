import { expect, test } from 'vitest';
import { failure, openLibrary } from '../support/library.ts';
import { makeLab } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

/** 1.5 s. */
const minutes = 0.025;

test('who is idle is told with evidence, kept by a lease, and put to rest when asked', async () => {
  const lab = makeLab('idle: {interval: 200ms, maxKeep: 1h}\n');
  const { getOrCreate, exec, ...workspaces } = await openLibrary(lab, 'embedded');
  await Promise.all(['ada', 'bea', 'cleo'].map((name) => getOrCreate(name)));
  expect(await workspaces.listIdle(60)).toEqual([]);
  await exec('bea', ['sh', '-c', 'while :; do :; done >/dev/null 2>&1 &']);
  const kept = await workspaces.keep('cleo', 7_200_000);
  expect(kept).toMatchObject({ name: 'cleo', lease: { by: 'person' }, cappedFromMs: 7_200_000 });

  const idleNames = async () => (await workspaces.listIdle(minutes)).map(({ name }) => name);
  await until(async () => (await idleNames()).includes('ada'), { deadlineMs: 20_000 });
  const [ada] = (await workspaces.listIdle(minutes)).filter(({ name }) => name === 'ada');
  expect(ada?.verdict?.evidence.map(({ signal }) => signal)).toContain('cpu');
  expect(await idleNames()).not.toContain('bea');

  const would = await workspaces.cleanupIdle(minutes, { dryRun: true });
  expect(would.map(({ name, decision }) => `${name} ${decision}`)).toEqual(['ada wouldStop', 'bea kept', 'cleo kept']);
  const done = await workspaces.cleanupIdle(minutes);
  expect(done.map(({ name, decision }) => `${name} ${decision}`)).toEqual(['ada stopped', 'bea kept', 'cleo kept']);
  expect(done.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('quiet for'),
    expect.stringContaining('cpu'),
    expect.stringContaining('lease'),
  ]);
  await lab.phase('ada', 'Resting');
  expect((await lab.inspect('bea')).State.Running).toBe(true);

  // At rest it is left as it is by getOrCreate, and woken by exec.
  expect((await getOrCreate('ada')).status.phase).toBe('Resting');
  expect((await exec('ada', ['echo', 'awake'])).stdout).toBe('awake\n');
  expect((await workspaces.status('ada'))?.phase).toBe('Running');
});

test('what is no number of minutes or milliseconds is refused', async () => {
  const lab = makeLab();
  const { listIdle, cleanupIdle, keep, getOrCreate } = await openLibrary(lab, 'client');
  await getOrCreate('ada', { state: 'Stopped' });
  const calls = [listIdle(-1), listIdle(Number.NaN), cleanupIdle(0), cleanupIdle(-5), keep('ada', -1)];
  expect((await Promise.all(calls.map(failure))).map(({ code }) => code)).toEqual(Array(5).fill('USAGE'));
  expect((await failure(keep('nobody', 60_000))).code).toBe('NOT_FOUND');
});

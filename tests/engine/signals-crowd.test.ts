import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { makeSeen } from '../support/seen.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const loops = (count: number) =>
  `for i in $(seq ${count}); do timeout 30 sh -c "while :; do :; done" & done >/dev/null 2>&1`;

test('a computation that gets next to nothing on a crowded host is told from one that rests', async () => {
  const engine = await openEngine();
  const cpus = availableParallelism();
  const limits = { nanoCpus: cpus * 1e9, memoryBytes: 256 * 2 ** 20, pids: 512 };
  const [starved, resting, crowd] = await Promise.all(['ada', 'bea', 'cid'].map((name) => engine.up({ name, limits })));
  // Both come after everything else on this machine, and the crowd long before the starved one.
  for (const [{ id }, shares] of [
    [starved!, '2'],
    [crowd!, '64'],
  ] as const)
    await run('docker', ['update', '--cpu-shares', shares, id]);
  await engine.inside(crowd!.id, loops(3 * cpus));
  await engine.inside(starved!.id, loops(1));
  const [it, other] = [await makeSeen(engine, starved!.id), await makeSeen(engine, resting!.id)];
  await until(async () => (await it.look()).wantsCpu, { deadlineMs: 20_000, everyMs: 500 });
  expect((await it.rates()).cores, 'its CPU time would not tell').toBeLessThan(0.3);
  const others: boolean[] = [];
  const looked = async () => others.push((await other.look()).wantsCpu) >= 6 && (await it.look()).wantsCpu;
  await until(looked, { deadlineMs: 20_000, everyMs: 600 });
  expect(others.filter(Boolean)).toEqual([]);
});

import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import { restartByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { makePreview } from '../../src/reconcilers/workspace/preview.ts';
import { aDesired } from '../support/fitted.ts';
import { removalTimes } from '../support/removal-world.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

const GiB = 2 ** 30;
const preview = (w: TestWorld, leftMs = 1_000) =>
  makePreview({ runtime: w.runtime, world: w.parts().world, intents: w.intents.store, clock: w.clock })(
    'ada',
    w.clock.monotonic() + leftMs,
  );

async function running(over: Partial<Desired> = {}) {
  const w = makeWorld();
  w.declare(over);
  await w.settle();
  await w.clock.advance(10_000);
  w.hands.write('ws-ada', '/opt/tool', 3 * 2 ** 20);
  return w;
}
const tool = { entries: [{ path: '/opt/tool', kind: 'added' }], more: 0, bytes: 3 * 2 ** 20 };

test.each<[string, Partial<Desired>, string, object | undefined]>([
  ['nothing changes', {}, '', undefined],
  ['a live change', { limits: { nanoCpus: 1e9, memoryBytes: GiB, pids: 99 } }, 'live', undefined],
  ['one for the next stop', { env: { A: 'b' } }, 'nextStop', { when: 'nextStop', layer: tool }],
  ['one that comes at once', { updatePolicy: 'Now', env: { A: 'b' } }, 'recreate', { when: 'now', layer: tool }],
  ['a stop', { state: 'Stopped' }, 'restart', { when: 'now' }],
])('%s: what it costs and loses', async (_, over, cost, loses) => {
  const w = await running();
  w.declare(over);
  const row = await preview(w);
  expect(row.changes[0]?.cost ?? '').toBe(cost);
  if (loses === undefined) expect(row.loses).toBeUndefined();
  else expect(row.loses).toEqual({ processes: [], ...loses });
});

test('memory that waits for a stop ends processes and keeps the container; asked for, it is a restart', async () => {
  const w = await running({ limits: { nanoCpus: 5e8, memoryBytes: 4 * GiB, pids: 128 } });
  w.hands.use('ws-ada', 3 * GiB);
  w.declare({ limits: { nanoCpus: 5e8, memoryBytes: 2 * GiB, pids: 128 } });
  await w.settle();
  expect(await preview(w)).toMatchObject({
    changes: [{ field: 'resources.memory', cost: 'nextStop' }],
    loses: { when: 'nextStop', processes: [] },
  });
  expect((await preview(w)).loses).not.toHaveProperty('layer');
  const { current } = await w.runtime.observe({ name: 'ada' });
  await w.decide(restartByPerson(aDesired(), 'now', current));
  expect(await preview(w)).toMatchObject({ changes: [{ cost: 'restart' }], loses: { when: 'now' } });
});

test('a layer that cannot be looked at is told, and nothing else is lost for it', async () => {
  const w = await running();
  w.declare({ env: { A: 'b' } });
  w.runtime.diff = () => Promise.reject(new WorkdockError('ENGINE_TIMEOUT', 'it did not answer in time', { hint: '' }));
  expect(await preview(w)).toMatchObject({
    changes: [{ field: 'env.A', cost: 'nextStop' }],
    loses: { layer: { unread: 'it did not answer in time' } },
  });
  w.runtime.diff = () => Promise.reject(new Error('it is not asked'));
  expect((await preview(w, 0)).loses?.layer).toEqual({ unread: expect.stringContaining('ask for it by name') });
});

test('whose word a change is: the line, a person for the run state, nobody for what hands did', async () => {
  const w = await running();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  w.hands.update('ws-ada', 96 * 2 ** 20);
  expect((await preview(w)).changes).toMatchObject([
    { field: 'env.A', drift: false, origin: 'ada.yaml:1' },
    { field: 'resources.memory', drift: true },
  ]);
  expect((await preview(w)).changes[1]).not.toHaveProperty('origin');
  await w.decide(stopByPerson(aDesired(), 'noon'));
  const { changes } = await preview(w);
  expect(changes.find(({ field }) => field === 'state')).toMatchObject({ origin: 'stopped by a person at noon' });
});

test('a tag that moved is an offer and no difference', async () => {
  const w = await running();
  w.engine.images.set('workdock-test:latest', 'sha256:newer');
  expect(await preview(w)).toMatchObject({
    ...{ steps: [], changes: [], available: expect.stringMatching(/now points to another image/) },
  });
});

test('who has no file any more goes, which is a difference; one that is protected does not', async () => {
  const w = makeWorld();
  const gone = async (deletionProtection: boolean) => {
    w.declare({ deletionProtection });
    await w.scan();
    await w.settle();
    w.declarations.delete('ada');
    await w.scan();
    return preview(w);
  };
  expect((await gone(true)).changes).toEqual([]);
  const row = await gone(false);
  expect(row.changes).toEqual([{ field: 'container', from: 'Running', to: 'absent', cost: 'recreate', drift: false }]);
  expect([row.steps, row.waitsFor]).toEqual([[], expect.stringContaining('no file declares it since')]);
});

test('of one that is stopped for want of a file nothing is planned but its removal', async () => {
  const w = await running();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  await w.scan();
  w.declarations.delete('ada');
  await w.scan();
  expect(
    (await preview(w)).changes.map(({ field }) => field),
    'its next stop is that one',
  ).toEqual(['container']);
  await w.clock.advance(2 * removalTimes.deletion.graceMs);
  await w.settle();
  const { changes, loses } = await preview(w);
  expect(changes).toEqual([{ field: 'container', from: 'Stopped', to: 'absent', cost: 'recreate', drift: false }]);
  expect(loses).toMatchObject({ layer: tool });
});

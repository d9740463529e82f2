import { expect, test } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { restByIdle, stopByPerson, suspendUntil } from '../../src/reconcilers/workspace/intents.ts';
import { isUp } from '../../src/runtime/fake/engine.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

/** `ada-old` runs; then its file has another name. */
async function ran(w: TestWorld, over: Partial<Desired> = {}) {
  w.declare({ ...over, name: 'ada-old' });
  await w.settle('ada-old');
  await w.clock.advance(10_000);
  return w.container('ws-ada-old')!.id;
}
const rename = (w: TestWorld, over: Partial<Desired> = {}, pair: readonly string[] = ['ada-old', 'ada']) => {
  const [from = '', to = ''] = pair;
  w.declarations.delete(from);
  return w.declare({ ...over, name: to }, from);
};
const byText = (a = '', b = '') => (a < b ? -1 : 1);
const only = (w: TestWorld) => {
  const [c, ...more] = w.engine.containers.values();
  expect(more).toEqual([]);
  return c!;
};

test('the container goes on under the new name: one call, nothing forgotten, nothing left of the old', async () => {
  const w = makeWorld();
  const id = await ran(w);
  const { startedAt } = only(w);
  const { renamed: _none, ...before } = w.intent('ada-old')!;
  w.calls();
  rename(w);
  await w.settle('ada');
  expect(w.calls()).toEqual(['restore']);
  expect(only(w)).toMatchObject({ id, name: 'ws-ada', startedAt, state: 'running' });
  const { reached, generation, homesSeen, revisions } = before;
  expect(w.intent('ada')).toMatchObject({ reached, generation, homesSeen, revisions, adopted: [id] });
  expect(w.intent('ada-old')).toBeUndefined();
  expect(w.status('ada-old')).toBeUndefined();
  expect(w.events.reasons('ada')).toEqual(['Renamed', 'Restored']);
  expect(w.status('ada')).toMatchObject({ phase: 'Running', drift: [], pending: [], plan: [] });
  // The line may stay, and looks from then on change nothing.
  const writes = w.intents.writes();
  for (const name of ['ada', 'ada-old', 'ada']) await w.settle(name);
  expect([w.calls(), w.intents.writes() - writes, w.status('ada-old')]).toEqual([[], 0, undefined]);
});

test.each([
  ['a mark', (w: TestWorld) => w.decide(stopByPerson(aDesired(), 'now'), 'ada-old'), { phase: 'Held' }],
  ['rest', (w: TestWorld) => w.decide(restByIdle(aDesired(), 'now', 'quiet'), 'ada-old'), { phase: 'Resting' }],
  ['a brake', (w: TestWorld) => w.decide(suspendUntil('now', undefined), 'ada-old'), { phase: 'Running' }],
])('%s goes along', async (_what, decide, status) => {
  const w = makeWorld();
  const id = await ran(w);
  await decide(w);
  await w.settle('ada-old');
  const { mark, suspend, seq } = w.intent('ada-old')!;
  rename(w);
  await w.settle('ada');
  expect(w.intent('ada')).toMatchObject({ seq, ...(mark && { mark }), ...(suspend && { suspend }) });
  expect(w.status('ada')).toMatchObject(status);
  expect(only(w).id).toBe(id);
});

test('a removal that was on its way ends: the container starts again', async () => {
  const w = makeWorld();
  const id = await ran(w);
  const ripe = { since: 'then', ripeAt: 'later' };
  await w.decide((intent) => ({ ...intent, tombstone: ripe }), 'ada-old');
  w.hands.stop('ws-ada-old');
  rename(w);
  await w.settle('ada');
  expect(w.intent('ada')!.tombstone).toBeUndefined();
  expect(only(w)).toMatchObject({ id, state: 'running' });
});

test('what was set aside, and a revision that failed, are remembered', async () => {
  const w = makeWorld();
  const id = await ran(w, { updatePolicy: 'Now' });
  w.engine.unstartable.add('*');
  w.declare({ name: 'ada-old', updatePolicy: 'Now', env: { COLOUR: 'blue' } });
  await w.settle('ada-old');
  const { failed } = w.intent('ada-old')!;
  expect(failed).toBeDefined();
  rename(w, { updatePolicy: 'Now', env: { COLOUR: 'blue' } });
  w.calls();
  await w.settle('ada');
  expect(w.intent('ada')!.failed).toEqual(failed);
  expect([w.calls(), only(w).id]).toEqual([['restore'], id]);
});

test('a container that was set aside while it is down gets its new name too', async () => {
  const w = makeWorld();
  await ran(w);
  w.declare({ name: 'ada-old', env: { COLOUR: 'blue' } });
  await w.decide(stopByPerson(aDesired(), 'now'), 'ada-old');
  await w.settle('ada-old');
  expect(Object.keys(w.states('ada-old')).sort(byText)).toEqual(['ws-ada-old', 'ws-ada-old.old.1']);
  rename(w, { env: { COLOUR: 'blue' } });
  w.calls();
  await w.settle('ada');
  expect(w.calls().sort(byText)).toEqual(['restore', 'setAside']);
  expect([...w.engine.containers.values()].map(({ name }) => name).sort(byText)).toEqual(['ws-ada', 'ws-ada.old.1']);
});

test('a change in the same commit waits for the next stop, and drift: Report does not keep the old name', async () => {
  const w = makeWorld();
  const id = await ran(w, { drift: 'Report' });
  rename(w, { drift: 'Report', env: { COLOUR: 'blue' } });
  await w.settle('ada');
  expect(only(w)).toMatchObject({ id, name: 'ws-ada', state: 'running' });
  expect(w.condition('UpdatePending', 'ada')).toMatchObject({ status: 'True', reason: 'NextStop' });
});

test('a new workspace of the old name sees nothing of it, and the first replacement ends the adoption', async () => {
  const w = makeWorld();
  const id = await ran(w);
  rename(w);
  await w.settle('ada');
  const elsewhere = { place: { kind: 'folder' as const, name: 'ben' }, mountPath: '/home/user', shared: false };
  w.declare({ name: 'ada-old', home: elsewhere });
  await w.settle('ada-old');
  const other = w.container('ws-ada-old')!.id;
  expect(other).not.toBe(id);
  w.restart();
  for (const name of ['ada', 'ada-old']) await w.settle(name);
  expect(
    [...w.engine.containers.values()]
      .filter(isUp)
      .map((c) => `${c.name} ${c.id}`)
      .sort(byText),
  ).toEqual([`ws-ada ${id}`, `ws-ada-old ${other}`]);
  rename(w, { updatePolicy: 'Now', env: { COLOUR: 'blue' } });
  w.declare({ name: 'ada-old', home: elsewhere });
  await w.settle('ada');
  expect(w.container('ws-ada')!.id).not.toBe(id);
  expect(w.intent('ada')!.adopted).toBeUndefined();
  expect(w.container('ws-ada-old')!.id).toBe(other);
});

test('the old name still on its container is no name for somebody new', async () => {
  const w = makeWorld();
  await ran(w);
  await w.decide(suspendUntil('now', undefined), 'ada-old');
  rename(w);
  await w.settle('ada');
  w.declare({
    name: 'ada-old',
    home: { place: { kind: 'folder', name: 'ben' }, mountPath: '/home/user', shared: false },
  });
  await w.settle('ada-old');
  expect(w.condition('NameTaken', 'ada-old')).toMatchObject({ status: 'True' });
  expect(w.condition('NameTaken', 'ada-old')!.message).toMatch(/another workspace's/);
});

test('names follow one another, back to the first', async () => {
  const w = makeWorld();
  const id = await ran(w);
  for (const pair of [
    ['ada-old', 'ada'],
    ['ada', 'eve'],
    ['eve', 'ada-old'],
  ]) {
    rename(w, {}, pair);
    await w.settle(pair[1]);
  }
  expect(only(w)).toMatchObject({ id, name: 'ws-ada-old', state: 'running' });
  expect(w.intents.store.all().map(({ name }) => name)).toEqual(['ada-old']);
});

test('nothing is taken over under a brake for all, nor while a pass of the old name is on its way', async () => {
  const w = makeWorld();
  const id = await ran(w);
  rename(w);
  w.calls();
  w.host.holds.push({ reason: 'Suspended', message: 'everything' });
  await w.settle('ada');
  expect([w.intent('ada'), w.intent('ada-old')?.name, w.calls()]).toEqual([undefined, 'ada-old', []]);
  w.host.holds.pop();
  w.flying.add('ada-old');
  expect(await w.one('ada')).toMatchObject({ kind: 'again' });
  expect(w.intent('ada')).toBeUndefined();
  // Whatever that pass was about to do is not done any more.
  w.hands.stop('ws-ada-old');
  await w.one('ada-old');
  expect(w.calls()).toEqual([]);
  w.flying.clear();
  await w.settle('ada');
  expect(only(w)).toMatchObject({ id, name: 'ws-ada', state: 'running' });
});

test.each(
  (['write', 'call'] as const).flatMap((on) =>
    [1, 2, 3, 4].flatMap((at) => (['before', 'after'] as const).map((when) => ({ on, at, when }))),
  ),
)('killed $when $on $at it is finished by the next controller', async ({ on, at, when }) => {
  const counts = { write: 0, call: 0 };
  const killer: { armed: boolean; dead: boolean } = { armed: false, dead: false };
  const strike = (what: typeof on, moment: typeof when) => {
    if (killer.dead) throw new Error('killed');
    if (!killer.armed) return;
    if (moment === 'before') counts[what] += 1;
    if (what !== on || moment !== when || counts[what] !== at) return;
    Object.assign(killer, { armed: false, dead: true });
    throw new Error('killed');
  };
  const w = makeWorld({
    beforeCall: () => strike('call', 'before'),
    afterCall: () => strike('call', 'after'),
    beforeWrite: () => strike('write', 'before'),
    afterWrite: () => strike('write', 'after'),
  });
  const id = await ran(w);
  rename(w);
  killer.armed = true;
  await w.settle('ada');
  // What is written: all of it under the new name, the end of the old record, and that this is through.
  if (at <= (on === 'write' ? 3 : 1)) expect(killer.dead).toBe(true);
  Object.assign(killer, { armed: false, dead: false });
  w.restart();
  for (const name of ['ada-old', 'ada', 'ada-old', 'ada']) await w.settle(name);
  expect(only(w)).toMatchObject({ id, name: 'ws-ada', state: 'running' });
  expect(w.intents.store.all().map(({ name }) => name)).toEqual(['ada']);
  expect(w.intent('ada')!.renamed).toMatchObject({ from: 'ada-old' });
  expect(w.intent('ada')!.renamed!.open).toBeUndefined();
});

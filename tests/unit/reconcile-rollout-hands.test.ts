import { expect, test } from 'vitest';
import { makeWorld } from '../support/world.ts';

/** A replacement that is half a second old: the new container runs, the old one is set aside. */
async function replaced() {
  const w = makeWorld();
  w.declare({ updatePolicy: 'Now' });
  await w.settle();
  await w.clock.advance(10_000);
  const old = w.container()!.id;
  w.declare({ updatePolicy: 'Now', env: { COLOUR: 'blue' } });
  await w.one();
  expect(w.states()).toEqual({ 'ws-ada': 'running', 'ws-ada.old.1': 'exited' });
  await w.clock.advance(500);
  const made = w.container()!.id;
  w.calls();
  return { w, old, made };
}

test('a new container that a hand removes at once is made again, and nothing is put back', async () => {
  const { w, old, made } = await replaced();
  // What the engine shows between the kill and the removal of `docker rm -f`.
  w.hands.kill('ws-ada');
  w.container()!.state = 'removing';
  await w.one();
  expect(w.calls(), 'a removal ends by itself').toEqual([]);
  w.hands.rm('ws-ada');
  await w.settle();
  expect(w.intent()?.failed).toBeUndefined();
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect([old, made]).not.toContain(w.container()?.id);
  expect((await w.events.store.read({ name: 'ada' })).map(({ reason }) => reason)).not.toContain('RevisionFailed');
  expect(w.condition('Degraded')?.status).toBe('False');
});

test.each(['kill', 'stop'] as const)('one %s by hand is healed; an end after that is its own', async (hand) => {
  const { w, old, made } = await replaced();
  w.hands[hand]('ws-ada');
  await w.one();
  expect(w.container()).toMatchObject({ id: made, state: 'running' });
  expect(w.intent()?.failed).toBeUndefined();
  await w.clock.advance(500);
  w.hands[hand]('ws-ada');
  await w.settle();
  expect(w.intent()?.failed?.reason).toMatch(/exit code/);
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
});

test('a kill for want of memory is its own', async () => {
  const { w, old } = await replaced();
  w.hands.kill('ws-ada');
  w.container()!.oomKilled = true;
  await w.settle();
  expect(w.container()).toMatchObject({ id: old, state: 'running' });
  expect(w.intent()?.failed?.reason).toContain('137');
});

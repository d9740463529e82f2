import { expect, test } from 'vitest';
import { makeWorld } from '../support/world.ts';

test('a spec becomes a running container, and its home is made', async () => {
  const w = makeWorld();
  w.declare();
  expect(await w.settle()).toEqual({ kind: 'settled' });
  expect(w.calls()).toEqual(['pull', 'home', 'create', 'start']);
  expect(w.states()).toEqual({ 'ws-ada': 'running' });
  expect(w.status()).toMatchObject({ phase: 'Running', generation: 1, observedGeneration: 1, plan: [], drift: [] });
  expect(w.condition('Ready')).toMatchObject({ status: 'True', reason: 'Running' });
  expect(w.events.reasons('ada')).toEqual(['SpecChanged', 'Pulled', 'HomeCreated', 'Created', 'Started']);
});

test('a converged workspace is left alone: no call, no intent and no status is written', async () => {
  const w = makeWorld();
  w.declare();
  await w.settle();
  w.calls();
  const before = [w.changes(), w.intents.writes()];
  for (const trigger of ['resync', 'event', 'resync']) {
    await w.clock.advance(30_000);
    expect(await w.one('ada', trigger)).toEqual({ kind: 'settled' });
  }
  expect(w.calls()).toEqual([]);
  expect([w.changes(), w.intents.writes()]).toEqual(before);
});

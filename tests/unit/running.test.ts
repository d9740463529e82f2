import { expect, test } from 'vitest';
import type { ContainerState } from '../../src/model/observed.ts';
import { stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { makeRunning } from '../../src/running.ts';
import { aDesired } from '../support/fitted.ts';
import { memoryIntents } from '../support/memory-stores.ts';

const source = { path: 'a.yaml', line: 1, sha256: '' };

async function site(rows: Record<string, ContainerState>) {
  const { store } = memoryIntents();
  const put = (name: string, over = {}) =>
    store.update(name, (intent) => ({
      ...{ ...intent, digest: name, lastGood: { desired: aDesired({ name, ...over }), origins: {}, source } },
    }));
  for (const name of ['ada', 'bea', 'cleo']) await put(name);
  await put('rest');
  await store.update('rest', stopByPerson(aDesired({ name: 'rest' }), ''));
  await put('demand', { state: 'OnDemand' });
  await put('there', { instance: 'elsewhere' });
  const engine = {
    answers: true as boolean,
    listing: new Map(Object.entries(rows).map(([name, state]) => [name, [{ id: name, name, state }]])),
  };
  const list = async () => (engine.answers ? engine.listing : undefined);
  return { engine, running: makeRunning({ intents: store, instanceName: 'here', list }), store };
}
const all = ['ada', 'bea', 'cleo', 'rest', 'demand', 'there', 'stranger'];

test('the engine says who runs; at first a container that should run counts too, as after a reboot', async () => {
  const { engine, running } = await site({ ada: 'running', bea: 'exited', rest: 'exited', demand: 'paused' });
  const first = await running(true);
  expect(all.filter(first.runs), 'bea is about to come back; cleo has nothing to lose').toEqual([
    'ada',
    'bea',
    'demand',
  ]);
  const second = await running(false);
  expect([second.count, all.filter(second.runs)]).toEqual([2, ['ada', 'demand']]);
  engine.listing.set('bea', [{ id: 'b', name: 'bea', state: 'restarting' }]);
  expect((await running(false)).count).toBe(3);
});

test('while it does not answer, who should run counts, and nobody of another instance', async () => {
  const { engine, running } = await site({});
  engine.answers = false;
  const { count, runs } = await running(false);
  expect([count, all.filter(runs)]).toEqual([3, ['ada', 'bea', 'cleo']]);
});

import { expect, test } from 'vitest';
import { withAdoptions } from '../../src/adoptions.ts';
import type { Intent } from '../../src/model/intent.ts';
import type { Listing, ObserveKey, RuntimeHint } from '../../src/model/runtime.ts';
import { finishRenames } from '../../src/renames.ts';
import { makeFakeEngine } from '../../src/runtime/fake/engine.ts';
import { makeFakeRuntime } from '../../src/runtime/fake/fake-runtime.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { memoryEvents, memoryInstance, memoryIntents, memoryStatus } from '../support/memory-stores.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const row = (id: string) => ({ id, name: 'x', state: 'running' as const });

test('lists, looks and hints lead to whom a container is now', async () => {
  const intents = memoryIntents();
  const keys: ObserveKey[] = [];
  let hear: (hint: RuntimeHint) => void = () => undefined;
  const listing: Listing = new Map([['old', [row(A), row(B)]]]);
  const inner = makeFakeRuntime(makeFakeEngine());
  const runtime = withAdoptions(
    {
      ...inner,
      list: async () => listing,
      observe: async (key) => {
        keys.push(key);
        return inner.observe(key);
      },
      watch: (onHint) => {
        hear = onHint;
        return { close: () => undefined };
      },
    },
    intents.store,
  );
  const hints: RuntimeHint[] = [];
  runtime.watch((hint) => hints.push(hint));
  const die = { kind: 'workspace', name: 'old', action: 'die' } as const;

  expect(await runtime.list()).toEqual(listing);
  await runtime.observe({ name: 'old' });
  await intents.store.update('ada', (intent) => ({ ...intent, adopted: [A] }));
  expect(await runtime.list()).toEqual(
    new Map([
      ['ada', [row(A)]],
      ['old', [row(B)]],
    ]),
  );
  for (const name of ['ada', 'old', 'ben']) await runtime.observe({ name });
  expect(keys).toEqual([
    { name: 'old' },
    { name: 'ada', adopted: [A] },
    { name: 'old', given: [A] },
    { name: 'ben', given: [A] },
  ]);
  for (const id of [A, B]) hear({ ...die, id });
  hear(die);
  hear({ kind: 'reconnected' });
  expect(hints.map((hint) => (hint.kind === 'workspace' ? hint.name : hint.kind))).toEqual([
    'ada',
    'old',
    'old',
    'reconnected',
  ]);
});

test('a controller finishes what the one before it had begun, before it reads a file', async () => {
  const clock = makeFakeClock();
  const intents = memoryIntents();
  const instance = memoryInstance();
  const events = memoryEvents(clock);
  const status = memoryStatus().store;
  await instance.update((record) => ({ ...record, addresses: { old: 7, ben: 8 } }));
  await intents.store.update('old', (intent) => ({ ...intent, seq: 3 }));
  const renamed: Intent['renamed'] = { from: 'old', at: 'then', open: true };
  await intents.store.update('ada', (intent) => ({ ...intent, seq: 3, adopted: [A], renamed }));
  const deps = { intents: intents.store, instance, status, events: events.store };
  for (const _again of [1, 2]) {
    await finishRenames(deps);
    expect(intents.store.all().map(({ name }) => name)).toEqual(['ada']);
    expect(intents.store.get('ada')).toMatchObject({ adopted: [A], renamed: { from: 'old', at: 'then' } });
    expect(intents.store.get('ada')!.renamed).not.toHaveProperty('open');
    expect(instance.get().addresses).toEqual({ ada: 7, ben: 8 });
  }
  expect([events.reasons('ada'), events.reasons('old')]).toEqual([['Renamed'], ['Renamed']]);
});

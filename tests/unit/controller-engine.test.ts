import { expect, test } from 'vitest';
import type { RuntimeHint } from '../../src/model/runtime.ts';
import { makeEngineSource } from '../../src/sources/engine.ts';

test('an event looks at one name, a reconnect at all of them, a loss is a condition, all but it a sign of life', () => {
  const said: string[] = [];
  let hint: (hint: RuntimeHint) => void = () => {};
  makeEngineSource({
    watch: (onHint) => {
      hint = onHint;
      return { close: () => {} };
    },
    controller: {
      event: (name, trigger) => said.push(`${name}: ${trigger}`),
      resyncAll: (trigger) => said.push(`all: ${trigger}`),
    },
    onSign: (atMs) => said.push(`sign ${atMs ?? ''}`.trim()),
    onReach: (reachable, message) => said.push(`${reachable ? 'reachable' : 'unreachable'}: ${message}`),
  });
  hint({ kind: 'workspace', name: 'ada', action: 'die', atMs: 5 });
  hint({ kind: 'alive' });
  hint({ kind: 'lost', message: 'connection refused' });
  hint({ kind: 'reconnected' });
  expect(said).toEqual([
    'sign 5',
    'ada: engine: die',
    'sign',
    'unreachable: connection refused',
    'sign',
    'reachable: connected',
    'all: engine: reconnected',
  ]);
});

import { expect, test } from 'vitest';
import { WorkdockError } from '../../src/lib/errors.ts';
import { restartByPerson, stopByPerson } from '../../src/reconcilers/workspace/intents.ts';
import { orderUpdate } from '../../src/reconcilers/workspace/update-order.ts';
import { isUp } from '../../src/runtime/fake/engine.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

type On = 'call' | 'write';
type Fault = { at: number; on: On; when: 'before' | 'after'; kind: 'kill' | 'timeout' | 'refused' };
type Ask = (w: TestWorld) => Promise<unknown>;
type Fate = 'starts' | 'unstartable' | 'crashing';

const blue = { env: { COLOUR: 'blue' } };
const currentOf = async (w: TestWorld) => (await w.runtime.observe({ name: 'ada' })).current;
const NEWER = 'sha256:newer';
const now = { updatePolicy: 'Now' } as const;

/** How a replacement comes about. Each is asked of a workspace that runs. */
const asks: Record<string, Ask> = {
  'updatePolicy Now': async (w) => w.declare({ ...now, ...blue }),
  'a restart by a person': async (w) => {
    w.declare(blue);
    await w.settle();
    await w.decide(restartByPerson(aDesired(), 'now', await currentOf(w)));
  },
  'an update in turn': async (w) => {
    w.declare(blue);
    await w.settle();
    const readyBy = new Date(w.clock.now() + 600_000).toISOString();
    await w.decide(orderUpdate({ at: 'now', readyBy }, await currentOf(w)));
  },
  'a moved tag': async (w) => {
    w.engine.images.set('workdock-test:latest', NEWER);
    await w.settle();
    await w.decide(restartByPerson(aDesired(), 'now', await currentOf(w)));
  },
};

/** One replacement with one fault in it; the controller that a kill ends is followed by another. */
async function replace(ask: Ask, fate: Fate, fault: Fault | undefined) {
  const counts = { call: 0, write: 0 };
  const controller: { armed: boolean; dead: boolean } = { armed: false, dead: false };
  const mostUp: number[] = [];
  const strike = (on: On, when: Fault['when']) => {
    if (controller.dead) throw new Error('killed');
    if (!controller.armed) return;
    if (when === 'before') counts[on] += 1;
    if (fault?.on !== on || fault.when !== when || fault.at !== counts[on]) return;
    controller.armed = false;
    controller.dead = fault.kind === 'kill';
    if (controller.dead) throw new Error('killed');
    throw new WorkdockError(fault.kind === 'timeout' ? 'ENGINE_TIMEOUT' : 'ENGINE_FAILED', 'lost', { hint: '' });
  };
  const w = makeWorld({
    beforeCall: () => strike('call', 'before'),
    afterCall: () => {
      mostUp.push([...w.engine.containers.values()].filter(isUp).length);
      strike('call', 'after');
    },
    beforeWrite: () => strike('write', 'before'),
    afterWrite: () => strike('write', 'after'),
  });
  w.declare(ask === asks['updatePolicy Now'] ? now : {});
  await w.settle();
  await w.clock.advance(10_000);
  const old = w.container()!.id;
  const homes = JSON.stringify([...w.engine.homes]);
  await ask(w);
  // Whatever is made from now on has this fate, however often it is made; the old container has not.
  if (fate !== 'starts') w.engine[fate].add(ask === asks['a moved tag'] ? NEWER : '*');
  controller.armed = true;
  for (let pass = 0; pass < 40; pass += 1) {
    const result = await w.one().catch((error: unknown) => ({ kind: 'failed' as const, error }));
    if (controller.dead) {
      controller.dead = false;
      w.restart();
    } else if (result.kind === 'settled') break;
    await w.clock.advance(result.kind === 'again' ? result.afterMs : 1_000);
  }
  return { w, old, counts, mostUp: Math.max(...mostUp), homesKept: JSON.stringify([...w.engine.homes]) === homes };
}

const kinds = ['kill', 'timeout', 'refused'] as const;
const cases = Object.entries(asks).flatMap(([how, ask]) =>
  (['starts', 'unstartable', 'crashing'] as const).map((fate) => ({ how, ask, fate })),
);

test.each(cases)('$how, and the new one $fate: a fault before and after every step', async ({ ask, fate }) => {
  const { counts } = await replace(ask, fate, undefined);
  expect(counts.call).toBeGreaterThan(3);
  const points = (['call', 'write'] as const).flatMap((on) =>
    Array.from({ length: counts[on] }, (_, n) => n + 1).flatMap((at) =>
      (['before', 'after'] as const).flatMap((when) =>
        (on === 'call' ? kinds : (['kill'] as const)).map((kind): Fault => ({ at, on, when, kind })),
      ),
    ),
  );
  for (const fault of points) {
    const { w, old, mostUp, homesKept } = await replace(ask, fate, fault);
    const said = JSON.stringify({ ...fault, states: w.states(), failed: w.intent()?.failed });
    expect(mostUp, `never two at once: ${said}`).toBe(1);
    expect(homesKept, said).toBe(true);
    expect(w.states(), said).toEqual({ 'ws-ada': 'running' });
    // A step that the engine refused for good may be the end of the new one; that is told, and the old one runs.
    const failed = w.intent()?.failed !== undefined;
    expect(failed, said).toBe(fate !== 'starts' || (failed && fault.kind === 'refused'));
    expect(w.container()?.id === old, said).toBe(failed);
    expect(w.condition('Degraded')?.reason === 'RolledBack', said).toBe(failed);
  }
});

test('a stop that applies an update keeps the old one until the new one has run, whenever it is killed', async () => {
  const asked: Ask = async (w) => {
    w.declare(blue);
    await w.settle();
    await w.decide(stopByPerson(aDesired(), 'now'));
  };
  const { counts } = await replace(asked, 'starts', undefined);
  for (let at = 1; at <= counts.call; at += 1) {
    for (const when of ['before', 'after'] as const) {
      const { w, homesKept } = await replace(asked, 'starts', { at, on: 'call', when, kind: 'kill' });
      const said = JSON.stringify({ at, when, states: w.states() });
      expect(w.states(), said).toEqual({ 'ws-ada': 'created', 'ws-ada.old.1': 'exited' });
      expect(homesKept, said).toBe(true);
    }
  }
});

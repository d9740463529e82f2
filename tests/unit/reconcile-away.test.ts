import { expect, test } from 'vitest';
import { isUp } from '../../src/runtime/fake/engine.ts';
import { drain } from '../support/fake-clock.ts';
import { makeWorld } from '../support/world.ts';

/** A world in which the call `slow` waits for `end`, and what is away when it begins. */
function setup(slow: RegExp) {
  const away = { calls: [] as string[], count: 0 };
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const world = makeWorld({
    beforeCall: async (call) => {
      if (away.count > 0) away.calls.push(call.split(' ')[0]!);
      if (slow.test(call)) await promise;
    },
  });
  const leave = async <T>(work: () => Promise<T>): Promise<T> => {
    away.count += 1;
    return work().finally(() => {
      away.count -= 1;
    });
  };
  return { world, away, leave, end };
}

test('a pass is away for the image and for the stop, and for nothing else', async () => {
  const { world, away, leave } = setup(/never/);
  world.declare();
  await world.one('ada', '', { away: leave });
  expect([isUp(world.container()!), away.calls]).toEqual([true, ['pull']]);
  world.declare({ state: 'Stopped' });
  await world.one('ada', '', { away: leave });
  expect(away).toEqual({ calls: ['pull', 'stop'], count: 0 });
});

test('news: a pull that hangs is left, and nothing is done after it', async () => {
  const { world, leave, end } = setup(/^pull/);
  world.declare();
  const news = new AbortController();
  const result = world.one('ada', '', { away: leave, news: news.signal });
  await drain();
  news.abort();
  expect(await result).toMatchObject({ kind: 'again', afterMs: 0 });
  end();
  await drain();
  expect(world.states()).toEqual({});
  expect(world.status()?.last.error).toBeUndefined();
});

test('news from before a pull begin it all the same: an image comes however often a spec changes', async () => {
  const { world, leave, end } = setup(/^pull/);
  world.declare();
  const pass = { away: leave, news: AbortSignal.abort() };
  expect(await world.one('ada', '', pass)).toMatchObject({ kind: 'again', afterMs: 0 });
  expect(world.engine.images.has('workdock-test:latest')).toBe(false);
  end();
  await drain();
  expect(world.engine.images.has('workdock-test:latest')).toBe(true);
});

test('news do not end a stop, which must be through before anything else is done', async () => {
  const { world, leave, end } = setup(/^stop/);
  world.declare();
  await world.settle();
  world.declare({ state: 'Stopped' });
  const news = new AbortController();
  let ended = false;
  const result = world.one('ada', '', { away: leave, news: news.signal }).then((value) => {
    ended = true;
    return value;
  });
  await drain();
  news.abort();
  await drain();
  expect(ended).toBe(false);
  end();
  expect(await result).toEqual({ kind: 'settled' });
});

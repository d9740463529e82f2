import { expect, test } from 'vitest';
import { makeEchoes } from '../../src/runtime/docker/echo.ts';
import { makeFakeClock } from '../support/fake-clock.ts';

const open = () => {
  const clock = makeFakeClock();
  return { clock, echoes: makeEchoes(clock) };
};

test('the event of our own call is ours, during it and shortly after, and only once', async () => {
  const { echoes } = open();
  await echoes.during('id', ['start', 'connect'], async () => {
    expect(echoes.isOwn('id', 'start')).toBe(true);
    expect(echoes.isOwn('id', 'start')).toBe(false);
  });
  expect(echoes.isOwn('id', 'connect')).toBe(true);
  expect(echoes.isOwn('id', 'connect')).toBe(false);
});

test('other actions, other containers and late events are news', async () => {
  const { clock, echoes } = open();
  await echoes.during('id', ['start'], () => Promise.resolve());
  expect(echoes.isOwn('id', 'die')).toBe(false);
  expect(echoes.isOwn('other', 'start')).toBe(false);
  await clock.advance(2_001);
  expect(echoes.isOwn('id', 'start')).toBe(false);
});

test('a call that failed expects nothing', async () => {
  const { echoes } = open();
  await expect(echoes.during('id', ['start'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(echoes.isOwn('id', 'start')).toBe(false);
});

import { expect, test } from 'vitest';
import type { Lease } from '../../src/model/idle.ts';
import { capped, leaseChange } from '../../src/reconcilers/idle/lease-file.ts';
import { makeLeases } from '../../src/reconcilers/idle/leases.ts';
import { tellLeaseSet } from '../../src/reconcilers/idle/tell.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { memoryEvents } from '../support/memory-stores.ts';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const aLease = (hours: number, rest: Partial<Lease> = {}): Lease => ({
  ...{ at: iso(0), until: iso(hours * HOUR), by: 'person' },
  ...rest,
});
const aFile = (hours: number, text = `${hours}h`, mtimeMs = 0) => aLease(hours, { by: 'file', mtimeMs, text });
const asked = (known: Lease | undefined, found: Lease | undefined, leftMs = HOUR) =>
  leaseChange(known, found, { leftMs, maxKeepMs: 8 * HOUR });

test('a lease lasts as long as it was given for, whatever the wall clock does', async () => {
  const clock = makeFakeClock();
  const { leftMs } = makeLeases(clock);
  const lease = aLease(0, { at: iso(clock.now()), until: iso(clock.now() + 2 * HOUR) });
  expect(leftMs('ada', lease)).toBe(2 * HOUR);
  for (const jump of [10 * HOUR, -30 * HOUR]) {
    clock.jump(jump);
    await clock.advance(HOUR / 2);
  }
  expect(leftMs('ada', lease)).toBe(HOUR);
  await clock.advance(HOUR);
  expect(leftMs('ada', lease)).toBe(0);
});

test('seen first after a jump back while nobody looked, it lasts its whole span and not for ever', () => {
  const clock = makeFakeClock();
  const lease = aLease(0, { at: iso(clock.now()), until: iso(clock.now() + HOUR) });
  clock.jump(-1000 * HOUR);
  expect(makeLeases(clock).leftMs('ada', lease)).toBe(HOUR);
  clock.jump(2000 * HOUR);
  expect(makeLeases(clock).leftMs('ada', lease), 'over while it was away').toBe(0);
});

test('a new one counts anew, and one that ended is over', () => {
  const clock = makeFakeClock();
  const { leftMs } = makeLeases(clock);
  const from = (hours: number) => ({ at: iso(clock.now()), until: iso(clock.now() + hours * HOUR) });
  expect(leftMs('ada', aLease(0, from(1)))).toBe(HOUR);
  expect(leftMs('ada', aLease(0, from(5)))).toBe(5 * HOUR);
  expect(leftMs('ada', aLease(0, { ...from(5), ended: true }))).toBe(0);
  expect(leftMs('ada', undefined)).toBe(0);
});

test('a file makes one lease, once, and not longer than allowed', () => {
  expect(asked(undefined, aFile(2))).toEqual({ set: aFile(2) });
  expect(asked(aFile(2), aFile(2))).toBe(undefined);
  expect(asked({ ...aFile(2), ended: true }, aFile(2)), 'it has had its time').toBe(undefined);
  expect(asked({ ...aFile(2), ended: true }, aFile(2, '2h', 7)), 'written again').toEqual({ set: aFile(2, '2h', 7) });
  expect(asked(undefined, aFile(90))).toEqual({ set: { ...aFile(90), until: iso(8 * HOUR) } });
  expect(capped(aLease(2), 8 * HOUR)).toEqual(aLease(2));
});

test('a file whose time is over already is no lease, and ends the one before it', () => {
  const old = { ...aFile(1, '1h', 5), at: iso(3 * HOUR) };
  expect(asked(undefined, old)).toBe(undefined);
  expect(asked(aLease(9), old)).toBe(undefined);
  expect(asked(aFile(2), old)).toMatchObject({ end: aFile(2) });
  expect(asked(aFile(1, '1h', 5), old), 'of the same file the time is counted here').toBe(undefined);
});

test('it ends when its time is over or its file is gone; a person’s goes on without a file', () => {
  expect(asked(aFile(2), aFile(2), 0)).toMatchObject({ end: aFile(2), why: 'its time is over' });
  expect(asked(aLease(2), undefined, 0)).toMatchObject({ end: aLease(2), why: 'its time is over' });
  expect(asked(aFile(2), undefined)).toMatchObject({ end: aFile(2), why: 'the file is gone or holds no duration' });
  expect(asked(aLease(2), undefined)).toBe(undefined);
  expect(asked({ ...aFile(2), ended: true }, undefined)).toBe(undefined);
});

test('a person’s longer lease stays, and the file that asked for less is no news again', () => {
  const change = asked(aLease(6), aFile(2));
  expect(change).toEqual({ set: { ...aLease(6), mtimeMs: 0, text: '2h' } });
  expect(asked((change as { set: Lease }).set, aFile(2))).toBe(undefined);
  expect(asked(aLease(1), aFile(2)), 'a shorter one gives way').toEqual({ set: aFile(2) });
});

test('what is told of a lease is in whole seconds', async () => {
  const clock = makeFakeClock();
  const { store } = memoryEvents(clock);
  const lease = aLease(0, { until: iso(HOUR / 3 - 1_802), by: 'file' });
  tellLeaseSet({ events: store, name: 'ada' }, lease);
  expect((await store.read({ name: 'ada' })).at(-1)?.message).toMatch(
    /^kept awake for 19m58s, until .*, by ~\/.workdock\/keep$/,
  );
});

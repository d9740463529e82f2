import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tombstone } from '../../src/model/intent.ts';
import {
  type Case,
  type Judging,
  judge,
  ripeSince,
  unwatched,
  type Watch,
  watched,
} from '../../src/reconcilers/removal/judge.ts';
import { cases } from '../support/cases.ts';

const T0 = Date.UTC(2026, 0, 1);
const at = (ms: number) => new Date(T0 + ms).toISOString();
const deletion = { graceMs: 60_000, removeAfterMs: 600_000 };
const now = (ms: number, jumpMs = 0) => ({ monotonicMs: ms, wallMs: T0 + ms + jumpMs });

const aCase = (over: Partial<Case> = {}): Case => ({
  ...{ name: 'ada', tombstone: { since: at(0) }, watch: undefined, home: 'home users/ada stays' },
  ...{ isProtected: false, suspended: false, elsewhere: false },
  ...over,
});
const judging = (over: Partial<Judging> = {}): Judging => ({
  ...{ deletion, now: now(0), held: undefined, unclear: undefined },
  ...over,
});

type Moment = {
  afterMs: number;
  jumpMs: number;
  restart: boolean;
  lost: boolean;
  clean: boolean;
  held: boolean;
  suspended: boolean;
};
const moments = fc.array(
  fc.record({
    afterMs: fc.constantFrom(10, 5_000, 30_000, 61_000, 300_000, 700_000),
    jumpMs: fc.constantFrom(0, 0, 0, -3_600_000, 3_600_000, -30_000, 40_000_000_000),
    restart: fc.boolean(),
    lost: fc.boolean(),
    clean: fc.boolean(),
    held: fc.boolean(),
    suspended: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

/** What scans at these moments come to, by a clock that nobody sets; the process may begin anew before each. */
function live(given: Moment[]) {
  let tombstone: Tombstone = { since: at(0) };
  let watch: Watch | undefined;
  let ms = 0;
  let jump = 0;
  let processMs = 0;
  const stages: { stage: string; ms: number; sinceRipeMs: number; watchedMs: number; moment: Moment }[] = [];
  let ripeMs = 0;
  let firstCleanMs: number | undefined;
  for (const moment of given) {
    ms += moment.afterMs;
    jump += moment.jumpMs;
    if (moment.restart) {
      watch = undefined;
      processMs = ms;
      firstCleanMs = undefined;
    }
    const time = { monotonicMs: ms - processMs, wallMs: T0 + ms + jump };
    if (moment.lost) {
      watch = watch && unwatched(watch);
      firstCleanMs = undefined;
    }
    if (moment.clean) {
      firstCleanMs ??= ms;
      watch = watched(watch, tombstone, time);
    }
    const unclear = moment.clean ? undefined : 'x';
    const held = moment.held ? { hash: 'h', reason: 'many' } : undefined;
    const item = aCase({ tombstone, watch, suspended: moment.suspended });
    const { next } = judge(item, judging({ now: time, held, unclear }));
    if (!next) continue;
    stages.push({ stage: next, ms, sinceRipeMs: ms - ripeMs, watchedMs: ms - (firstCleanMs ?? ms), moment });
    if (next === 'ripe') {
      ripeMs = ms;
      const ripeAt = new Date(time.wallMs).toISOString();
      tombstone = { ...tombstone, ripeAt };
      watch = { ...watch, ripe: ripeSince(ripeAt, time) };
    } else tombstone = { ...tombstone, expiredAt: new Date(time.wallMs).toISOString() };
  }
  return stages;
}

test('no clock and no restart brings a stage forward, nothing that keeps it is passed over', () => {
  const property = fc.property(moments, (given) => {
    const stages = live(given);
    expect(stages.map(({ stage }) => stage)).toEqual(['ripe', 'expired'].slice(0, stages.length));
    for (const { ms, watchedMs, moment } of stages) {
      expect(ms).toBeGreaterThanOrEqual(deletion.graceMs);
      expect(watchedMs, 'missed by this process for a grace').toBeGreaterThanOrEqual(deletion.graceMs);
      expect(moment.clean && !moment.held && !moment.suspended).toBe(true);
    }
  });
  fc.assert(property, { numRuns: cases(2_000) });
});

test('in one process the time until the removal is a whole one, whatever the clock on the wall does', () => {
  const property = fc.property(moments, (given) => {
    const stages = live(given.map((each) => ({ ...each, restart: false })));
    const end = stages.find(({ stage }) => stage === 'expired');
    if (end) expect(end.sinceRipeMs).toBeGreaterThanOrEqual(deletion.removeAfterMs);
  });
  fc.assert(property, { numRuns: cases(2_000) });
});

test('a clock that is set back by anything puts a stage off by its own time at most', () => {
  const jumps = fc.integer({ min: -100_000_000_000, max: 0 });
  const property = fc.property(jumps, fc.integer({ min: 0, max: 700_000 }), (jumpMs, whenMs) => {
    const looks = Array.from({ length: 400 }, (_, n) => n * 5_000);
    let jumped = false;
    const stages = live(
      looks.map((each) => {
        const jumps = !jumped && each >= whenMs;
        jumped ||= jumps;
        const calm = { restart: false, lost: false, clean: true, held: false, suspended: false };
        return { afterMs: 5_000, jumpMs: jumps ? jumpMs : 0, ...calm };
      }),
    );
    const [ripe, end] = stages;
    expect(ripe!.ms).toBeLessThanOrEqual(2 * deletion.graceMs + 15_000);
    expect(end!.sinceRipeMs).toBeLessThanOrEqual(2 * deletion.removeAfterMs + 15_000);
  });
  fc.assert(property, { numRuns: cases(300) });
});

test('the time of a removal goes on over restarts; each begins with a grace', () => {
  const tombstone = { since: at(0), ripeAt: at(60_000) };
  const first = watched(undefined, tombstone, { monotonicMs: 0, wallMs: T0 + 660_000 });
  const again = (ms: number) => watched(first, tombstone, { monotonicMs: ms, wallMs: T0 + 660_000 + ms });
  const look = (ms: number) =>
    judge(aCase({ tombstone, watch: again(ms) }), judging({ now: { monotonicMs: ms, wallMs: T0 + 660_000 + ms } }));
  expect(look(59_000).next).toBeUndefined();
  expect(look(60_000).next).toBe('expired');
});

test('one clean scan is not enough, however late it comes', () => {
  const missed = { sinceMs: 0, wallMs: T0, scans: 1 };
  expect(judge(aCase({ watch: { missed } }), judging({ now: now(3_600_000) }))).toMatchObject({ afterMs: 0 });
  const { next } = judge(aCase({ watch: { missed: { ...missed, scans: 2 } } }), judging({ now: now(3_600_000) }));
  expect(next).toBe('ripe');
});

const twice: Watch = { missed: { sinceMs: 0, wallMs: T0, scans: 2 } };
const ripe = { since: at(0), ripeAt: at(60_000) };
test.each<[string, Partial<Case>, Partial<Judging>, RegExp]>([
  [
    'InGrace',
    {},
    { now: now(1_000) },
    /stopped at 2026-01-01T00:01:00Z, and its container removed 10m after that; home/,
  ],
  ['Protected', { isProtected: true }, {}, /deletionProtection keeps it.*without that, then remove the file$/],
  ['Suspended', { suspended: true }, {}, /while it is suspended nothing is stopped or removed/],
  [
    'Held',
    {},
    { held: { hash: 'abc', reason: 'too many' } },
    /held until workdock approve abc, .*: too many; nothing is stopped or removed before/,
  ],
  [
    'Unclear',
    {},
    { unclear: 'it may stand in x.yaml:1' },
    /nothing is stopped or removed while it may stand in x\.yaml:1/,
  ],
  [
    'AwaitsRemoval',
    { tombstone: ripe },
    { now: now(61_000) },
    /so it is stopped from \S+Z on; its container is removed after 2026-01-01T00:11:00Z/,
  ],
  ['Held', { tombstone: ripe }, { held: { hash: 'abc', reason: 'many' } }, /many; its container is not removed before/],
  ['Removing', { tombstone: { ...ripe, expiredAt: at(660_000) }, isProtected: true }, {}, /is removed now/],
])('%s is told with since when, what it waits for and what ends it', (reason, over, about, words) => {
  const { absence, next } = judge(aCase({ watch: twice, ...over }), judging({ now: now(700_000), ...about }));
  expect(next).toBeUndefined();
  expect(absence.reason).toBe(reason);
  expect(absence.message).toMatch(/^no file declares it since 2026-01-01T00:00:00Z/);
  expect(absence.message).toMatch(words);
});

test('who was let through is stopped while others are held, and its container goes when nobody is', () => {
  const held = { hash: 'abc', reason: 'many' };
  const tombstone = { since: at(0), approvedAt: at(1_000) };
  const about = judging({ now: now(61_000), held });
  expect(judge(aCase({ watch: twice, tombstone }), about).next).toBe('ripe');
  const later = judging({ now: now(10_000_000), held });
  const ripeThen = { sinceMs: 61_000, beforeMs: 0 };
  const old = aCase({ watch: { ...twice, ripe: ripeThen }, tombstone: { ...tombstone, ripeAt: at(61_000) } });
  expect(judge(old, later).next).toBeUndefined();
  expect(judge(old, { ...later, held: undefined }).next).toBe('expired');
});

test('another instance’s is forgotten after the grace, whatever its spec says', () => {
  const there = aCase({ watch: twice, elsewhere: true, isProtected: true, suspended: true });
  const about = judging({ now: now(61_000), held: { hash: 'abc', reason: 'many' } });
  expect(judge(there, about).next).toBe('ripe');
  expect(judge({ ...there, tombstone: ripe }, about).next).toBe('expired');
});

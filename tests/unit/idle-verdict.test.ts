import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gapMs, type Judgement, verdictOf } from '../../src/reconcilers/idle/verdict.ts';
import { aGlance, aPolicy, dark, INTERVAL_MS, looks, ok, reborn, watch } from '../support/idle-looks.ts';

const TIMEOUT_MS = 60_000;
const last = <T>(list: T[]): T => list.at(-1)!;
const idleAt = (found: Judgement[]) => found.findIndex(({ idle }) => idle);

test('who is never used rests one timeout after the start, not two', () => {
  expect(idleAt(watch(looks(20)))).toBe(TIMEOUT_MS / INTERVAL_MS);
});

test('one busy look begins the whole timeout anew', () => {
  const burst = watch(looks(20, (_, n) => ({ cpuNs: ok(n < 5 ? 0 : 2e9) })));
  expect(idleAt(burst)).toBe(5 + 6);
});

test('another start of the container begins anew', () => {
  expect(idleAt(watch(looks(20, (_, n) => ({ run: n < 5 ? 'c1' : 'c1 later' }))))).toBe(5 + 6);
});

test('a timeout shorter than the interval still needs two quiet looks', () => {
  expect(idleAt(watch(looks(9), { timeoutMs: 1_000 }))).toBe(2);
});

test('a controller that is restarted all the time finds somebody idle in the end', () => {
  let past = null;
  for (const at of [-1, -1, 2]) {
    const found = watch(looks(3), {}, past);
    expect(idleAt(found)).toBe(at);
    past = reborn(last(found));
  }
});

test('the reason names the signal and what was measured', () => {
  const policy = aPolicy();
  const because = (found: Judgement) => verdictOf(found, policy, { nowMs: 0 }).because;
  const found = watch(looks(8));
  expect(found.map(because)).toEqual([
    'looked at for the first time',
    ...['10s', '20s', '30s', '40s', '50s'].map((span) => `quiet for ${span} of 1m`),
    ...['quiet for 1m', 'quiet for 1m10s'],
  ]);
  expect(because(last(watch(looks(2, (t) => ({ cpuNs: ok(t * 0.96e6) })))))).toBe('cpu keeps it awake: 96 % of a core');
  expect(because(last(watch(looks(2, () => ({ terminals: dark })))))).toBe(
    'terminal cannot be read: no permission; that keeps it awake',
  );
});

test('the time of the stop is told while it is quiet and the stop is enforced', () => {
  const [, , third] = watch(looks(3));
  const rests = (policy: object) => verdictOf(third!, aPolicy(policy), { nowMs: 0 }).restsAt;
  expect(rests({})).toBe('1970-01-01T00:00:40.000Z');
  expect([rests({ mode: 'Observe' }), rests({ enabled: false })]).toEqual([undefined, undefined]);
  const busy = last(watch(looks(2, () => ({ leaseLeftMs: 1 }))));
  expect(verdictOf(busy, aPolicy(), { nowMs: 0 }).restsAt).toBe(undefined);
});

/** What may be seen at one look, and how long after the one before. */
const something = fc.record({
  // Regular, early, late, and after a long time without looks.
  afterMs: fc.oneof(fc.integer({ min: 9_000, max: 11_000 }), fc.integer({ min: 1, max: 200_000 })),
  wallMs: fc.oneof(fc.constant(0), fc.integer({ min: -1e10, max: 1e10 })),
  cpu: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constant(1), fc.constant(null)),
  traffic: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constant(1), fc.constant(null)),
  key: fc.oneof({ weight: 9, arbitrary: fc.constant('none') }, fc.constantFrom('typed', 'dark')),
  kernel: fc.oneof({ weight: 9, arbitrary: fc.constant('none') }, fc.constantFrom('busy', 'dark')),
  input: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  lease: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constant(5_000)),
});
type Something = typeof something extends fc.Arbitrary<infer T> ? T : never;
const days = fc.array(something, { minLength: 2, maxLength: 60 });

function glancesOf(all: Something[], wall = true) {
  let [atMs, cpuNs, bytes, typed] = [0, 0, 0, 0];
  let lastInputMs: number | undefined;
  return all.map((one) => {
    atMs += one.afterMs;
    cpuNs += (one.cpu ?? 0) * one.afterMs * 1e6;
    bytes += (one.traffic ?? 0) * one.afterMs * 1e3;
    if (one.key === 'typed') typed += 8_000;
    if (one.input) lastInputMs = atMs - 0.5;
    return aGlance(atMs, {
      ...(wall && { wallMs: one.wallMs }),
      cpuNs: one.cpu === null ? dark : ok(cpuNs),
      networkBytes: one.traffic === null ? dark : ok(bytes),
      terminals: one.key === 'dark' ? dark : ok([{ name: 'pts/0', inputAtMs: typed }]),
      kernels: one.kernel === 'dark' ? dark : ok({ servers: 1, kernels: 1, busy: one.kernel === 'busy' ? 1 : 0 }),
      streams: { open: 1, lastInputMs },
      leaseLeftMs: one.lease,
    });
  });
}
const quiet = ({ cpu, traffic, key, kernel, input, lease }: Something) =>
  cpu === 0 && traffic === 0 && key === 'none' && kernel === 'none' && !input && lease === 0;

const RUNS = { numRuns: 500 };

test('idle only when every signal was quiet, at looks that follow each other, for the whole timeout', () => {
  fc.assert(
    fc.property(days, (all) => {
      const found = watch(glancesOf(all));
      found.forEach((each, at) => {
        if (!each.idle) return;
        let watched = 0;
        let count = 0;
        // Back to the last look that was not quiet: what was watched since then is all that counts.
        for (let look = at; look > 0 && quiet(all[look]!); look -= 1) {
          const { afterMs } = all[look]!;
          if (afterMs > gapMs(INTERVAL_MS)) continue;
          watched += afterMs;
          count += 1;
        }
        expect(quiet(all[at]!)).toBe(true);
        expect(watched).toBeGreaterThanOrEqual(TIMEOUT_MS);
        expect(count).toBeGreaterThanOrEqual(2);
      });
    }),
    RUNS,
  );
});

test('any walk of the wall clock gives the same verdicts', () => {
  const shown = (found: Judgement[]) => found.map(({ idle, quietMs, evidence }) => ({ idle, quietMs, evidence }));
  fc.assert(
    fc.property(days, (all) => {
      expect(shown(watch(glancesOf(all)))).toEqual(shown(watch(glancesOf(all, false))));
    }),
    RUNS,
  );
});

test('a time without looks adds nothing, and neither does one without a controller', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: gapMs(INTERVAL_MS) + 1, max: 1e9 }), (all, ms) => {
      const glances = glancesOf(all);
      const end = last(glances).readings.atMs;
      const before = last(watch(glances));
      const then = { ...last(glances), readings: { ...last(glances).readings, atMs: end + ms } };
      for (const past of [before.past, reborn(before)]) {
        const after = watch([then], {}, past)[0]!;
        expect(after.quietMs).toBeLessThanOrEqual(before.quietMs);
        expect(after.past.memory.watchedMs).toBe(before.past.memory.watchedMs);
        expect(after.past.memory.quietLooks).toBeLessThanOrEqual(before.past.memory.quietLooks);
      }
    }),
    RUNS,
  );
});

test('more activity never makes it idle sooner', () => {
  fc.assert(
    fc.property(days, fc.nat(), fc.constantFrom('input', 'lease', 'kernel'), (all, where, what) => {
      const more: Partial<Something> =
        what === 'input' ? { input: true } : what === 'lease' ? { lease: 5_000 } : { kernel: 'busy' };
      const busier = all.map((one, at) => (at === where % all.length ? { ...one, ...more } : one));
      const [calm, stirred] = [watch(glancesOf(all)), watch(glancesOf(busier))];
      stirred.forEach((each, at) => {
        expect(each.quietMs).toBeLessThanOrEqual(calm[at]!.quietMs);
        if (each.idle) expect(calm[at]!.idle).toBe(true);
      });
    }),
    RUNS,
  );
});

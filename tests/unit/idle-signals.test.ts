import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../src/model/idle.ts';
import { aGlance, dark, INTERVAL_MS, looks, of, ok, reborn, watch } from '../support/idle-looks.ts';

const SECOND = 1_000;
const last = <T>(list: T[]): T => list.at(-1)!;
const brief = ({ value, keepsAwake }: Evidence) => `${keepsAwake}: ${value}`;
const at = (name: string, inputAtMs: number) => ({ name, inputAtMs });

describe('cpu', () => {
  const after = (cores: number, over = {}) =>
    of(
      'cpu',
      last(
        watch(
          looks(2, (t) => ({ cpuNs: ok(5e9 + cores * t * 1e6) })),
          over,
        ),
      ),
    );

  test('is the rate between two looks against the threshold, in percent of one core', () => {
    expect(after(0.031)).toEqual({
      ...{ signal: 'cpu', value: '3.1 % of a core', threshold: 'below 10 % of a core', ageMs: null, keepsAwake: 'no' },
    });
    expect(brief(after(0.1)), 'at the threshold is not below it').toBe('yes: 10 % of a core');
    expect(brief(after(3.97))).toBe('yes: 397 % of a core');
    expect(brief(after(0.05, { cpuBelow: 0.04 }))).toBe('yes: 5 % of a core');
  });

  test('is unknown at the first look, when it cannot be read, at the look after that, and when it goes back', () => {
    const found = watch([aGlance(0), aGlance(10_000, { cpuNs: dark }), aGlance(20_000), aGlance(30_000)]);
    expect(found.map((each) => of('cpu', each).keepsAwake)).toEqual(['unknown', 'unknown', 'unknown', 'no']);
    expect(of('cpu', found[1]!).value).toBe('cannot be read: no permission');
    const back = last(watch([aGlance(0, { cpuNs: ok(9) }), aGlance(10_000)]));
    expect(brief(of('cpu', back))).toBe('unknown: cannot be read: its counter went back');
  });

  test('looks that follow each other quickly compare with counters at least half an interval old', () => {
    // A collector of garbage takes 0.2 s of a core right between two looks that are 0.5 s apart.
    const glances = [aGlance(0), aGlance(10_000), aGlance(10_500, { cpuNs: ok(0.2e9) })];
    expect(brief(of('cpu', last(watch(glances))))).toBe('no: 1.9 % of a core');
    const quick = Array.from({ length: 30 }, (_, n) => aGlance(10_000 + n * 500, { cpuNs: ok(n < 26 ? 0 : 0.6e9) }));
    const found = watch([aGlance(0), ...quick]);
    expect(brief(of('cpu', found[26]!))).toBe('no: 0 % of a core');
    expect(brief(of('cpu', found[27]!)), 'of the last interval, not of all looks').toBe('yes: 12 % of a core');
  });

  test('of a limit below the threshold half of it is enough', () => {
    const found = watch(
      looks(2, (t) => ({ cpuNs: ok(0.045 * t * 1e6) })),
      {},
      null,
      0.05,
    );
    expect(of('cpu', last(found))).toMatchObject({ keepsAwake: 'yes', threshold: 'below 2.5 % of a core' });
  });

  test('on a crowded host who waits for a CPU computes, be it with next to nothing', () => {
    const starved = (cores: number, wantsCpu: boolean) =>
      of('cpu', last(watch(looks(2, (t) => ({ cpuNs: ok(cores * t * 1e6), wantsCpu })))));
    expect(starved(0.03, false).keepsAwake).toBe('no');
    expect(starved(0.03, true)).toMatchObject({
      ...{ keepsAwake: 'yes', value: '3 % of a core, and it waits for a CPU: the host is crowded' },
      threshold: 'below 0.5 % of a core',
    });
    expect(starved(0.0002, true).keepsAwake, 'an init that wakes once a second').toBe('no');
  });

  test('after a time without looks, growth beyond two quiet intervals counts, however long it was', () => {
    const quiet = watch(looks(3));
    const back = (cpuSeconds: number, atMs: number) =>
      of('cpu', watch([aGlance(atMs, { cpuNs: ok(cpuSeconds * 1e9) })], {}, last(quiet).past)[0]!);
    expect(brief(back(1.9, 3_600_000))).toBe('no: 1.9 s of CPU time while nobody looked');
    expect(brief(back(2, 3_600_000))).toBe('yes: 2 s of CPU time while nobody looked');
    const reborn_ = watch([aGlance(5, { cpuNs: ok(2e9) })], {}, reborn(last(quiet)))[0]!;
    expect(of('cpu', reborn_).keepsAwake, 'also after a restart of the controller').toBe('yes');
  });
});

describe('network', () => {
  test('keeps awake from 100 kB/s on; the chatter of a forgotten tab does not', () => {
    const after = (bytesPerSecond: number) =>
      of('network', last(watch(looks(2, (t) => ({ networkBytes: ok((bytesPerSecond * t) / 1_000) })))));
    expect(brief(after(1_400))).toBe('no: 1.4 kB/s');
    expect(after(99_000)).toMatchObject({ keepsAwake: 'no', threshold: 'below 100 kB/s' });
    expect(brief(after(100_000))).toBe('yes: 100 kB/s');
  });

  test('is unknown when it cannot be read', () => {
    const found = watch(looks(2, () => ({ networkBytes: dark })));
    expect(of('network', last(found)).keepsAwake).toBe('unknown');
  });
});

describe('terminal', () => {
  const seen = (...terminals: { name: string; inputAtMs: number }[]) => ({ terminals: ok(terminals) });
  const pts = (...times: number[]) => times.map((time, n) => aGlance(n * INTERVAL_MS, seen(at('pts/0', time))));

  test('a changed input time keeps awake, whatever wall clock it is of', () => {
    expect(brief(of('terminal', last(watch(pts(7, 7, 3)))))).toBe('yes: input at pts/0');
    const silent = of('terminal', last(watch(pts(7, 7, 7))));
    expect([brief(silent), silent.ageMs]).toEqual(['no: 1 open', null]);
  });

  test('keys within the eight seconds of one step are not missed', () => {
    const quick = (ms: number) => aGlance(10_000 + ms, seen(at('pts/0', 8)));
    const found = watch([...pts(0), aGlance(10_000, seen(at('pts/0', 8))), quick(4_000), quick(7_900), quick(8_100)]);
    expect(found.map((each) => of('terminal', each).keepsAwake)).toEqual(['unknown', 'yes', 'yes', 'yes', 'no']);
    expect(of('terminal', last(found)).ageMs).toBe(8_100);
  });

  test('a new terminal counts, a closed one does not', () => {
    const two = watch([aGlance(0), aGlance(10_000, seen(at('pts/0', 5)))]);
    expect(brief(of('terminal', last(two)))).toBe('yes: input at pts/0');
    const closed = watch([...pts(7, 7), aGlance(20_000)]);
    expect(brief(of('terminal', last(closed)))).toBe('no: none open');
  });

  test('typing while the controller was away is noticed; none is not', () => {
    const before = last(watch(pts(7, 7, 7)));
    const back = (time: number) => watch([aGlance(1, seen(at('pts/0', time)))], {}, reborn(before))[0]!;
    expect(brief(of('terminal', back(15)))).toBe('yes: input at pts/0');
    expect(brief(of('terminal', back(7)))).toBe('no: 1 open');
  });

  test('is unknown when it cannot be read, and at the look after that while one is open', () => {
    const found = watch([...pts(7, 7), aGlance(20_000, { terminals: dark }), aGlance(30_000, seen(at('pts/0', 7)))]);
    expect(found.slice(2).map((each) => of('terminal', each).keepsAwake)).toEqual(['unknown', 'unknown']);
  });
});

describe('stream', () => {
  const streams = (open: number, lastInputMs?: number) => ({ streams: { open, lastInputMs } });

  test('input since the look before and a new stream keep awake; one that is open and silent does not', () => {
    const found = watch([
      aGlance(0),
      aGlance(10_000, streams(1)),
      aGlance(20_000, streams(1, 15_000)),
      aGlance(30_000, streams(1, 15_000)),
      aGlance(40_000, streams(0, 15_000)),
    ]);
    expect(found.slice(1).map((each) => brief(of('stream', each)))).toEqual([
      ...['yes: 1 open, a new one', 'yes: 1 open, input', 'no: 1 open, silent', 'no: none open'],
    ]);
    expect(of('stream', last(found)).ageMs).toBe(20_000);
  });

  test('input that came before the first look after a restart counts', () => {
    const back = watch([aGlance(500, streams(0, 400))], {}, reborn(last(watch(looks(3)))))[0]!;
    expect(of('stream', back).keepsAwake).toBe('yes');
  });
});

describe('jupyter', () => {
  const kernels = (busy: number) => ({ kernels: ok({ servers: 1, kernels: 3, busy }) });
  const now = (seen: object) => of('jupyter', last(watch([aGlance(0), aGlance(10_000, seen)])));

  test('a busy kernel keeps awake, idle ones do not, however many there are', () => {
    expect(now(kernels(2))).toMatchObject({ value: '2 of 3 kernels busy', keepsAwake: 'yes' });
    expect(now(kernels(0))).toMatchObject({ value: '0 of 3 kernels busy', keepsAwake: 'no' });
    expect(now({})).toMatchObject({ value: 'no server', keepsAwake: 'no' });
  });

  test('is unknown when it does not answer', () => {
    expect(now({ kernels: dark })).toMatchObject({ value: 'cannot be read: no permission', keepsAwake: 'unknown' });
  });
});

test('a lease keeps awake while some of it is left', () => {
  const [, held, over] = watch([aGlance(0), aGlance(10_000, { leaseLeftMs: 7_140_000 }), aGlance(20_000)]);
  expect(of('lease', held!)).toMatchObject({ value: 'ends in 1h59m', keepsAwake: 'yes', ageMs: 0 });
  expect(of('lease', over!)).toMatchObject({ value: 'none', keepsAwake: 'no', ageMs: 10_000 });
});

test('a start keeps awake for the timeout, counted by looks', () => {
  const found = watch(looks(8), { timeoutMs: 60 * SECOND }).map((each) => of('started', each));
  expect(found.map(({ keepsAwake }) => keepsAwake)).toEqual([...Array(6).fill('yes'), 'no', 'no']);
  expect(found[6]).toMatchObject({ value: 'seen running for 1m', threshold: 'at least 1m', ageMs: 60_000 });
});

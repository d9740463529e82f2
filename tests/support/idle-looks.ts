import type { Evidence, IdlePolicy, Reading, Readings, SignalName, Verdict } from '../../src/model/idle.ts';
import type { Glance } from '../../src/reconcilers/idle/signals/signal.ts';
import { type Judgement, judge, type Past, type Rules } from '../../src/reconcilers/idle/verdict.ts';

export const aPolicy = (over: Partial<IdlePolicy> = {}): IdlePolicy => ({
  ...{ enabled: true, mode: 'Enforce', timeoutMs: 60_000, cpuBelow: 0.1, warnBeforeMs: 0 },
  ...over,
});

export const INTERVAL_MS = 10_000;
const aRules = (over: Partial<IdlePolicy>, cpuLimit: number): Rules => ({
  policy: aPolicy(over),
  intervalMs: INTERVAL_MS,
  cpuLimit,
});

export const ok = <T>(value: T): Reading<T> => ({ ok: true, value });
export const dark: { ok: false; message: string } = { ok: false, message: 'no permission' };

type Seen = Partial<Omit<Readings, 'atMs'>> & Partial<Omit<Glance, 'readings'>>;

/** A look at `atMs` that found nothing going on, but for what the test is about. */
export function aGlance(atMs: number, { run = 'c1', streams, leaseLeftMs = 0, ...readings }: Seen = {}): Glance {
  return {
    ...{ run, leaseLeftMs, streams: streams ?? { open: 0, lastInputMs: undefined } },
    readings: {
      ...{
        atMs,
        wallMs: Date.UTC(2026, 0, 1) + atMs,
        cpuNs: ok(0),
        networkBytes: ok(0),
        terminals: ok([]),
        wantsCpu: false,
      },
      ...{ kernels: ok({ servers: 0, kernels: 0, busy: 0 }), ...readings },
    },
  };
}

/** Judges looks one after the other. */
export function watch(
  glances: Glance[],
  over: Partial<IdlePolicy> = {},
  start: Past | null = null,
  cpuLimit = 4,
): Judgement[] {
  let past = start;
  return glances.map((glance) => {
    const found = judge(glance, past, aRules(over, cpuLimit));
    past = found.past;
    return found;
  });
}

/** Looks in the regular interval, `count` of them. */
export const looks = (count: number, seen: (at: number, look: number) => Seen = () => ({})): Glance[] =>
  Array.from({ length: count }, (_, n) => aGlance(n * INTERVAL_MS, seen(n * INTERVAL_MS, n)));

export const of = (signal: SignalName, { evidence }: Pick<Judgement | Verdict, 'evidence'>): Evidence =>
  evidence.find((each) => each.signal === signal)!;

/** As a controller that comes back has it: what was on disk, and no moments of the monotonic clock. */
export const reborn = ({ past }: Judgement): Past => ({ memory: past.memory, atMs: null, streams: 0, counters: [] });

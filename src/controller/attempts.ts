import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { WorkdockError } from '../lib/errors.ts';

/** The steady pause of `retry: 'wait'`: somebody has to mount, start or free something. */
const WAIT_MS = 5_000;
/** Hints may look at a waiting name sooner, but not in a tight loop of its own events. */
const WAIT_HINT_MS = 1_000;

type Slot = 'retry' | 'asked';
type Timer = { atMs: number; cancel: () => void };
type Memory = { failures: number; lastCode?: string; notBeforeMs: number; timers: Partial<Record<Slot, Timer>> };
type Deps = { clock: Clock; random: () => number; wake: (name: string, trigger: string) => void };

/** Per name: failures in a row, the earliest moment a mere hint may run it again, and its pending alarms. */
export function makeAttempts({ clock, random, wake }: Deps) {
  const names = new Map<string, Memory>();

  const of = (name: string): Memory => {
    const known = names.get(name);
    if (known) return known;
    const fresh: Memory = { failures: 0, notBeforeMs: 0, timers: {} };
    names.set(name, fresh);
    return fresh;
  };
  const cancel = (name: string, slot: Slot): void => {
    const memory = names.get(name);
    memory?.timers[slot]?.cancel();
    delete memory?.timers[slot];
  };
  const alarm = (name: string, slot: Slot, ms: number, trigger: string): void => {
    cancel(name, slot);
    const fire = (): void => {
      delete of(name).timers[slot];
      wake(name, trigger);
    };
    of(name).timers[slot] = { atMs: clock.monotonic() + ms, cancel: clock.timer(ms, fire) };
  };
  /** Keeps an alarm that comes earlier. */
  const alarmBy = (name: string, slot: Slot, ms: number, trigger: string): void => {
    const set = names.get(name)?.timers[slot];
    if (set === undefined || set.atMs > clock.monotonic() + ms) alarm(name, slot, ms, trigger);
  };
  const forget = (name: string): void => {
    cancel(name, 'retry');
    cancel(name, 'asked');
    names.delete(name);
  };

  return {
    /** Milliseconds until a hint may run the name; 0 = now. A changed spec is no hint: see `forgive`. */
    blockedMs: (name: string): number => Math.max(0, (names.get(name)?.notBeforeMs ?? 0) - clock.monotonic()),
    failures: (name: string): number => names.get(name)?.failures ?? 0,
    /** A new spec or a person's word: what failed before says nothing about it. */
    forgive: (name: string): void => {
      cancel(name, 'retry');
      const memory = names.get(name);
      if (memory) Object.assign(memory, { failures: 0, notBeforeMs: 0 });
    },
    succeeded: (name: string): void => {
      const memory = names.get(name);
      if (memory === undefined) return;
      if (Object.keys(memory.timers).length === 0) names.delete(name);
      else Object.assign(memory, { failures: 0, lastCode: undefined, notBeforeMs: 0 });
    },
    /** Counts the failure, sets the retry its policy asks for, and tells whether this code is news for the name. */
    failed: (name: string, error: WorkdockError): { pauseMs: number | null; news: boolean } => {
      const memory = of(name);
      const news = memory.lastCode !== error.code;
      memory.failures += 1;
      memory.lastCode = error.code;
      const growing = backoffMs(memory.failures, random);
      const policy = error.policy.retry;
      memory.notBeforeMs = clock.monotonic() + (policy === 'wait' ? WAIT_HINT_MS : growing);
      const pauseMs = { never: null, wait: WAIT_MS, backoff: growing }[policy];
      if (pauseMs !== null) alarm(name, 'retry', pauseMs, `retry ${memory.failures} after ${error.code}`);
      return { pauseMs, news };
    },
    /** The look the last pass asked for; replaces the one before. */
    retryAfter: (name: string, ms: number, trigger: string): void => alarm(name, 'retry', ms, trigger),
    cancelRetry: (name: string): void => cancel(name, 'retry'),
    /** A hint that came too early, kept for the moment it may run. */
    retryBy: (name: string, ms: number, trigger: string): void => alarmBy(name, 'retry', ms, trigger),
    /** An alarm somebody else asked for; the earliest wins and no pass cancels it. */
    askAfter: (name: string, ms: number, trigger: string): void => alarmBy(name, 'asked', ms, trigger),
    /** Monotonic milliseconds of the next alarm. */
    nextAtMs: (name: string): number | undefined => {
      const times = Object.values(names.get(name)?.timers ?? {}).map((timer) => timer.atMs);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    clear: (): void => {
      for (const name of [...names.keys()]) forget(name);
    },
  };
}

export type Attempts = ReturnType<typeof makeAttempts>;

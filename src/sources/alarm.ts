import type { Clock } from '../lib/clock.ts';

/** One alarm; set again, the earlier time wins. */
export function makeAlarm(clock: Clock, ring: () => void) {
  let set: { atMs: number; cancel: () => void } | undefined;

  const cancel = (): void => {
    set?.cancel();
    set = undefined;
  };
  return {
    within: (ms: number): void => {
      const atMs = clock.monotonic() + ms;
      if (set !== undefined && set.atMs <= atMs) return;
      cancel();
      const fire = (): void => {
        set = undefined;
        ring();
      };
      set = { atMs, cancel: clock.timer(ms, fire) };
    },
    cancel,
  };
}

import type { Clock } from '../../lib/clock.ts';

/** An event comes at most this long after the answer to the call that caused it. */
const LATE_MS = 2_000;

export type Echoes = ReturnType<typeof makeEchoes>;

/**
 * Tells the engine's events that our own calls cause from all others. The pass that made the call looks again by
 * itself: woken by its own create and start it would look at everything once more. An event taken for ours by mistake
 * costs time until the next resync, like any event that is lost.
 */
export function makeEchoes(clock: Pick<Clock, 'monotonic'>) {
  /** Until when an event of that subject and action is ours. */
  const expected = new Map<string, number>();
  const forget = () => {
    for (const [key, untilMs] of expected) if (untilMs < clock.monotonic()) expected.delete(key);
  };
  return {
    /** `subject`: a container's id, or its name where the id is not known yet. A failed call expects nothing. */
    during: async <T>(subject: string, actions: readonly string[], call: () => Promise<T>): Promise<T> => {
      const keys = actions.map((action) => `${action} ${subject}`);
      for (const key of keys) expected.set(key, Number.POSITIVE_INFINITY);
      try {
        const result = await call();
        for (const key of keys) if (expected.has(key)) expected.set(key, clock.monotonic() + LATE_MS);
        return result;
      } catch (error) {
        for (const key of keys) expected.delete(key);
        throw error;
      } finally {
        forget();
      }
    },
    /** Once for each call: the second such event is somebody else's. */
    isOwn: (subject: string, action: string): boolean => {
      const key = `${action} ${subject}`;
      const own = (expected.get(key) ?? -Infinity) >= clock.monotonic();
      expected.delete(key);
      return own;
    },
  };
}

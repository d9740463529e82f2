import { setTimeout as pause } from 'node:timers/promises';

type Options = { deadlineMs?: number; everyMs?: number; what?: string | (() => string) };

/**
 * Waits until `condition` gives something truthy and returns it.
 * @throws after the deadline (5 s unless told), with the condition's last error or value.
 */
export async function until<T>(condition: () => T | Promise<T>, options: Options = {}): Promise<NonNullable<T>> {
  const { deadlineMs = 5_000, everyMs = 10, what = String(condition) } = options;
  const end = performance.now() + deadlineMs;
  for (;;) {
    let seen: unknown;
    try {
      const value = await condition();
      if (value) return value;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (performance.now() >= end) {
      const text = typeof what === 'function' ? what() : what;
      throw new Error(`not true within ${deadlineMs} ms: ${text}`, { cause: seen });
    }
    await pause(everyMs);
  }
}

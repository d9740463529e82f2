import { setTimeout as pause } from 'node:timers/promises';

/**
 * Watches `condition` for `ms` and fails as soon as it is not true: for "nothing happens".
 * @throws with what it gave, or its own error.
 */
export async function holdsFor(condition: () => unknown, ms: number, what = String(condition)): Promise<void> {
  const start = performance.now();
  for (;;) {
    const value = await condition();
    const sinceMs = Math.round(performance.now() - start);
    if (!value) throw new Error(`no longer true after ${sinceMs} ms: ${what}`, { cause: value });
    if (sinceMs >= ms) return;
    await pause(50);
  }
}

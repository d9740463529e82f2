import { uptime } from 'node:os';
import type { Clock } from './lib/clock.ts';
import type { HostTimes } from './reconcilers/workspace/last-end.ts';

/** When the machine, its engine and this controller began, as far as they are known: what an end can have come from. */
export function makeHostTimes({ now }: Pick<Clock, 'now'>) {
  const controllerStartedAtMs = now();
  const bootedAtMs = controllerStartedAtMs - uptime() * 1000;
  let engineAway: { goneMs: number; backMs?: number } | undefined;
  return {
    /** The engine's word of what happens in it broke off, or is there again. */
    engine: (reachable: boolean): void => {
      if (!reachable) engineAway = { goneMs: now() };
      else if (engineAway) engineAway = { ...engineAway, backMs: now() };
    },
    /** Asked with a look at the engine in hand: it is there, though its word may not be yet. */
    get: (): HostTimes => ({
      ...{ bootedAtMs, controllerStartedAtMs },
      engineAway: engineAway && { ...engineAway, backMs: engineAway.backMs ?? now() },
    }),
  };
}

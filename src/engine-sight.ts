import type { Clock } from './lib/clock.ts';
import type { EngineAges } from './model/loop.ts';
import { doubtOf } from './reconcilers/host/doubt.ts';
import type { HostFinding } from './reconcilers/host/reconcile.ts';

type Deps = {
  clock: Pick<Clock, 'now' | 'monotonic'>;
  resyncMs: number;
  /** Lists the engine; false when it did not answer. */
  list: () => Promise<boolean>;
  onLag: (lagMs: number) => void;
};

/**
 * How fresh what is known of the engine is: the idea of the kubelet's PLEG, which is unhealthy when its last relist is
 * too old. Before the first list the age is that of the controller.
 */
export function makeEngineSight({ clock, resyncMs, list, onLag }: Deps) {
  let listedAtMs = clock.monotonic();
  let aliveAtMs = clock.monotonic();
  let listing: Promise<boolean> | undefined;

  const ages = (): EngineAges => ({
    listMs: clock.monotonic() - listedAtMs,
    streamMs: clock.monotonic() - aliveAtMs,
  });
  /** Who asks while it is listed waits for that list's end and gets a list that began after the question. */
  const refresh = async (): Promise<boolean> => {
    await listing;
    listing ??= relist().finally(() => {
      listing = undefined;
    });
    return listing;
  };
  const relist = async (): Promise<boolean> => {
    const beganMs = clock.monotonic();
    const listed = await list();
    if (listed) listedAtMs = beganMs;
    return listed;
  };

  return {
    ages,
    refresh,
    /** Lists anew when the last list is a resync period old: what came without an event is found by it. */
    refreshIfDue: async (): Promise<void> => {
      if (ages().listMs >= resyncMs) await refresh();
    },
    sign: (atMs?: number): void => {
      aliveAtMs = clock.monotonic();
      if (atMs !== undefined) onLag(Math.max(0, clock.now() - atMs));
    },
    /** What is to be said instead of "the engine answers"; undefined when all is fresh. */
    doubt: (): HostFinding | undefined => doubtOf(ages(), resyncMs),
  };
}

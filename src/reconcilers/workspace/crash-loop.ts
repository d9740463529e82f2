import type { Clock } from '../../lib/clock.ts';
import type { Container } from '../../model/observed.ts';
import type { Block, Target } from '../../model/target.ts';
import { isUp } from './facts.ts';

/** Ends that came by themselves and fast, one workspace's. */
type Ends = { count: number; lastEnd: string; notBefore: number; id: string; ofThisId: number };

/** A run of at least this long forgives earlier ends (Kubernetes: 10 minutes; a desk is not a service). */
const STABLE_MS = 60_000;
/** Ends healed at once: a person's `docker kill` is not a crash loop. */
const FREE = 2;
const CAP_MS = 300_000;

/** Restart pause after the n-th fast end: 0, 0, then 1 s doubling to 5 minutes (kubelet's cap). */
export const pauseMs = (count: number): number =>
  count <= FREE ? 0 : Math.min(CAP_MS, 1_000 * 2 ** (count - FREE - 1));

/** Counts ends under a reached target and holds off the next start. In memory: a restart forgets the count. */
export function makeCrashLoop(clock: Pick<Clock, 'monotonic'>) {
  const ends = new Map<string, Ends>();
  return {
    /** Call with every look; tells what a start has to wait for. */
    look: (target: Target, c: Container | undefined): Block | undefined => {
      const { name } = target.fitted;
      if (target.run !== 'Running' || !target.reachedBefore || !c?.finishedAt || isUp(c)) return undefined;
      const known = ends.get(name);
      const end = `${c.id} ${c.finishedAt}`;
      if (known?.lastEnd !== end) {
        const ranMs = Date.parse(c.finishedAt) - Date.parse(c.startedAt ?? c.finishedAt);
        const count = ranMs >= STABLE_MS ? 1 : (known?.count ?? 0) + 1;
        const ofThisId = known?.id === c.id ? known.ofThisId + 1 : 1;
        ends.set(name, { count, lastEnd: end, notBefore: clock.monotonic() + pauseMs(count), id: c.id, ofThisId });
      }
      const { count, notBefore } = ends.get(name)!;
      const left = notBefore - clock.monotonic();
      if (left <= 0) return undefined;
      const seconds = Math.ceil(left / 1_000);
      const message = `ended ${count} times soon after its start (exit ${c.exitCode}); next start in ${seconds} s`;
      return { reason: 'CrashLoopBackOff', message, retryAfterMs: left };
    },
    /** This very container ended once, fast, and not again. Call after `look`. */
    isFirstEnd: (name: string, { id }: Pick<Container, 'id'>): boolean => {
      const known = ends.get(name);
      return known?.id === id && known.ofThisId === 1;
    },
    /** A changed spec or a person's verb starts with a clean slate. */
    forget: (name: string) => void ends.delete(name),
  };
}
export type CrashLoop = ReturnType<typeof makeCrashLoop>;

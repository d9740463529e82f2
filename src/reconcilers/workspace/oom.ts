import type { Container } from '../../model/observed.ts';
import { killedByMemory } from './facts.ts';

const gone = (c: Container) => `${c.id} ${c.finishedAt}`;

/**
 * Counts OOM kills per container run from the cgroup's counter, and once from the engine when the whole container went
 * with it (its cgroup is gone then). The first look at a run that was already on only notes the count: a restart of the
 * controller repeats no event.
 */
export function makeOomWatch() {
  const seen = new Map<string, { run: string; kills: number; end: string }>();
  /** By name, the container of which the engine said it while it ran; it says so for ever then. */
  const flagged = new Map<string, string>();
  /** `keeps`: only keeps the place (`command: Keep`), so that the kernel does not choose it while others are there. */
  return (name: string, c: Container | undefined, keeps: boolean): { fresh: number; kills: number } => {
    if (!c) return { fresh: 0, kills: 0 };
    if (c.state !== 'exited' && c.oomKilled) flagged.set(name, c.id);
    const ranOutBefore = flagged.get(name) === c.id;
    const says = c.state === 'exited' && killedByMemory(c, { keeps, ranOutBefore });
    const run = `${c.id} ${c.startedAt}`;
    const before = seen.get(name);
    const sameRun = before?.run === run;
    if (c.oomKills !== undefined) {
      // A run that began under our eyes counts from zero; one that we find going on is only noted.
      const base = sameRun ? before.kills : before ? 0 : c.oomKills;
      seen.set(name, { run, kills: c.oomKills, end: '' });
      return { fresh: Math.max(0, c.oomKills - base), kills: c.oomKills };
    }
    const kills = sameRun ? before.kills : 0;
    const fresh = before && says && before.end !== gone(c) && kills === 0 ? 1 : 0;
    seen.set(name, { run, kills: kills + fresh, end: gone(c) });
    return { fresh, kills: kills + fresh };
  };
}
export type OomWatch = ReturnType<typeof makeOomWatch>;

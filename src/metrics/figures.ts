import type { Clock } from '../lib/clock.ts';
import type { Container } from '../model/observed.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { causeOf, type RestartCause, restartCauses } from './restart-cause.ts';

/** What passes saw of one workspace, and what happened to it since this process knows it. Monotonic milliseconds. */
export type Figures = {
  seen?: { atMs: number; container: Pick<Container, 'state' | 'limits' | 'memoryInUseBytes'> };
  oomKills: number;
  restarts: Record<RestartCause, number>;
  /** Id and start of the last run. */
  run?: string;
};

const fresh = (): Figures => ({
  oomKills: 0,
  restarts: Object.fromEntries(restartCauses.map((cause) => [cause, 0])) as Figures['restarts'],
});

/** Notes of what the loop sees anyway, so that a scrape asks nobody. */
export function makeFigures(clock: Pick<Clock, 'monotonic'>) {
  const all = new Map<string, Figures>();
  const of = (name: string): Figures => {
    const known = all.get(name) ?? fresh();
    all.set(name, known);
    return known;
  };
  return {
    /** A pass looked at its container; undefined = it has none. */
    see: (name: string, container: Container | undefined): void => {
      const figures = of(name);
      if (!container) delete figures.seen;
      else {
        const { state, limits, memoryInUseBytes } = container;
        const memory = memoryInUseBytes !== undefined && { memoryInUseBytes };
        figures.seen = { atMs: clock.monotonic(), container: { state, limits, ...memory } };
      }
    },
    killed: (name: string, kills: number): void => {
      of(name).oomKills += kills;
    },
    /** A pass is through: another run than the last one is a restart, by what ended that. */
    published: ({ name, container, lastEnd }: WorkspaceStatus): void => {
      if (container?.startedAt === undefined) return;
      const figures = of(name);
      const run = `${container.id} ${container.startedAt}`;
      if (figures.run !== undefined && figures.run !== run) figures.restarts[causeOf(lastEnd?.reason)] += 1;
      figures.run = run;
    },
    get: (name: string): Figures => all.get(name) ?? fresh(),
    /** Forgets everybody else. */
    keepOnly: (names: ReadonlySet<string>): void => {
      for (const name of all.keys()) if (!names.has(name)) all.delete(name);
    },
  };
}
export type FigureBook = ReturnType<typeof makeFigures>;

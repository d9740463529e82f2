import type { Fitted } from '../../model/fitted.ts';
import type { Container } from '../../model/observed.ts';
import type { RunningContainer } from '../../model/runtime.ts';

/** What the last pass over a workspace saw of its container while it ran. */
export type Running = {
  container: RunningContainer;
  /** Id and start: another start is another run. */
  run: string;
  startedAt: string;
  /** Present unless nothing is done to it at the moment. */
  fitted?: Fitted;
  /** Why nothing is done to it. */
  held?: string;
};

export type Sight = { current: Container | undefined; fitted?: Fitted; held?: string };

export const runOf = ({ id, startedAt }: Pick<Container, 'id' | 'startedAt'>): string => `${id} ${startedAt}`;

/**
 * Who runs, as the passes saw it: they look after every event and in every resync anyway, so that a look at the signals
 * asks no engine. Each sight is told on, of one that runs and of one that does not.
 */
export function makeRunning(on: { running: (name: string) => void; down: (name: string) => void }) {
  const all = new Map<string, Running>();
  return {
    see: (name: string, { current, fitted, held }: Sight): void => {
      const { pid, startedAt } = current ?? {};
      if (current?.state !== 'running' || !pid || startedAt === undefined) {
        all.delete(name);
        on.down(name);
        return;
      }
      const more = { ...(fitted && { fitted }), ...(held !== undefined && { held }) };
      all.set(name, { container: { id: current.id, pid }, run: runOf(current), startedAt, ...more });
      on.running(name);
    },
    get: (name: string) => all.get(name),
    containers: () => [...all.values()].map(({ container }) => container),
    count: () => all.size,
  };
}
export type RunningOnes = ReturnType<typeof makeRunning>;

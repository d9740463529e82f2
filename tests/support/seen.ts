import type { Reading } from '../../src/model/idle.ts';
import type { RunningContainer } from '../../src/model/runtime.ts';
import type { TestEngine } from './engine.ts';
import { until } from './until.ts';

/** The value of a reading; a test that meets an unreadable one fails with its reason. */
export function must<T>(reading: Reading<T> | undefined): T {
  if (!reading?.ok) throw new Error(`not read: ${reading?.message ?? 'not asked'}`);
  return reading.value;
}

/** A running container as the port's looks want it. */
export async function running(engine: TestEngine, id: string): Promise<RunningContainer> {
  const { State } = await engine.docker.getContainer(id).inspect();
  return { id, pid: State.Pid };
}

/** What is seen of it from outside, and the difference that some work makes. */
export async function makeSeen(engine: TestEngine, id: string) {
  const container = await running(engine, id);
  const look = (kernels = false) => engine.runtime.readSignals(container, { kernels });
  return {
    container,
    look,
    /** Cores in use and bytes per second between two looks that lie `ms` apart; rates of this moment. */
    rates: async (ms = 2_000) => {
      const before = await look();
      const after = await until(
        async () => {
          const next = await look();
          return next.atMs - before.atMs >= ms ? next : undefined;
        },
        { everyMs: 100, deadlineMs: ms * 2 + 5_000 },
      );
      const passedMs = after.atMs - before.atMs;
      return {
        cores: (must(after.cpuNs) - must(before.cpuNs)) / 1e6 / passedMs,
        bytesPerSecond: ((must(after.networkBytes) - must(before.networkBytes)) * 1_000) / passedMs,
      };
    },
  };
}

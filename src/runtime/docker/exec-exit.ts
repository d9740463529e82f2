import type Docker from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { Engine } from './connect.ts';

type Deps = { engine: Engine; clock: Clock };

const FIRST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 1_000;

/** The exit code, once the command has ended: the engine closes its outputs a little earlier, or much. */
export const makeExit =
  ({ engine, clock }: Deps, exec: Docker.Exec) =>
  async (): Promise<number> => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)) {
      const { Running, ExitCode } = await engine.read('inspect exec', (_docker, abortSignal) =>
        exec.inspect({ abortSignal }),
      );
      if (!Running) return ExitCode ?? 0;
      await new Promise<void>((resolve) => clock.timer(pauseMs, resolve));
    }
  };

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { Engine } from './connect.ts';
import { allow } from './errors.ts';

type Deps = { engine: Engine; clock: Clock; procRoot: string };

/** `pid` is the host's, 0 when there is none: not yet, never, or not known any more. */
type State = { pid: number; started: boolean; ended: boolean; exitCode: number };

const KILLED = 137;
const FIRST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 1_000;
const MOST_AWAY_MS = 5_000;

/** The first process of one command in container `id`, as the engine and the host see it. */
export function makeLeader({ engine, clock, procRoot }: Deps, exec: Docker.Exec, id: string) {
  let seen: number | undefined;

  const look = async (): Promise<State> => {
    const call = engine.read('inspect exec', (_docker, abortSignal) => exec.inspect({ abortSignal }));
    const info = await allow(404, call);
    // The engine forgets the commands of a container that is removed, and that cannot be while they run.
    if (!info) return { pid: 0, started: true, ended: true, exitCode: KILLED };
    const { Pid: pid, Running, ExitCode } = info;
    // Between being made and being started a command does not run and has no code either.
    return { pid, started: pid > 0, ended: !Running && ExitCode !== null, exitCode: ExitCode ?? KILLED };
  };
  /** A number may have gone to another process since: only one in this container's group is ours. */
  const isInside = async (pid: number): Promise<boolean> =>
    (await readFile(join(procRoot, `${pid}`, 'cgroup'), 'utf8').catch(() => '')).includes(id);
  /** False once it has ended. Asks the engine only until the process was seen on this host. */
  const lives = async (): Promise<boolean> => {
    if (seen !== undefined && (await isInside(seen))) return true;
    const { pid, ended } = await look();
    if (await isInside(pid)) seen = pid;
    return !ended;
  };
  const poll = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MOST_PAUSE_MS)) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await new Promise<void>((resolve) => clock.timer(pauseMs, resolve));
    }
  };

  return {
    look,
    isInside,
    lives,
    /** Whether it ever ran, as soon as that is known. */
    started: (): Promise<boolean> =>
      poll(async () => {
        const { started, ended } = await look();
        return started || ended ? started : undefined;
      }),
    /**
     * Its exit code. The engine closes the outputs a little earlier than it knows of the end, a daemon's much. They
     * end with the connection too: an engine that does not answer then may do so again within `MOST_AWAY_MS`.
     */
    ended: (): Promise<number> => {
      let awaySinceMs: number | undefined;
      return poll(async () => {
        if (seen !== undefined && (await isInside(seen))) return undefined;
        try {
          const { pid, ended, exitCode } = await look();
          if (ended) return exitCode;
          if (await isInside(pid)) seen = pid;
          awaySinceMs = undefined;
        } catch (error) {
          awaySinceMs ??= clock.monotonic();
          if (clock.monotonic() - awaySinceMs > MOST_AWAY_MS) throw error;
        }
        return undefined;
      });
    },
  };
}

export type Leader = ReturnType<typeof makeLeader>;

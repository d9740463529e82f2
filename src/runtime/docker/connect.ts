import Docker from 'dockerode';
import { makeSemaphore, withDeadline } from '../../lib/async.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { timedOut, translate } from './errors.ts';
import { untyped } from './untyped.ts';

/** Where the engine is and how long one call may take. Without a socket: DOCKER_HOST, else the usual socket. */
export type Connection = Partial<{
  socketPath: string;
  readMs: number;
  mutateMs: number;
  /** For a look at all files of a container: the engine goes through them, and 100,000 take seconds. */
  layerMs: number;
  /** Longest silence of a pull. */
  stallMs: number;
  /** Pause between two liveness checks of the event stream. */
  pingMs: number;
}>;

/** The newest API the contract suite has run against; older engines get their own maximum. */
const TESTED_API = '1.41';
const minor = (version: string) => Number(version.split('.')[1]);

/** An engine may have dropped what we tested; then its minimum is the closest. */
export const negotiate = (most: string, least: string): string => {
  const wanted = Math.min(minor(most), minor(TESTED_API));
  return `1.${Math.max(wanted, minor(least))}`;
};

/**
 * The only way to a container: a shorter text would be looked up as a name and then as the start of any id, and reach
 * somebody else's container.
 */
export function containerOf(docker: Docker, id: string): Docker.Container {
  if (/^[0-9a-f]{64}$/.test(id)) return docker.getContainer(id);
  throw new WorkdockError('INTERNAL', `${id} is not the full id of a container`, { hint: 'report it' });
}

type Call<T> = (docker: Docker, signal: AbortSignal) => Promise<T>;

/**
 * One engine. Every call has a deadline, waits for one of 16 (mutating), 32 (reading) or 32 (stopping) places, and
 * fails with WorkdockError. dockerode itself has neither: 2,000 parallel inspects open 2,025 descriptors.
 */
export function makeEngine(options: Connection = {}) {
  const { readMs = 10_000, mutateMs = 60_000, layerMs = 20_000, stallMs = 60_000, pingMs = 15_000 } = options;
  const place = options.socketPath === undefined ? {} : { socketPath: options.socketPath };
  const docker = new Docker(place);
  const bare = new Docker(place);
  const reading = makeSemaphore(32);
  const mutating = makeSemaphore(16);
  const stopping = makeSemaphore(32);
  let version: Promise<string> | undefined;

  const timed = async <T>(what: string, ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await withDeadline(ms, call, () => timedOut(what));
    } catch (cause) {
      const error = translate(cause, what);
      if (error.code === 'ENGINE_UNREACHABLE') version = undefined; // another engine may come back
      throw error;
    }
  };
  const apiVersion = (): Promise<string> => {
    version ??= timed('version', readMs, async (abortSignal) => {
      const { ApiVersion, MinAPIVersion = '1.12' } = await untyped(bare).version({ abortSignal });
      const chosen = negotiate(ApiVersion, MinAPIVersion);
      (docker.modem as { version?: string }).version = `v${chosen}`;
      return chosen;
    }).catch((error: unknown) => {
      version = undefined;
      throw error;
    });
    return version;
  };
  const through =
    (slot: typeof reading, ms: number) =>
    <T>(what: string, call: Call<T>, extraMs = 0): Promise<T> =>
      slot(async () => {
        await apiVersion();
        return timed(what, ms + extraMs, (signal) => call(docker, signal));
      });
  return {
    apiVersion,
    read: through(reading, readMs),
    mutate: through(mutating, mutateMs),
    /** As `mutate`, for what waits for the end of somebody's processes: it holds up nothing that is work. */
    stop: through(stopping, mutateMs),
    /** As `read`, for what takes long. */
    readLayer: through(reading, layerMs),
    /** For streams: the deadline covers only the time until the engine answers; no place is held. */
    open: async <T>(what: string, call: Call<T>, ms = readMs): Promise<T> => {
      await apiVersion();
      return timed(what, ms, (signal) => call(docker, signal));
    },
    docker,
    stallMs,
    pingMs,
  };
}

export type Engine = ReturnType<typeof makeEngine>;

import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { WorkdockError } from '../../lib/errors.ts';
import type { PullPolicy } from '../../model/desired.ts';
import type { Engine } from './connect.ts';
import { textOf, timedOut } from './errors.ts';
import type { Images } from './images.ts';
import { makePullTurns } from './pull-turns.ts';

/** One line of the engine's progress report. */
type Progress = { error?: string };

const missing = (ref: string, why: string, cause?: unknown) =>
  new WorkdockError('IMAGE_NOT_FOUND', `no image ${ref} on this engine: ${why}`, {
    hint: 'build it with `workdock image build`, or name one that can be pulled',
    cause,
  });

const silent = (ref: string, ms: number, cause: unknown) =>
  new WorkdockError('ENGINE_TIMEOUT', `nothing came of the pull of ${ref} for ${ms / 1_000} s`, {
    hint: 'its registry may not answer: try it with docker pull, or name another image; it is tried again',
    cause,
  });

/** Follows a pull to its end. Its duration has no limit, its silence has: a pull that says nothing hangs. */
async function follow(stream: Readable, ref: string, stallMs: number): Promise<void> {
  let failure = '';
  let rest = '';
  const watchdog = setTimeout(() => stream.destroy(timedOut(`pull ${ref}`)), stallMs);
  try {
    for await (const chunk of stream) {
      watchdog.refresh();
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim()) failure ||= (JSON.parse(line) as Progress).error ?? '';
    }
  } finally {
    clearTimeout(watchdog);
  }
  if (failure) throw missing(ref, failure);
}

type Deps = { engine: Engine; images: Images };

/**
 * Pulls of different images are bounded, those of one image are one; how long it waits for its turn has no limit.
 * @throws IMAGE_NOT_FOUND when there is none and it cannot be pulled, or may not be (`Never`).
 */
export const makeEnsureImage = ({ engine, images }: Deps) => {
  const turns = makePullTurns();
  const pull = async (ref: string): Promise<void> => {
    try {
      // Nothing comes before the registry has answered.
      const ask = (docker: Docker, abortSignal: AbortSignal) => docker.pull(ref, { abortSignal });
      const stream = await engine.open(`pull ${ref}`, ask, engine.stallMs);
      await follow(stream as Readable, ref, engine.stallMs);
    } catch (error) {
      if (error instanceof WorkdockError && error.code === 'ENGINE_TIMEOUT') throw silent(ref, engine.stallMs, error);
      if (!(error instanceof WorkdockError)) throw missing(ref, textOf(error), error);
      if (['ENGINE_UNREACHABLE', 'DISK_FULL', 'IMAGE_NOT_FOUND'].includes(error.code)) throw error;
      throw missing(ref, error.message, error);
    }
  };
  return async (ref: string, pullPolicy: PullPolicy): Promise<void> => {
    const here = (await images.idOf(ref)) !== null;
    if (pullPolicy === 'Never' && !here) throw missing(ref, 'its pullPolicy is Never');
    if (pullPolicy === 'Always' || !here) {
      // A name without a tag would pull all tags.
      const full = /[:@][^/]+$/.test(ref) ? ref : `${ref}:latest`;
      await turns(full, () => pull(full));
    }
  };
};

import { PassThrough, type Readable } from 'node:stream';
import type { LogOptions } from '../../model/runtime.ts';
import { type FakeContainer, type FakeEngine, isUp } from './engine.ts';

/** What tests put into `engine.logs`; who follows waits for the container's end, and sees nothing new meanwhile. */
export function fakeLogs(
  engine: FakeEngine,
  container: FakeContainer,
  { tail, follow }: LogOptions,
  stop: AbortSignal,
) {
  const lines = engine.logs.get(container.hash) ?? [];
  const shown = tail === undefined ? lines : lines.slice(Math.max(0, lines.length - tail));
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  for (const { stream, line } of shown) streams[stream].write(`${line}\n`);
  const end = () => {
    for (const stream of Object.values(streams)) if (!stream.writableEnded) stream.end();
  };
  const runs = engine.execs.get(container.id) ?? new Set();
  if (follow && isUp(container) && !stop.aborted) {
    engine.execs.set(container.id, runs.add(end));
    stop.addEventListener('abort', end, { once: true });
  } else {
    end();
  }
  return streams satisfies { stdout: Readable; stderr: Readable };
}

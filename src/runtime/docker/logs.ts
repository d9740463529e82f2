import type { IncomingMessage } from 'node:http';
import type { Runtime } from '../../model/runtime.ts';
import { chunksOf } from './chunks.ts';
import { containerOf, type Engine } from './connect.ts';
import { translate } from './errors.ts';
import { splitFrames } from './frames.ts';
import { makeOutlet, type Outlet } from './outlet.ts';
import { openLogs } from './untyped.ts';

/** What a container's first process wrote. It comes in frames, because no container of ours has a terminal. */
export const makeLogs =
  (engine: Engine): Runtime['logs'] =>
  async (id, { tail, follow }, signal) => {
    const answer = await engine.open('logs', (docker, abortSignal) =>
      openLogs(docker, containerOf(docker, id).id, { tail, follow, abortSignal }),
    );
    const outlets = { out: makeOutlet(), err: makeOutlet() };
    const { out, err } = outlets;
    let stopped = false;
    const stop = () => {
      stopped = true;
      answer.destroy();
    };
    const leave = () => {
      if (out.abandoned() && err.abandoned()) stop();
    };
    for (const { stream } of [out, err]) stream.once('close', leave);
    signal.addEventListener('abort', stop, { once: true });
    void forward(answer, outlets).then(() => {
      signal.removeEventListener('abort', stop);
      const error = stopped || !answer.errored ? undefined : translate(answer.errored, 'logs');
      for (const outlet of [out, err]) outlet.end(error);
    });
    if (signal.aborted) stop();
    return { stdout: out.stream, stderr: err.stream };
  };

const forward = (answer: IncomingMessage, { out, err }: { out: Outlet; err: Outlet }): Promise<void> =>
  splitFrames(chunksOf(answer), (stream, bytes) => (stream >= 2 ? err : out).write(bytes));

import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { ExecRequest } from '../../model/stream.ts';
import { chunksOf } from './chunks.ts';
import type { Leader } from './exec-leader.ts';
import { startFailure } from './exec-start-failure.ts';
import { makeTailKeeper } from './exec-tail.ts';
import { splitFrames } from './frames.ts';
import { makeOutlet, type Outlet } from './outlet.ts';

type Deps = { socket: Socket; leader: Leader; clock: Clock; onUnheard: () => void };
type Outputs = { stdout: Readable; stderr: Readable; exited: Promise<number> };

/** How the engine ends its words on a failed start. */
const LINE_END = Buffer.from('\r\n');

const stoppedMeanwhile = () =>
  new WorkdockError('ENGINE_CONFLICT', 'the workspace was stopped before the command began', { hint: 'try it again' });

/** Reads the socket of one command as fast as its outputs are read. One socket carries both. */
export function makeOutputs({ socket, leader, clock, onUnheard }: Deps, { argv, terminal }: ExecRequest): Outputs {
  const keepTail = makeTailKeeper(clock, leader, () => [out, err]);
  const [out, err] = [makeOutlet(keepTail), makeOutlet(keepTail)];
  const write = async (outlet: Outlet, bytes: Buffer) => {
    if (out.abandoned() && err.abandoned()) onUnheard();
    else await outlet.write(bytes);
  };
  const finish = () => {
    out.end();
    err.end();
  };

  /** The first bytes when nothing was started: then they are the engine's words, and nothing follows. */
  let refusal: string | undefined;
  let first = true;
  const onOut = async (bytes: Buffer): Promise<void> => {
    const suspect = first && bytes.subarray(-2).equals(LINE_END);
    first = false;
    if (suspect && !(await leader.started().catch(() => true))) refusal = bytes.toString();
    else await write(out, bytes);
  };
  const forward = async (): Promise<number> => {
    const chunks = chunksOf(socket);
    if (terminal) for await (const chunk of chunks) await onOut(chunk);
    else await splitFrames(chunks, (stream, bytes) => (stream >= 2 ? write(err, bytes) : onOut(bytes)));
    if (refusal === undefined) {
      finish();
      return leader.ended();
    }
    const failure = startFailure(argv[0] ?? '', refusal);
    if (!failure) throw stoppedMeanwhile();
    await write(terminal ? out : err, Buffer.from(failure.line));
    return failure.code;
  };
  if (terminal) err.end();
  // A command that nobody listens to keeps no process of ours alive.
  out.stream.once('close', () => out.abandoned() && socket.unref());
  const exited = forward().finally(() => {
    finish();
    socket.destroy();
  });
  exited.catch(() => {}); // whoever waits for it gets the error; nobody has to
  return { stdout: out.stream, stderr: err.stream, exited };
}

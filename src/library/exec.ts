import { EventEmitter } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { openExec, type RemoteExec } from '../client/exec.ts';
import { withDeadline } from '../lib/async.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { ExecOptions, ExecResult, ExecStream, ExecStreamOptions } from './types.ts';

/** The controller gives a workspace 120 s to wake. */
const OPEN_MS = 150_000;
/** From TERM to KILL, and from KILL to not waiting any longer. */
const END_MS = 2_000;
const MAX_OUTPUT_BYTES = 16 * 2 ** 20;

type Place = { socket: string; name: string };
type Asked = ExecStreamOptions & { argv: string[]; stdin: boolean };

/** See `Workspaces.execStream`. `withinMs`: for the opening, waking included. */
export async function execStream(place: Place, asked: Asked, withinMs = OPEN_MS): Promise<ExecStream> {
  const { argv, stdin, env = {}, workingDir, terminal = null, start = true } = asked;
  const ask = { argv, stdin, env, terminal, start, ...(workingDir !== undefined && { workingDir }) };
  let late = false;
  const opened = openExec(place.socket, place.name, ask).then((stream) => {
    if (late) void end(stream);
    return stream;
  });
  const tooLate = (): WorkdockError => {
    late = true;
    return timedOut(place.name, withinMs);
  };
  return withDeadline(withinMs, () => opened, tooLate);
}

/** See `Workspaces.exec`. */
export async function exec(place: Place, argv: string[], options: ExecOptions): Promise<ExecResult> {
  const { stdin, timeoutMs, maxOutputBytes = MAX_OUTPUT_BYTES, ...rest } = options;
  const asked = { ...rest, argv, stdin: stdin !== undefined };
  const begin = performance.now();
  // A source may fail before it is asked for anything; then it says so again when it is read.
  if (stdin instanceof EventEmitter) stdin.on('error', () => undefined);
  const stream = await execStream(place, asked, timeoutMs);
  const finished = Promise.all([collect(stream, maxOutputBytes, argv), feed(stream, stdin)]);
  try {
    if (timeoutMs === undefined) return (await finished)[0];
    const leftMs = Math.max(0, timeoutMs - (performance.now() - begin));
    return (
      await withDeadline(
        leftMs,
        () => finished,
        () => timedOut(place.name, timeoutMs),
      )
    )[0];
  } catch (error) {
    finished.catch(() => undefined); // the first failure is told
    await end(stream);
    throw error;
  }
}

async function collect(stream: RemoteExec, most: number, [program = '']: string[]): Promise<ExecResult> {
  let length = 0;
  const textOf = async (output: RemoteExec['stdout']): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of output as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > most) {
        const hint = 'raise maxOutputBytes, or read it as it comes with execStream';
        throw new WorkdockError('OUTPUT_TOO_LONG', `${program} wrote more than ${most} bytes`, { hint });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  };
  const [stdout, stderr] = await Promise.all([textOf(stream.stdout), textOf(stream.stderr)]);
  return { exitCode: await stream.exited, stdout, stderr };
}

/** A command may end without reading all of it; only a source that fails is a failure. */
async function feed(stream: RemoteExec, stdin: ExecOptions['stdin']): Promise<void> {
  stream.stdin.on('error', () => undefined);
  if (stdin === undefined) return;
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) {
    stream.stdin.end(stdin);
    return;
  }
  const ended = new AbortController();
  const over = () => {
    ended.abort();
    stream.stdin.destroy(); // and with it the source, which may never end
  };
  stream.exited.then(over, over);
  await pipeline(stdin, stream.stdin).catch((error: unknown) => {
    if (!ended.signal.aborted) throw error;
  });
}

/** Ends the command and whatever it started in its group: nobody listens to it any more. */
async function end(stream: RemoteExec): Promise<void> {
  for (const output of [stream.stdout, stream.stderr]) output.destroy();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    stream.signal(signal);
    if (await within(END_MS, stream.exited)) break;
  }
  stream.close();
}

const within = (ms: number, exited: Promise<number>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    const done = () => {
      clearTimeout(timer);
      resolve(true);
    };
    exited.then(done, done);
  });

const timedOut = (name: string, ms: number): WorkdockError =>
  new WorkdockError('WAIT_TIMEOUT', `the command in ${name} has not ended within ${ms / 1000} s, and was ended`, {
    hint: 'give it more time with timeoutMs',
  });

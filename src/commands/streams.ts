import type { Readable, Writable } from 'node:stream';
import type { RemoteExec } from '../client/exec.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { ExecAsk } from '../model/stream.ts';
import type { Io } from './io.ts';
import { printError } from './several.ts';

/** The three streams of this process; tests give others. */
export type Streams = { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: Writable };

export type StreamVerb = {
  io: Io;
  streams: Streams;
  /** Connects; may take as long as a start. */
  open: (name: string, ask: ExecAsk) => Promise<RemoteExec>;
};

/** As `docker exec`, `env` and `nohup` say it: the command was never run. */
const OWN_FAILURE = 125;
const REFUSED_TO_START = 7;
/** A start takes about this long; until then there is nothing to tell. */
const PATIENCE_MS = 700;

type Here = { io: Io; streams: Streams; terminal: boolean };

/** Joins this process and a command in a workspace. Returns the exit code; its own failures are told on stderr. */
export async function useStreams(
  { io, streams, terminal }: Here,
  { name, ask, open }: { name: string; ask: ExecAsk; open: StreamVerb['open'] },
): Promise<number> {
  const patience = setTimeout(() => io.err(`workdock: waiting for ${name} ...`), PATIENCE_MS);
  let remote: RemoteExec;
  try {
    remote = await open(name, ask);
  } catch (error) {
    return failed(io, error, ask.start);
  } finally {
    clearTimeout(patience);
  }
  const restore = attach(remote, streams, terminal);
  try {
    const [code] = await Promise.all([
      remote.exited,
      copy(remote.stdout, streams.stdout),
      copy(remote.stderr, streams.stderr),
    ]);
    return code;
  } catch (error) {
    restore();
    return failed(io, error, true);
  } finally {
    restore();
  }
}

function failed(io: Io, error: unknown, start: boolean): number {
  if (!(error instanceof WorkdockError)) throw error;
  printError(io, new WorkdockError(error.code, `${error.message} (${error.code})`, { hint: error.hint }));
  return error.code === 'REFUSED' && !start ? REFUSED_TO_START : OWN_FAILURE;
}

/** Waits for a slow reader; one that has gone ends this process where stdout's errors are seen to. */
async function copy(from: Readable, to: Writable): Promise<void> {
  for await (const chunk of from) {
    if (!to.write(chunk)) await new Promise<void>((resolve) => to.once('drain', resolve));
  }
}

/** stdin, size and signals of this process to the command, until the returned function is called. */
function attach(remote: RemoteExec, { stdin, stdout }: Streams, terminal: boolean): () => void {
  const raw = terminal && stdin.isTTY === true;
  const onResize = () => remote.resize({ rows: stdout.rows, columns: stdout.columns });
  const ends = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;
  const onSignal = (signal: NodeJS.Signals) => remote.signal(signal);
  let over = false;
  if (raw) {
    stdin.setRawMode(true);
    stdout.on('resize', onResize);
    onResize(); // it may have changed while the workspace started
  }
  for (const signal of ends) process.on(signal, onSignal);
  remote.stdin.on('error', () => undefined); // the command has ended: its code tells
  stdin.on('error', () => remote.stdin.end());
  stdin.pipe(remote.stdin);
  return () => {
    if (over) return;
    over = true;
    stdin.unpipe(remote.stdin);
    if (raw) stdin.setRawMode(false);
    stdout.off('resize', onResize);
    for (const signal of ends) process.off(signal, onSignal);
    // What nobody typed yet would keep this process alive.
    stdin.destroy();
    remote.close();
  };
}

import type { Writable } from 'node:stream';
import type { RemoteExec } from '../client/exec.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { ExecAsk } from '../model/stream.ts';
import { attach, copy } from './attach.ts';
import type { Io, VerbDeps } from './io.ts';
import { OWN_FAILURE, withCode } from './own-failure.ts';
import { printError } from './several.ts';
import { tellWaiting } from './waiting.ts';

/** The three streams of this process; tests give others. */
export type Streams = { stdin: NodeJS.ReadStream; stdout: NodeJS.WriteStream; stderr: Writable };

export type StreamVerb = VerbDeps & {
  streams: Streams;
  /** Connects; may take as long as a start. */
  open: (name: string, ask: ExecAsk) => Promise<RemoteExec>;
};

const REFUSED_TO_START = 7;

/** Joins this process and a command in a workspace. Returns the exit code; its own failures are told on stderr. */
export async function useStreams(
  { io, client, streams, open }: StreamVerb,
  { name, ask }: { name: string; ask: ExecAsk },
): Promise<number> {
  const tellNoMore = tellWaiting(io, name, client);
  let remote: RemoteExec;
  try {
    remote = await open(name, ask);
  } catch (error) {
    return failed(io, error, ask.start);
  } finally {
    tellNoMore();
  }
  const restore = attach(remote, streams, ask.terminal !== null);
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
  printError(io, withCode(error));
  return error.code === 'REFUSED' && !start ? REFUSED_TO_START : OWN_FAILURE;
}

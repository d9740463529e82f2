import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { ExecRequest, ExecSession } from '../../model/stream.ts';
import { containerOf, type Engine } from './connect.ts';
import { makeExit } from './exec-exit.ts';
import { makeExecProcesses } from './exec-processes.ts';
import { makeStdin } from './exec-stdin.ts';
import { makeOutlet, type Outlet, splitFrames } from './frames.ts';

type Deps = { engine: Engine; clock: Clock; procRoot: string; cgroupRoot: string };

/**
 * `ConsoleSize` of the engine exists from API 1.42 on, and a resize after the start is too late: the command would
 * see 0x0. `exec` keeps the process; a program that is missing ends with 127 and one that cannot run with 126.
 */
const sized = 'stty rows "$1" cols "$2" 2>/dev/null; shift 2; exec "$@"';

const commandOf = ({ argv, terminal }: ExecRequest): string[] =>
  terminal === null ? argv : ['/bin/sh', '-c', sized, 'sh', `${terminal.rows}`, `${terminal.columns}`, ...argv];

/** Commands in running containers. One socket each; nothing is read that nobody asks for. */
export function makeExec(deps: Deps) {
  const { engine } = deps;

  return async (id: string, request: ExecRequest): Promise<ExecSession> => {
    const Tty = request.terminal !== null;
    const exec = await engine.mutate('exec', (docker, abortSignal) =>
      containerOf(docker, id).exec({
        ...{ Cmd: commandOf(request), User: request.user, WorkingDir: request.workingDir, Tty },
        Env: Object.entries(request.env).map(([name, value]) => `${name}=${value}`),
        ...{ AttachStdin: request.stdin, AttachStdout: true, AttachStderr: true, abortSignal },
      }),
    );
    const socket = await engine.open('exec start', (_docker, abortSignal) => start(exec, Tty, abortSignal));
    const [out, err] = [makeOutlet(), makeOutlet()];
    if (Tty) err.end();
    const ended = forward(socket, { out, err: Tty ? null : err });
    const exited = ended.then(() => makeExit(deps, exec)());
    exited.catch(() => {}); // whoever awaits it still gets the error; nobody has to
    const processes = makeExecProcesses(deps, exec, id);
    return {
      stdin: makeStdin(socket),
      stdout: out.stream,
      stderr: err.stream,
      resize: async ({ rows, columns }) => {
        await engine.mutate('resize', (_docker, abortSignal) => exec.resize({ h: rows, w: columns, abortSignal }));
      },
      signal: processes.signal,
      hangUp: async () => {
        if (Tty) await processes.hangUp();
      },
      exited,
    };
  };
}

/** With `hijack` it is the raw socket: its `end` closes the command's stdin alone. */
const start = async (exec: Docker.Exec, Tty: boolean, abortSignal: AbortSignal): Promise<Duplex> =>
  (await exec.start({ hijack: true, stdin: false, Tty, abortSignal } as Docker.ExecStartOptions)) as Duplex;

/** Until the engine has closed the socket. A reader that has gone is no reason to stop the other one. */
async function forward(socket: Duplex, { out, err }: { out: Outlet; err: Outlet | null }): Promise<void> {
  try {
    if (err === null) for await (const chunk of socket) await out.write(chunk as Buffer);
    else await splitFrames(socket, (stream, bytes) => (stream >= 2 ? err : out).write(bytes));
  } catch {
    // A broken socket is an end like any other: the exit code tells what happened.
  }
  out.end();
  err?.end();
}

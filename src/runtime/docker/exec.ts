import type { Socket } from 'node:net';
import type Docker from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { ExecRequest, ExecSession } from '../../model/stream.ts';
import type { CgroupRoots } from './cgroup.ts';
import { containerOf, type Engine } from './connect.ts';
import { commandOf } from './exec-command.ts';
import { makeLeader } from './exec-leader.ts';
import { makeOutputs } from './exec-outputs.ts';
import { makeExecProcesses } from './exec-processes.ts';
import { makeStdin } from './exec-stdin.ts';
import { makeUnheard } from './exec-unheard.ts';

type Deps = { engine: Engine; clock: Clock; roots: CgroupRoots };

/** The engine takes keys out of the input that detach: not ctrl-p ctrl-q, which people type, but what nobody does. */
const DetachKeys = Array.from({ length: 8 }, () => 'ctrl-^,ctrl-_').join(',');

/** The leader and the other processes of one command that the engine knows. */
export function makeFollow({ engine, clock, roots }: Deps) {
  const initPid = (id: string) => async () => {
    const info = await engine.read('inspect container', (docker, abortSignal) =>
      containerOf(docker, id).inspect({ abortSignal }),
    );
    return info.State.Pid;
  };
  return (exec: Docker.Exec, id: string) => {
    const leader = makeLeader({ engine, clock, procRoot: roots.procRoot }, exec, id);
    return { leader, processes: makeExecProcesses({ roots, leader, id, initPid: initPid(id) }) };
  };
}

/** Commands in running containers, over one socket each. `mine` holds the engine's ids of those that run. */
export function makeExec(deps: Deps, mine: Set<string>) {
  const { engine, clock } = deps;
  const follow = makeFollow(deps);

  return async (id: string, request: ExecRequest): Promise<ExecSession> => {
    const Tty = request.terminal !== null;
    const exec = await engine.mutate('exec', (docker, abortSignal) =>
      containerOf(docker, id).exec({
        ...{ Cmd: commandOf(request), User: request.user, WorkingDir: request.workingDir ?? '', Tty, DetachKeys },
        Env: Object.entries(request.env).map(([name, value]) => `${name}=${value}`),
        ...{ AttachStdin: request.stdin, AttachStdout: true, AttachStderr: true, abortSignal },
      }),
    );
    mine.add(exec.id);
    const opened = engine.open('exec start', (_docker, abortSignal) => start(exec, Tty, abortSignal));
    opened.catch(() => mine.delete(exec.id));
    const socket = await opened;
    const { leader, processes } = follow(exec, id);
    const onUnheard = makeUnheard(clock, processes);
    const stdin = makeStdin(socket, { wanted: request.stdin, terminal: Tty });
    const { stdout, stderr, exited } = makeOutputs({ socket, leader, clock, onUnheard }, request);
    exited.catch(() => {}).finally(() => mine.delete(exec.id));
    return {
      ...{ stdin, stdout, stderr, exited },
      resize: async ({ rows, columns }) => {
        if (!Tty) return;
        const call = engine.mutate('resize', (_docker, abortSignal) =>
          exec.resize({ h: rows, w: columns, abortSignal }),
        );
        // Of a command that has ended the engine refuses it, with one status or another.
        await call.catch(async (error: unknown) => {
          if (!(await leader.look()).ended) throw error;
        });
      },
      signal: processes.signal,
      hangUp: async () => {
        if (Tty) await processes.hangUp();
      },
    };
  };
}

/** With `hijack` it is the raw socket: its `end` closes the command's stdin alone. */
async function start(exec: Docker.Exec, Tty: boolean, abortSignal: AbortSignal): Promise<Socket> {
  const options = { hijack: true, stdin: false, Tty, abortSignal };
  const answer = (await exec.start(options as Docker.ExecStartOptions)) as unknown as Socket;
  if (answer.writable) return answer;
  const hint = 'a proxy between the controller and the engine does not pass upgraded connections: connect directly';
  throw new WorkdockError('ENGINE_FAILED', 'exec start: the engine did not give its socket', { hint });
}

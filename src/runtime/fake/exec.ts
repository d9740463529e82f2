import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import { WorkdockError } from '../../lib/errors.ts';
import type { ExecRequest, ExecSession } from '../../model/stream.ts';
import type { FakeContainer, FakeEngine } from './engine.ts';
import { runProgram } from './programs.ts';

const KILLED = 128 + constants.signals.SIGKILL;

/** A command in a container of the fake: little programs in memory, with streams like real ones. */
export function fakeExec(engine: FakeEngine, container: FakeContainer, request: ExecRequest): ExecSession {
  if (container.state !== 'running')
    throw new WorkdockError('ENGINE_CONFLICT', `container ${container.id} is not running`, { hint: 'start it' });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let size = request.terminal;
  let end = (_code: number) => {};
  const killed = new Promise<number>((resolve) => {
    end = resolve;
  });
  const kill = (name: string) => end(128 + (constants.signals[name as NodeJS.Signals] ?? 0));
  const mine = engine.execs.get(container.id) ?? new Set();
  engine.execs.set(container.id, mine);
  const stop = () => end(KILLED);
  mine.add(stop);
  if (!request.stdin) stdin.end();
  const input = request.stdin ? stdin : new PassThrough().resume();
  const out = request.terminal ? stdout : stderr;
  const program = runProgram(request.argv, { request, stdin, stdout, stderr: out, size: () => size, kill });
  const exited = Promise.race([program.catch(() => KILLED), killed]).then(async (code) => {
    mine.delete(stop);
    for (const stream of [stdout, stderr]) stream.end();
    stdin.resume();
    return code;
  });
  if (request.terminal) stderr.end();
  return {
    ...{ stdin: input, stdout, stderr, exited },
    resize: async (wanted) => {
      size = wanted;
    },
    signal: async (name) => kill(name),
    hangUp: async () => {
      if (request.terminal && request.argv[0] !== 'nohup') kill('SIGHUP');
    },
  };
}

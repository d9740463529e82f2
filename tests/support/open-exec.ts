import { text } from 'node:stream/consumers';
import type { Fitted } from '../../src/model/fitted.ts';
import type { ExecRequest, ExecSession } from '../../src/model/stream.ts';
import type { DockerOptions } from '../../src/runtime/docker/docker-runtime.ts';
import { openEngine } from './engine.ts';

/** A running container on the real engine, and commands in it as its owner. */
export async function openExec(over: Partial<Fitted> = {}, options: Partial<DockerOptions> = {}) {
  const engine = await openEngine(options);
  const { id, wanted } = await engine.up(over);
  const { uid, gid } = wanted.identity;
  const usual = { env: {}, workingDir: '/home/user', user: `${uid}:${gid}`, terminal: null, stdin: true };
  const exec = (argv: string[], more: Partial<ExecRequest> = {}) =>
    engine.runtime.exec(id, { ...usual, ...more, argv });
  const pids = async (pattern: string) => (await engine.inside(id, `pgrep -xf '${pattern}'`)).stdout.split('\n');
  return {
    ...engine,
    ...{ id, wanted, exec },
    sh: (script: string, more: Partial<ExecRequest> = {}) => exec(['sh', '-c', script], more),
    run: async (argv: string[], more: Partial<ExecRequest> = {}) => {
      const session = await exec(argv, more);
      session.stdin.end();
      const [out, err, code] = await Promise.all([text(session.stdout), text(session.stderr), session.exited]);
      return { out, err, code };
    },
    /** Whether a process whose whole command line is this runs inside. */
    runs: async (pattern: string) => (await pids(pattern)).join('') !== '',
  };
}

/** What its API does when a client has gone away. */
export function leave({ stdin, stdout, stderr }: ExecSession): void {
  for (const stream of [stdin, stdout, stderr]) stream.destroy();
}

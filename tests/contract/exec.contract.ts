import { randomBytes } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ExecRequest } from '../../src/model/stream.ts';
import { until } from '../support/until.ts';
import type { ContractWorld } from './runtime.contract.ts';

const sh = (script: string): Partial<ExecRequest> => ({ argv: ['sh', '-c', script] });
const SIZE = { rows: 31, columns: 117 };

/** Commands in a running container, on every runtime. */
export function execContract(label: string, make: () => Promise<ContractWorld>) {
  const open = async () => {
    const world = await make();
    onTestFinished(world.dispose, 60_000);
    const { runtime, fitted } = world;
    const wanted = fitted();
    await runtime.ensureHome(wanted);
    const id = await runtime.create(wanted, 1);
    await runtime.start(id, wanted);
    const { uid, gid } = wanted.identity;
    const usual = { env: {}, workingDir: '/home/user', user: `${uid}:${gid}`, terminal: null, stdin: true };
    const exec = (request: Partial<ExecRequest>) => runtime.exec(id, { ...usual, argv: ['true'], ...request });
    /** To the end, with everything on stdin first. */
    const run = async (request: Partial<ExecRequest>, input?: string | Buffer) => {
      const session = await exec(request);
      session.stdin.end(input);
      const [out, err, code] = await Promise.all([text(session.stdout), text(session.stderr), session.exited]);
      return { out, err, code };
    };
    return { ...world, id, wanted, exec, run };
  };
  const refused = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });

  describe(`${label} exec`, () => {
    test('bytes go in and come out as they are, stdout and stderr apart', async () => {
      const { exec } = await open();
      const bytes = randomBytes(300_000);
      const session = await exec({ argv: ['tee', '/dev/stderr'] });
      session.stdin.end(bytes);
      const [out, err] = await Promise.all([buffer(session.stdout), buffer(session.stderr)]);
      expect(await session.exited).toBe(0);
      expect([out.equals(bytes), err.equals(bytes)]).toEqual([true, true]);
    });

    test('the end of stdin ends what reads it, and its output still comes', async () => {
      const { run } = await open();
      expect(await run(sh('cat; echo after; echo apart >&2'), 'in\n')).toEqual({
        ...{ out: 'in\nafter\n', err: 'apart\n', code: 0 },
      });
    });

    test('the exit code is the command’s own', async () => {
      const { run } = await open();
      const codes = await Promise.all(['exit 0', 'exit 3', 'kill -KILL $$; sleep 9'].map((script) => run(sh(script))));
      expect(codes.map(({ code }) => code)).toEqual([0, 3, 137]);
    });

    test('a terminal has its size before the first byte, and another when told', async () => {
      const { exec } = await open();
      const session = await exec({ ...sh('stty size; read x; stty size'), terminal: SIZE });
      let seen = '';
      session.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      await until(() => seen.includes('31 117'));
      await session.resize({ rows: 40, columns: 99 });
      session.stdin.write('\n');
      expect(await session.exited).toBe(0);
      expect(seen).toMatch(/^31 117\r?\n[\s\S]*40 99\r?\n$/);
      expect(await text(session.stderr)).toBe('');
    });

    test('nothing is run in a container that is paused, stopped or gone', async () => {
      const { runtime, hands, id, exec } = await open();
      await runtime.pause(id);
      await refused(exec({}));
      await runtime.unpause(id);
      await runtime.stop(id, 5);
      await refused(exec({}));
      await hands.rm(id);
      await refused(exec({}));
    });
  });
}

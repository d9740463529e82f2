import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
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

    test('whoever the request names runs it, there and with what it adds to the environment', async () => {
      const { run, wanted } = await open();
      const { uid, gid } = wanted.identity;
      const script = sh('id -u; id -g; pwd; printenv GREETING');
      const request = { ...script, workingDir: '/tmp', env: { GREETING: 'grüß dich = $HOME' } };
      expect((await run(request)).out).toBe(`${uid}\n${gid}\n/tmp\ngrüß dich = $HOME\n`);
      expect((await run({ ...script, user: '0:0' })).out).toMatch(/^0\n0\n/);
    });

    test('a program that is not there is said so on stderr, with 127', async () => {
      const { run } = await open();
      const { out, err, code } = await run({ argv: ['no-such-program', 'x'] });
      expect([out, code]).toEqual(['', 127]);
      expect(err).toMatch(/^[^\n]*no-such-program[^\n]*not found[^\n]*\n$/);
      const inTerminal = await run({ argv: ['no-such-program'], terminal: SIZE });
      expect(inTerminal).toMatchObject({ err: '', code: 127 });
      expect(inTerminal.out).toMatch(/no-such-program: not found\r?\n$/);
    });

    test('a signal ends what does not expect it; one that comes late is no error', async () => {
      const { exec } = await open();
      const session = await exec({ argv: ['sleep', '60'] });
      await session.signal('SIGTERM');
      session.stdout.resume();
      session.stderr.resume();
      expect(await session.exited).toBe(143);
      await session.signal('SIGTERM');
      await session.hangUp();
      await session.resize(SIZE);
    });

    test('a terminal that hangs up takes its command along; without one nothing happens', async () => {
      const { exec } = await open();
      const [ends, stays] = [await exec({ argv: ['sleep', '60'], terminal: SIZE }), await exec({ argv: ['cat'] })];
      await Promise.all([ends.hangUp(), stays.hangUp()]);
      for (const stream of [ends.stdout, stays.stderr]) stream.resume();
      expect(await ends.exited).toBe(129);
      stays.stdin.end('still here');
      expect(await text(stays.stdout)).toBe('still here');
      expect(await stays.exited).toBe(0);
    });

    test('the end of stdin in a terminal is ctrl-d, and what comes after it is still seen', async () => {
      const { run } = await open();
      const { out, code } = await run({ ...sh('cat; echo after; exit 3'), terminal: SIZE }, 'in the middle of a line');
      expect(out).toMatch(/in the middle of a line[\s\S]*after\r?\n$/);
      expect(code).toBe(3);
    });

    test('a command without stdin is not hurt by the end of what it does not have', async () => {
      const { exec } = await open();
      const session = await exec({ ...sh('sleep 0.5; echo late'), stdin: false });
      session.stdin.end('to nobody');
      expect(await text(session.stdout)).toBe('late\n');
      session.stderr.resume();
      expect(await session.exited).toBe(0);
    });

    test('a reader that left keeps nobody from the rest, and input for a command that ended is no error', async () => {
      const { exec } = await open();
      const session = await exec(sh('echo one; echo two >&2; exit 5'));
      session.stdout.destroy();
      expect(await text(session.stderr)).toBe('two\n');
      expect(await session.exited).toBe(5);
      await new Promise((resolve) => session.stdin.write('late', resolve));
      await new Promise<void>((resolve) => session.stdin.end(resolve));
    });

    test('a container that stops ends its commands', async () => {
      const { runtime, id, exec } = await open();
      const session = await exec({ argv: ['cat'] });
      session.stdin.write('it runs');
      await once(session.stdout, 'readable');
      const outputs = Promise.all([text(session.stdout), text(session.stderr)]);
      await runtime.stop(id, 1);
      expect(await outputs).toEqual(['it runs', '']);
      expect([129, 137, 143]).toContain(await session.exited);
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

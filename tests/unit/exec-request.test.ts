import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { makeExec } from '../../src/exec.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { ExecAsk, ExecRequest } from '../../src/model/stream.ts';
import { aDesired } from '../support/fitted.ts';

const session = {
  ...{ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), exited: Promise.resolve(0) },
  ...{ resize: async () => {}, signal: async () => {}, hangUp: async () => {} },
};

type Given = {
  desired?: Partial<Desired>;
  cpus?: number;
  byHand?: boolean;
  secrets?: Record<string, string> | null;
  fails?: string[];
};

/** What the engine is asked to run, each time it is asked; it fails as often as there are codes in `fails`. */
async function requests(
  ask: Partial<ExecAsk>,
  { desired, cpus, byHand = false, secrets = {}, fails = [] }: Given = {},
) {
  const asked: (ExecRequest & { id: string })[] = [];
  const exec = makeExec({
    access: {
      enter: async (_name, { again }) => ({ id: again ? 'new' : 'old', desired: aDesired(desired), cpus, byHand }),
    },
    identityOf: async (owner) => ({ uid: owner.length, gid: 7, groups: [] }),
    secrets: async () => {
      if (secrets) return secrets;
      throw new WorkdockError('SECRET_UNUSABLE', 'unreadable', { hint: '' });
    },
    runtime: {
      exec: async (id, request) => {
        asked.push({ ...request, id });
        const code = fails.shift();
        if (code) throw new WorkdockError(code as 'ENGINE_CONFLICT', 'no', { hint: '' });
        return session;
      },
    },
  });
  const full = { argv: ['x'], env: {}, terminal: null, stdin: true, start: true, ...ask };
  await exec('ada', full, new AbortController().signal);
  return asked;
}

const two = { nanoCpus: 2e9, memoryBytes: 1, pids: 1 };

test('it runs as the owner’s numbers, where the container began unless a folder was said', async () => {
  const [request] = await requests({}, { desired: { owner: 'bea' } });
  expect(request).toMatchObject({ id: 'old', user: '3:7', argv: ['x'], stdin: true, terminal: null });
  expect(request).not.toHaveProperty('workingDir');
  expect((await requests({ workingDir: '/tmp' }))[0]?.workingDir).toBe('/tmp');
});

test('threads follow the limit in force, and not what somebody has set', async () => {
  const env = async (given: Given, ask: Partial<ExecAsk> = {}) => (await requests(ask, given))[0]!.env;
  expect(await env({ desired: { limits: two } })).toMatchObject({ OMP_NUM_THREADS: '2', MKL_NUM_THREADS: '2' });
  expect(await env({ desired: { limits: two }, cpus: 0.5 })).toMatchObject({ OMP_NUM_THREADS: '1' });
  expect(await env({ desired: { env: { OMP_NUM_THREADS: '9' } } })).not.toHaveProperty('OMP_NUM_THREADS');
  expect(await env({ secrets: { OMP_NUM_THREADS: '9' } })).not.toHaveProperty('OMP_NUM_THREADS');
  expect(await env({ cpus: 3, secrets: null })).toMatchObject({ OMP_NUM_THREADS: '3' });
  expect(await env({ cpus: 3 }, { env: { OMP_NUM_THREADS: '1' } })).toMatchObject({ OMP_NUM_THREADS: '1' });
});

test('TERM is the client’s, or one that every image knows', async () => {
  expect((await requests({}))[0]?.env['TERM']).toBe('xterm-256color');
  expect((await requests({ env: { TERM: 'vt100' } }))[0]?.env['TERM']).toBe('vt100');
});

test('a container that is gone is looked for again, three times in all; other failures are told', async () => {
  expect((await requests({}, { fails: ['ENGINE_CONFLICT'] })).map(({ id }) => id)).toEqual(['old', 'new']);
  const always = ['ENGINE_CONFLICT', 'ENGINE_CONFLICT', 'ENGINE_CONFLICT'];
  await expect(requests({}, { fails: always })).rejects.toMatchObject({ code: 'ENGINE_CONFLICT' });
  await expect(requests({}, { fails: ['ENGINE_TIMEOUT'] })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
});

test('what was taken over has no home of ours in its environment', async () => {
  const [none] = await requests({});
  expect(none!.env).not.toHaveProperty('HOME');
  const desired = { env: { USER: 'somebody' } };
  const [request] = await requests({ env: { LOGNAME: 'me' } }, { byHand: true, desired });
  expect(request!.env).toMatchObject({ HOME: '/home/user', USER: 'somebody', LOGNAME: 'me' });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const entry = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export type Ran = { code: number | null; stdout: string; stderr: string };
type Options = { state?: string; cwd?: string; env?: Record<string, string>; input?: string; deadlineMs?: number };

/** Starts the command line as a process of its own; killed after the test when it is still there. */
export function start(args: string[], { state, cwd, env = {} }: Options = {}): ChildProcess {
  const place = state === undefined ? {} : { WORKDOCK_STATE: state };
  const { WORKDOCK_STATE: _state, WORKDOCK_CONFIG: _config, FORCE_COLOR: _colour, ...outer } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...outer, ...place, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs a verb to its end. */
export const run = (args: string[], options: Options = {}): Promise<Ran> => endOf(start(args, options), options);

/** What a started verb comes to. */
export function endOf(child: ChildProcess, options: Pick<Options, 'deadlineMs'> = {}): Promise<Ran> {
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    ran.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    ran.stderr += chunk.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs ?? 30_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...ran, code });
    });
  });
}

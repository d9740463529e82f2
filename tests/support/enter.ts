import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Lab } from './lab.ts';

const launcher = resolve('bin/workdock');
const driver = resolve('tests/support/terminal.py');

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: Buffer; stderr: string };
export type Entered = { child: ChildProcess; ended: Promise<Ended>; stdout: () => Buffer; stderr: () => string };

/** Starts the real CLI with pipes, as a script or a program would. */
export function start(lab: Lab, ...args: string[]): Entered {
  const child = spawn(launcher, args, { cwd: lab.root, env: { ...process.env, NO_COLOR: '1' } });
  const out: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => void out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  const stdout = () => Buffer.concat(out);
  const ended = new Promise<Ended>((done) =>
    child.once('close', (code, signal) => done({ code, signal, stdout: stdout(), stderr: err })),
  );
  return { child, ended, stdout, stderr: () => err };
}

/** Runs it to its end, with `input` as the whole of its stdin. */
export async function enter(lab: Lab, args: string[], input: string | Buffer = ''): Promise<Ended> {
  const { child, ended } = start(lab, ...args);
  child.stdin?.end(input);
  return ended;
}

export type Step =
  | { expect: string; within?: number }
  | { type: string }
  | { resize: [number, number] }
  | { kill: true }
  | { close: true };

/** The real CLI in a real terminal, with a person who does `steps`. Fails when a text never comes. */
export const atTerminal = (lab: Lab, args: string[], steps: Step[], size: [number, number] = [24, 80]) =>
  inTerminal(lab, [launcher, ...args], steps, size);

/** The same with any command, such as `docker exec -it`. */
export async function inTerminal(lab: Lab, command: string[], steps: Step[], size: [number, number] = [24, 80]) {
  const argv = [driver, JSON.stringify(steps), JSON.stringify(size), ...command];
  const env = { ...process.env, TERM: 'xterm' };
  const { stdout } = await promisify(execFile)('python3', argv, { cwd: lab.root, env, maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as { output: string; code: number };
}

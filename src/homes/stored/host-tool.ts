import { type ChildProcess, spawn } from 'node:child_process';
import { WorkdockError } from '../../lib/errors.ts';

const MOST_CHARACTERS = 20_000;
/** What was killed ends at once, unless its disk holds it in the kernel. */
const LEAVE_MS = 5_000;
const NOT_FOUND = 127;
/** Somebody waits for it, and nobody's work should: half-way to the least. */
const NICENESS = '10';

export type Done = { code: number; stdout: string; stderr: string };
type Tool = { argv: [string, ...string[]]; signal: AbortSignal; stdout?: number };

/** It and its children, such as the gzip of a tar. */
function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/**
 * Runs a program of this host, with less of the processors' time than others and never through a shell, until it ends
 * or `signal` fires; then it throws what the signal says. `stdout`: a descriptor; else both outputs are kept, the first
 * 20,000 characters of each.
 * @throws REFUSED when this host does not have it.
 */
export function runTool({ argv, signal, stdout }: Tool): Promise<Done> {
  signal.throwIfAborted();
  const child = spawn('nice', ['-n', NICENESS, ...argv], {
    ...{ cwd: '/', detached: true, stdio: ['ignore', stdout ?? 'pipe', 'pipe'] },
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      if (said[name].length < MOST_CHARACTERS) said[name] += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      end(child);
      setTimeout(() => reject(signal.reason), LEAVE_MS).unref();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', giveUp);
      if (signal.aborted) return reject(signal.reason);
      if (code !== NOT_FOUND) return resolve({ code: code ?? 1, ...said });
      reject(new WorkdockError('REFUSED', `this host has no ${argv[0]}`, { hint: `install ${argv[0]}` }));
    });
  });
}

/** Lines that a program wrote about what it could not do, without its own name. */
export const complaints = ({ stderr }: Done): string[] =>
  stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^(?:\/\S*\/)?(?:tar|rm|find): /, ''));

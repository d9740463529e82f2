import { spawn } from 'node:child_process';
import { makeTail } from './tail.ts';

/** How a call of git may end. `stderr` is its end, for people. */
export type GitResult =
  | { kind: 'done'; stdout: Buffer }
  | { kind: 'failed'; code: number; stderr: string }
  | { kind: 'missing' }
  | { kind: 'late'; afterMs: number; stderr: string }
  | { kind: 'tooLong'; bytes: number };

export type GitCall = {
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** After this it is ended, whatever it does. */
  deadlineMs: number;
  /** After this long without a sign of life on stderr it is ended too; for transfers that show their progress. */
  silenceMs?: number;
  /** More output than this ends it. */
  maxBytes?: number;
  input?: string;
  signal?: AbortSignal;
};

const MAX_BYTES = 1024 * 1024;
/** From TERM, at which git removes its lock files, to KILL. */
const GRACE_MS = 2_000;
/** Output that is still on its way when the process has ended; a child of its own may hold the pipe open for ever. */
const DRAIN_MS = 1_000;

/**
 * Runs git without a shell, in a process group of its own, so that ssh and whatever else it started end with it.
 * Never throws: what went wrong is data.
 */
export function runGit(call: GitCall): Promise<GitResult> {
  const { args, env, deadlineMs, silenceMs, maxBytes = MAX_BYTES, input, signal } = call;
  return new Promise((resolve) => {
    const child = spawn('git', args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    const tail = makeTail();
    let bytes = 0;
    let verdict: GitResult | undefined;
    let lastSignMs = performance.now();

    const killGroup = (with_: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, with_);
      } catch {
        // Ended already.
      }
    };
    const end = (because: GitResult): void => {
      if (verdict !== undefined) return;
      verdict = because;
      killGroup('SIGTERM');
      timers.push(setTimeout(() => killGroup('SIGKILL'), GRACE_MS));
    };
    const late = (afterMs: number): void => end({ kind: 'late', afterMs, stderr: tail.text() });
    const timers: NodeJS.Timeout[] = [setTimeout(() => late(deadlineMs), deadlineMs)];
    const watch =
      silenceMs === undefined
        ? undefined
        : setInterval(() => performance.now() - lastSignMs > silenceMs && late(silenceMs), Math.min(silenceMs, 500));
    const abort = (): void => late(0);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });

    const finish = (result: GitResult): void => {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(watch);
      signal?.removeEventListener('abort', abort);
      // Helpers that outlive git, such as an ssh that hangs, have nobody to serve.
      killGroup('SIGKILL');
      resolve(verdict ?? result);
    };
    const ended = (code: number | null): GitResult =>
      code === 0
        ? { kind: 'done', stdout: Buffer.concat(chunks) }
        : { kind: 'failed', code: code ?? 128, stderr: tail.text() };

    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) end({ kind: 'tooLong', bytes: maxBytes });
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      lastSignMs = performance.now();
      tail.add(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', code: 126, stderr: String(error.code) }),
    );
    child.on('exit', (code) => timers.push(setTimeout(() => finish(ended(code)), DRAIN_MS)));
    child.on('close', (code) => finish(ended(code)));
    child.stdin.on('error', () => undefined); // it ended without reading all
    child.stdin.end(input);
  });
}

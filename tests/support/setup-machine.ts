import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));

export type Ran = { code: number | null; stdout: string; stderr: string };
type RunOptions = { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; deadlineMs?: number };

/** Runs a program to its end, or to its deadline. */
export function runProgram(file: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const { deadlineMs = 30_000, ...rest } = options;
  const child = spawn(file, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs });
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ran, code }));
  });
}

/**
 * A made-up machine: a folder that the set-up takes for the root of the file system when it looks for engines, with a
 * checkout of its own in which nothing is installed yet. Removed after the test.
 */
export async function makeMachine() {
  const root = await mkdtemp(join(tmpdir(), 'wd-setup-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755); // so that another user of this machine can run the set-up in it
  for (const part of ['scripts', 'bin', 'package-lock.json']) {
    await cp(join(checkout, part), join(root, 'checkout', part), { recursive: true });
  }
  const env = {
    PATH: `${root}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: `${root}/home`,
    DOCKER_CONFIG: `${root}/home/.docker`,
    XDG_RUNTIME_DIR: '/run/user/0',
    SETUP_ROOT: root,
  };
  const place = async (path: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  return {
    root,
    /** A program that is there and is never meant to run. */
    program: async (path: string) => writeFile(await place(path), '#!/bin/sh\nexit 99\n', { mode: 0o755 }),
    file: async (path: string, text: string) => writeFile(await place(path), text),
    link: async (path: string, to: string) => symlink(to, await place(path)),
    /** An engine that says it is there. */
    engine: async (path: string) => listen(await place(path)),
    up: (args: string[], more: { env?: NodeJS.ProcessEnv; uid?: number; script?: 'up' | 'test' } = {}) =>
      runProgram(join(root, 'checkout/scripts', more.script ?? 'up'), args, {
        ...more,
        cwd: root,
        env: { ...env, ...more.env },
      }),
  };
}

/** Answers /_ping on a socket as an engine does, until the test ends. */
async function listen(path: string): Promise<() => Promise<void>> {
  const server = createServer((_, answer) => answer.end('OK'));
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return close;
}

/** The lines someone sees who only reads what went wrong. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

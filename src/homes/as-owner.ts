import { spawn } from 'node:child_process';
import type { Identity } from '../model/fitted.ts';

export type Owner = Pick<Identity, 'uid' | 'gid'>;
type Done = { code: number | null; signal: string | null; stdout: string; stderr: string };

const DEADLINE_MS = 10_000;
const MOST_CHARACTERS = 5_000;

/**
 * Runs a few lines of POSIX sh with the owner's uid and gid and no other groups; descriptor 3 is the home, which the
 * script has to enter. The folder is not changed before: Node waits for a child to start, and a disk may hang.
 */
export async function runAsOwner(
  { uid, gid }: Owner,
  homeFd: number,
  { script, args, input = '' }: { script: string; args: string[]; input?: string },
): Promise<Done> {
  const child = spawn('/bin/sh', ['-c', script, 'workdock', ...args], {
    ...{ cwd: '/', uid, gid, env: { PATH: '/usr/bin:/bin' } },
    stdio: ['pipe', 'pipe', 'pipe', homeFd],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      said[name] = (said[name] + chunk.toString()).slice(0, MOST_CHARACTERS);
    });
  }
  child.stdin?.on('error', () => undefined); // it ended early: its code tells
  child.stdin?.end(input);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

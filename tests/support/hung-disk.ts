import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

/** A file system whose server never answers; whoever touches it waits until the shell that holds it ends. */
const script = `
exec 3<>/dev/fuse
mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0,allow_other hung "$1"
echo mounted
exec sleep 600
`;

/**
 * Mounts a disk at `path` that hangs every call, as a network disk does whose server is gone. The returned function
 * lets it go: calls that wait fail then. Null where that cannot be done (no FUSE).
 */
export async function hangDisk(path: string): Promise<(() => Promise<void>) | null> {
  mkdirSync(path, { recursive: true });
  const holder = spawn('sh', ['-ec', script, 'hang', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<boolean>((done) => holder.once('exit', () => done(false)));
  const mounted = new Promise<boolean>((done) => holder.stdout.once('data', () => done(true)));
  if (!(await Promise.race([mounted, ended]))) return null;
  let isOver = false;
  const letGo = async () => {
    if (isOver) return;
    isOver = true;
    holder.kill('SIGKILL');
    await ended;
    await until(() => execFileSync('umount', [path], { stdio: 'ignore' }) !== undefined || true, { everyMs: 50 });
  };
  onTestFinished(letGo, 20_000);
  return letGo;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runProgram } from './setup-machine.ts';

/** Ends with its stdin, and everything it mounted with it. */
const script = `set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
[ ! -d /run/systemd/system ] || mount -t tmpfs tmpfs /run/systemd
rm -rf /etc/systemd/system /etc/workdock*
mkdir /etc/systemd/system
echo ready
cat`;

/** Runs commands on this machine as if systemd did not run, with changes below /etc that nobody else sees. */
export async function openOwnEtc() {
  const folder = mkdtempSync(join(tmpdir(), 'wd-etc-'));
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true });
  });
  await once(child.stdout, 'data');
  return {
    run: (command: string, ...args: string[]) =>
      runProgram('nsenter', ['-t', `${child.pid}`, '-m', '--wd=/usr', '--', command, ...args]),
  };
}

import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './scans.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const keygen = (file: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file]);
  return file;
};

/** A real sshd, in a container of our own image and on a port of loopback, that lets one key at one repository. */
export async function openSshServer(repository: string) {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  const [key, stranger, hostKey] = [keygen(at('key')), keygen(at('stranger')), keygen(at('host'))];
  mkdirSync(at('sshd'));
  copyFileSync(hostKey, at('sshd/host'));
  copyFileSync(`${key}.pub`, at('sshd/authorized'));
  const settings = ['HostKey /etc/ours/host', 'AuthorizedKeysFile /etc/ours/authorized', 'StrictModes no', 'UsePAM no'];
  writeFileSync(at('sshd/config'), `${settings.join('\n')}\nPasswordAuthentication no\nPermitRootLogin yes\n`);
  const script = 'mkdir -p /run/sshd; chown root:root /etc/ours; exec /usr/sbin/sshd -D -e -f /etc/ours/config';
  const mounts = ['-v', `${at('sshd')}:/etc/ours`, '-v', `${repository}:/srv/specs:ro`];
  const how = ['--rm', '-d', '-p', '127.0.0.1::22', ...mounts, '--user', '0:0', '--entrypoint', 'sh'];
  const { stdout: id } = await run('docker', ['run', ...how, 'workdock-workspace:latest', '-c', script]);
  onTestFinished(async () => void (await run('docker', ['rm', '-f', id.trim()])), 30_000);
  const { stdout: published } = await run('docker', ['port', id.trim(), '22']);
  const port = Number(/:(\d+)\s*$/.exec(published.split('\n')[0]!)?.[1]);
  const scan = async () => (await run('ssh-keyscan', ['-p', String(port), '127.0.0.1'])).stdout.includes('ed25519');
  await until(scan, { deadlineMs: 20_000, everyMs: 200 });
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  return { url: `ssh://root@127.0.0.1:${port}/srv/specs`, key, stranger, knownHosts: at('known_hosts') };
}

import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';

/** Copies both ways between its two ends and one address. The address comes as arguments, never as part of the text. */
const script = 'exec 3<>"/dev/tcp/$1/$2" || exit 1; cat <&0 >&3 & exec cat <&3';

/**
 * A connection made inside a container's network namespace, where its loopback is. Only the network is entered: the
 * shell that copies is the host's and sees nothing else of the container. It ends with the stream.
 *
 * A shell and not this program once more: 5 ms of CPU against 26 (measured over 50 and 20 such questions).
 */
export function dialInNamespace(namespace: string, host: string, port: number): Duplex {
  const argv = [`--net=${namespace}`, 'bash', '--norc', '--noprofile', '-c', script, 'dial', host, String(port)];
  const env = { PATH: process.env['PATH'] ?? '' };
  // A group of its own: the shell has children.
  const child = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'ignore'], env, detached: true });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once('error', () =>
    stream.destroy(new Error('nsenter (util-linux) and bash are needed on the host to ask it')),
  );
  stream.once('close', () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // They ended by themselves.
    }
  });
  return stream;
}

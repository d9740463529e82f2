import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from './until.ts';

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

/**
 * A real `git daemon` over one repository, behind a line that stops after so many bytes of the answer while `stallAt`
 * says so: it stays open, and nothing comes any more.
 */
export async function openGitDaemon(root: string) {
  const port = await freePort();
  const args = ['daemon', '--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${root}`];
  // A process group of its own: `git daemon` is a child of `git`.
  const daemon = spawn('git', [...args, root], { stdio: 'ignore', detached: true });
  onTestFinished(() => {
    if (daemon.pid !== undefined) process.kill(-daemon.pid, 'SIGKILL');
  });
  await until(() => answers(port), { deadlineMs: 10_000 });
  let stallAt: number | undefined;
  let stalled = 0;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let bytes = 0;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (stallAt === undefined || bytes < stallAt) near.write(chunk);
      else stalled += 1;
    });
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => {
    line.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `git://127.0.0.1:${(line.address() as { port: number }).port}/`,
    stallAt: (bytes: number | undefined): void => {
      stallAt = bytes;
    },
    /** Chunks that were held back. */
    stalled: () => stalled,
  };
}

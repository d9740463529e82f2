import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A socket in front of the engine's. While it hangs it accepts and never answers, as a stopped daemon does; connections
 * that are open fall silent. `cut` breaks them.
 */
export async function openEngineProxy(upstream = '/var/run/docker.sock') {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-proxy-'));
  const socketPath = join(folder, 'engine.sock');
  const open = new Set<Socket>();
  let hangs = false;
  const server = createServer((client) => {
    open.add(client);
    client.on('error', () => undefined).on('close', () => open.delete(client));
    if (hangs) return;
    const engine = connect(upstream);
    engine.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => engine.destroy());
    client.on('data', (chunk) => hangs || engine.write(chunk));
    engine.on('data', (chunk) => hangs || client.write(chunk));
  });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const listen = () => new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });
  await listen();
  onTestFinished(async () => {
    if (server.listening) await close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    socketPath,
    cut,
    /** Stops listening; the socket file goes, as with a stopped daemon. */
    down: close,
    up: listen,
    hang: (value: boolean) => {
      hangs = value;
    },
  };
}

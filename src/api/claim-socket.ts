import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';

/** A socket file answers at once or not at all: the kernel accepts for a process that is busy. */
const CONNECT_DEADLINE_MS = 2_000;

/** Whether some process listens there. A full backlog or a hang counts as alive: a live socket is never stolen. */
const isAlive = (path: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(path);
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(CONNECT_DEADLINE_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      done(!['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')),
    );
  });

/**
 * Listens on a unix socket that only its owner may open (0600 from its first moment: the umask is set around the bind,
 * which Node does before `listen` returns). It is bound beside its place and renamed into it: when it is closed, Node
 * removes the name it was bound under, which must not be that of a successor.
 *
 * @throws CONTROLLER_LOCKED when something alive listens there, REFUSED when the path is no socket or cannot be made.
 */
export async function claimSocket(server: Server, path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isSocket()) {
    throw new WorkdockError('REFUSED', `${path} is not a socket`, {
      hint: 'move that file away, or use another --state',
    });
  }
  if (there && (await isAlive(path))) {
    const hint = 'stop the other controller first, or give this one its own --state';
    throw new WorkdockError('CONTROLLER_LOCKED', `another controller answers at ${path}`, { hint });
  }
  try {
    makeFolder(dirname(path));
    const beside = join(dirname(path), `.wd-${randomBytes(3).toString('hex')}`); // no longer than workdock.sock
    await bind(server, beside);
    renameSync(beside, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const hint = 'check that the folder exists and is writable, or use a shorter --state';
    throw WorkdockError.wrap(cause, 'REFUSED', `cannot listen on ${path}: ${code}`, hint);
  }
}

function makeFolder(folder: string): void {
  // Only the folder we make ourselves is opened up for others to pass through: the socket in it is 0600.
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o755);
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

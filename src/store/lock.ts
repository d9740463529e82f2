import { randomBytes } from 'node:crypto';
import { open, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { WorkdockError } from '../lib/errors.ts';
import { inData, makePrivateFolder } from './data-folder.ts';
import { errnoOf } from './read-json.ts';

const ANSWER_MS = 500;

export type FolderLock = { release: () => Promise<void> };

/** Listens and answers everybody with our pid; null when somebody else has the address. */
function listen(address: string, answer: string): Promise<Server | null> {
  const server = createServer((socket) => socket.on('error', () => {}).end(answer));
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (errnoOf(error) === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}

/** What the holder says: null when nobody listens, empty when it is too busy or stopped to answer. */
function ask(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    let connected = false;
    socket.once('connect', () => {
      connected = true;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(connected ? text : null));
  });
}

/** Takes the socket file over from a dead holder. Seen from every network namespace, unlike the abstract name. */
async function listenOnFile(path: string, answer: string): Promise<Server | null> {
  const first = await listen(path, answer);
  if (first !== null || (await ask(path)) !== null) return first;
  await unlink(path).catch(() => {});
  const second = await listen(path, answer);
  // Somebody who found the same dead socket may have removed ours in between: the file now answers with its name.
  if (second !== null && (await ask(path)) === answer) return second;
  second?.close();
  return null;
}

async function locked(dataDir: string, answer: string | null): Promise<WorkdockError> {
  const text = answer || (await readFile(inData(dataDir, 'controller.pid'), 'utf8').catch(() => ''));
  const holder = Number.parseInt(text, 10) || 'unknown';
  return new WorkdockError('CONTROLLER_LOCKED', `the data folder ${dataDir} is locked by pid ${holder}`, {
    hint: 'one controller per data folder: stop the other one, or choose another --data',
  });
}

/**
 * One controller per data folder. Two locks, both gone with the process: an abstract socket named by device and inode
 * (atomic, whatever path leads to the folder) and a socket file in it (for controllers in other network namespaces).
 * Neither reaches another machine that mounts the same folder.
 * @throws CONTROLLER_LOCKED
 */
export async function lockDataFolder(dataDir: string): Promise<FolderLock> {
  await makePrivateFolder(inData(dataDir));
  const answer = `${process.pid} ${randomBytes(6).toString('hex')}\n`;
  const { dev, ino } = await stat(dataDir, { bigint: true });
  const name = `\0workdock-${dev}-${ino}`;
  const abstract = await listen(name, answer);
  if (abstract === null) throw await locked(dataDir, await ask(name));

  // Through the open folder: a socket's address has room for 107 bytes, a folder's path may have more.
  const folder = await open(inData(dataDir), 'r');
  const path = `/proc/self/fd/${folder.fd}/controller.lock`;
  const file = await listenOnFile(path, answer).catch(() => 'unsupported' as const); // file systems without sockets
  if (file === null) {
    const error = await locked(dataDir, await ask(path));
    abstract.close();
    await folder.close();
    throw error;
  }
  await writeFile(inData(dataDir, 'controller.pid'), answer, { mode: 0o600 }).catch(() => {});
  return {
    release: async () => {
      abstract.close();
      if (file !== 'unsupported') await new Promise<void>((resolve) => file.close(() => resolve()));
      await folder.close();
      await unlink(inData(dataDir, 'controller.pid')).catch(() => {});
    },
  };
}

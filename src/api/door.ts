import { type BigIntStats, lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { claimSocket } from './claim-socket.ts';

/** `note` is the file that names a socket elsewhere. Both come from `socketPath(stateDir)`. */
type Place = { path: string; note?: string | undefined };
type Log = { error: (facts: object, message: string) => void };

const fileAt = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false });

function writeNote(note: string, path: string): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, `${path}\n`);
}

/**
 * The way in to an HTTP server: a unix socket whose file is made again when it is gone, because it lies in a folder
 * that may be deleted at any time. A socket that somebody else has in its place is theirs.
 */
export function makeDoor(server: HttpServer, { log, checkMs }: { log: Log; checkMs: number }) {
  const doors: Server[] = [];
  let ours: BigIntStats | undefined;
  let told = false;
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => undefined;

  const isOurs = (path: string): boolean => {
    const there = fileAt(path);
    return there !== undefined && there.ino === ours?.ino && there.dev === ours.dev;
  };
  async function claim({ path }: Place): Promise<void> {
    // A server listens once: what comes in by a later door is handed to it.
    const later = server.listening ? createServer((socket) => server.emit('connection', socket)) : undefined;
    await claimSocket(later ?? server, path);
    if (later) doors.push(later);
    ours = fileAt(path);
  }
  async function check(place: Place): Promise<void> {
    const { path, note } = place;
    try {
      if (!isOurs(path)) await claim(place);
      if (note !== undefined && !fileAt(note)) writeNote(note, path);
      told = false;
    } catch (err) {
      if (!told) log.error({ err }, 'the socket is gone and cannot be made again yet');
      told = true;
    }
  }
  function checkLater(place: Place): void {
    timer = setTimeout(() => void check(place).finally(() => timer && checkLater(place)), checkMs).unref();
  }

  return {
    open: async (place: Place): Promise<void> => {
      await claim(place);
      if (place.note !== undefined) writeNote(place.note, place.path);
      checkLater(place);
      leave = () => {
        if (isOurs(place.path)) rmSync(place.path, { force: true });
        if (place.note !== undefined) rmSync(place.note, { force: true });
      };
    },
    /** Nobody comes in any more; `closed` waits for those who came by a later door to leave. */
    shut: (): { closed: Promise<unknown> } => {
      clearTimeout(timer);
      timer = undefined;
      leave();
      return { closed: Promise.all(doors.map((door) => new Promise((done) => door.close(done)))) };
    },
  };
}

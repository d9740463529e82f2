import type { Readable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { channels, frame, type Outcome, statusText } from '../../lib/channel-protocol.ts';
import type { Activity, ExecSession } from '../../model/stream.ts';

/** Unsent output of one stream that may wait in memory; then the command waits. */
const MOST_UNSENT_BYTES = 1024 * 1024;
/** A client that is gone shows itself when it is written to; one that is not read from can only be found so. */
const PING_MS = 15_000;
const PING_WHILE_PAUSED_MS = 500;
const GOING_AWAY = 1001;
const CLOSE_MS = 5_000;

type Watch = ReturnType<Activity['open']>;
type Deps = { socket: WebSocket; session: ExecSession; watch: Watch };

/** Sends on, and waits while the reader is slow. Resolves when a reader is gone too: `serve` sees to that. */
async function forward(socket: WebSocket, source: Readable, channel: number): Promise<void> {
  for await (const chunk of source) {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = frame(channel, chunk as Buffer);
    if (socket.bufferedAmount < MOST_UNSENT_BYTES) socket.send(bytes, () => undefined);
    else await new Promise<void>((resolve) => socket.send(bytes, () => resolve()));
  }
}

/** The client's messages to the command. While its stdin is full nothing more is read from the client. */
function listen({ socket, session, watch }: Deps, onPaused: (paused: boolean) => void): void {
  const { stdin } = session;
  stdin.on('error', () => undefined); // a command that has ended reads nothing: its code tells
  const pause = (paused: boolean) => {
    if (paused) socket.pause();
    else socket.resume();
    onPaused(paused);
  };
  stdin.on('drain', () => pause(false));
  stdin.on('close', () => pause(false));
  const write = (bytes: Buffer) => {
    if (bytes.length === 0 || stdin.destroyed || stdin.writableEnded) return;
    watch.input();
    if (!stdin.write(bytes)) pause(true);
  };
  socket.on('message', (data: RawData) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[]);
    const rest = bytes.subarray(1);
    if (bytes[0] === channels.stdin) write(rest);
    else if (bytes[0] === channels.resize) resize(session, rest.toString(), watch);
    else if (bytes[0] === channels.signal) signal(session, rest.toString());
    else if (bytes[0] === channels.close && rest[0] === channels.stdin) stdin.end();
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function resize(session: ExecSession, text: string, watch: Watch): void {
  const { Width: columns, Height: rows } = parsed(text);
  const isSide = (side: unknown): side is number => Number.isInteger(side) && Number(side) > 0 && Number(side) < 10_000;
  if (!isSide(columns) || !isSide(rows)) return;
  watch.input();
  session.resize({ rows, columns }).catch(() => undefined); // it has ended, or its container has: the end tells
}

function signal(session: ExecSession, text: string): void {
  const { signal: name } = parsed(text);
  if (typeof name === 'string' && /^SIG[A-Z0-9]{2,8}$/.test(name)) {
    session.signal(name as NodeJS.Signals).catch(() => undefined);
  }
}

const outcomeOf = (exited: Promise<number>): Promise<Outcome> =>
  exited.then(
    (code) => ({ ok: true, code }),
    (error: unknown) => ({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  );

/**
 * Joins one client and one command until both are through. A client that goes away takes its terminal with it: its
 * processes get HUP. Without a terminal they go on. The returned function ends the connection from our side.
 */
export function serve({ socket, session, watch }: Deps): { closed: Promise<void>; end: () => void } {
  let pinger: NodeJS.Timeout;
  const pingEvery = (ms: number) => {
    clearInterval(pinger);
    // stdin closes after the socket too, and tells that it is not full any more.
    if (socket.readyState === socket.OPEN) pinger = setInterval(() => socket.ping(), ms);
  };
  pingEvery(PING_MS);
  socket.on('error', () => socket.terminate());
  listen({ socket, session, watch }, (paused) => pingEvery(paused ? PING_WHILE_PAUSED_MS : PING_MS));

  let over = false;
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      clearInterval(pinger);
      watch.close();
      if (!over) leave(session);
      resolve();
    }),
  );
  const outputs = [forward(socket, session.stdout, channels.stdout), forward(socket, session.stderr, channels.stderr)];
  void Promise.allSettled(outputs).then(async () => {
    const outcome = await outcomeOf(session.exited);
    over = true;
    session.stdin.destroy();
    if (socket.readyState !== socket.OPEN) return;
    // Called when all before it has been taken: a reader may stop for as long as it likes, as `less` does.
    socket.send(frame(channels.error, statusText(outcome)), () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), CLOSE_MS).unref(); // a client that does not answer the close
    });
  });
  return {
    closed,
    end: () => {
      socket.close(GOING_AWAY, 'the controller ends');
      setTimeout(() => socket.terminate(), 1_000).unref();
    },
  };
}

/** The client has gone and the command has not ended: a terminal is hung up, anything else goes on unheard. */
export function leave(session: ExecSession): void {
  session
    .hangUp()
    .catch(() => undefined)
    .finally(() => {
      session.stdin.destroy();
      session.stdout.destroy();
      session.stderr.destroy();
    });
}

import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { channels, frame, type Outcome, statusText } from '../../lib/channel-protocol.ts';
import type { Activity, ExecSession } from '../../model/stream.ts';
import { listen } from './listen.ts';

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

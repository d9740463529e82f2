import type { RawData, WebSocket } from 'ws';
import { channels } from '../../lib/channel-protocol.ts';
import type { Activity, ExecSession } from '../../model/stream.ts';

type Watch = ReturnType<Activity['open']>;
type Deps = { socket: WebSocket; session: ExecSession; watch: Watch };
type Message = { channel: number | undefined; rest: Buffer };

/**
 * The client's messages to the command, in their order: what follows a size waits until the terminal has it. While a
 * size is under way, or stdin is full, nothing more is read from the client.
 */
export function listen({ socket, session, watch }: Deps, onPaused: (paused: boolean) => void): void {
  const { stdin } = session;
  const waiting: Message[] = [];
  let full = false;
  let sizing = false;
  const pause = () => {
    const paused = full || sizing;
    if (paused === socket.isPaused) return;
    if (paused) socket.pause();
    else socket.resume();
    onPaused(paused);
  };
  const setFull = (now: boolean) => {
    full = now;
    pause();
  };
  stdin.on('error', () => undefined); // a command that has ended reads nothing: its code tells
  stdin.on('drain', () => setFull(false));
  stdin.on('close', () => setFull(false));
  const write = (bytes: Buffer) => {
    if (bytes.length === 0 || stdin.destroyed || stdin.writableEnded) return;
    watch.input();
    if (!stdin.write(bytes)) setFull(true);
  };
  const size = (text: string) => {
    sizing = true;
    void resize(session, text, watch).finally(() => {
      sizing = false;
      next();
    });
  };
  const next = () => {
    for (let message = waiting[0]; message && !sizing; message = waiting[0]) {
      waiting.shift();
      const { channel, rest } = message;
      if (channel === channels.stdin) write(rest);
      // Of sizes that came while one was under way, as when a window is dragged, only the last counts.
      else if (channel === channels.resize && waiting[0]?.channel !== channels.resize) size(rest.toString());
      else if (channel === channels.signal) signal(session, rest.toString());
      else if (channel === channels.close && rest[0] === channels.stdin) stdin.end();
    }
    pause();
  };
  socket.on('message', (data: RawData) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat() as Buffer[]);
    waiting.push({ channel: bytes[0], rest: bytes.subarray(1) });
    next();
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function resize(session: ExecSession, text: string, watch: Watch): Promise<void> {
  const { Width: columns, Height: rows } = parsed(text);
  const isSide = (side: unknown): side is number => Number.isInteger(side) && Number(side) > 0 && Number(side) < 10_000;
  if (!isSide(columns) || !isSide(rows)) return;
  watch.input();
  await session.resize({ rows, columns }).catch(() => undefined); // it has ended, or its container has: the end tells
}

function signal(session: ExecSession, text: string): void {
  const { signal: name } = parsed(text);
  if (typeof name === 'string' && /^SIG[A-Z0-9]{2,8}$/.test(name)) {
    session.signal(name as NodeJS.Signals).catch(() => undefined);
  }
}

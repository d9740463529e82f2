import type { Readable } from 'node:stream';

/**
 * What a socket brings until it has closed, in whatever way. Unlike `for await` on the socket itself this never throws
 * and gives what was received before an error: an engine that closes with input unread makes the next read fail with
 * ECONNRESET, and a destroyed stream still hands out what it holds.
 */
export async function* chunksOf(socket: Readable): AsyncGenerator<Buffer> {
  let over = socket.destroyed;
  let wake = () => {};
  const on = () => wake();
  const end = () => {
    over = true;
    wake();
  };
  socket.on('readable', on).on('error', on).on('end', end).on('close', end);
  for (;;) {
    const more = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) yield chunk;
    else if (over) return;
    else await more;
  }
}

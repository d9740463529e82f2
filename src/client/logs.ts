import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { LogOptions } from '../model/runtime.ts';
import { connectError, refusal, streamEnded } from './client-errors.ts';

/** Its failure is that of the connection: the controller has gone, and more might have come. */
async function* chunksOf(answer: IncomingMessage, socket: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of answer) yield chunk as Buffer;
  } catch {
    throw streamEnded(socket);
  }
}

/**
 * What the first process of a workspace has written, as a stream of bytes that fails with CONTROLLER_UNREACHABLE when
 * the controller goes away.
 * @throws what the controller refused with, or CONTROLLER_UNREACHABLE.
 */
export function openLogs(socket: string, name: string, { follow, tail }: LogOptions): Promise<Readable> {
  const query = new URLSearchParams({ follow: String(follow), ...(tail !== undefined && { tail: String(tail) }) });
  const path = `/v1/workspaces/${encodeURIComponent(name)}/logs?${query.toString()}`;
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, path }, (answer) => {
      if (answer.statusCode === 200) resolve(Readable.from(chunksOf(answer, socket), { objectMode: false }));
      else
        text(answer)
          .then((body) => reject(refusal(body, answer.statusCode ?? 0)))
          .catch(reject);
    });
    call.once('error', (cause) => reject(connectError(cause, socket)));
    call.end();
  });
}

import type { FastifyReply } from 'fastify';
import { WorkdockError } from '../lib/errors.ts';
import type { Work } from '../model/homes.ts';
import { publicError } from './reply-error.ts';
import { controllerEnds } from './streams/controller-ends.ts';

/** A client takes a longer silence for a controller that hangs. */
const HEARTBEAT_MS = 3_000;

/**
 * Answers with lines of JSON while work goes on: `{"phase"}` as it comes to one, an empty object now and then, and last
 * `{"result"}` or `{"error"}`. What fails before the first line is an ordinary error. A client that goes away ends the
 * work, and so does `ending`.
 */
export async function streamWork<T>(
  reply: FastifyReply,
  ending: AbortSignal,
  work: (work: Work) => Promise<T>,
): Promise<void> {
  const { raw } = reply;
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, ending]);
  let begun = false;
  const write = (line: object) => {
    if (raw.destroyed || raw.writableEnded) return;
    if (!begun) {
      reply.hijack();
      raw.on('error', () => raw.destroy()); // the reader went away in the middle of a write
      raw.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
    }
    begun = true;
    raw.write(`${JSON.stringify(line)}\n`);
  };
  const heartbeat = setInterval(() => write({}), HEARTBEAT_MS);
  try {
    write({ result: await work({ signal, tell: (phase) => write({ phase }) }) });
  } catch (cause) {
    if (gone.signal.aborted) return void reply.hijack(); // nobody hears it
    const error = ending.aborted && !(cause instanceof WorkdockError) ? controllerEnds() : cause;
    if (!begun) throw error;
    write({ error: publicError(error as Error).told });
  } finally {
    clearInterval(heartbeat);
    if (begun) raw.end();
  }
}

import type { FastifyReply } from 'fastify';
import type { Service } from '../model/service.ts';
import type { WorkspaceEvent } from '../model/status.ts';
import type { EventFilter } from '../model/store.ts';

/** A reader that leaves this much unread is cut off: it connects again and asks for the past. */
const MAX_UNREAD_BYTES = 1024 * 1024;

type Options = { service: Pick<Service, 'events' | 'subscribe'>; heartbeatMs: number };

/** The past. None is asked for as often as any: then nothing is read. */
export const readEvents = async (
  { events }: Pick<Service, 'events'>,
  filter: EventFilter,
): Promise<WorkspaceEvent[]> => (filter.limit === 0 ? [] : events(filter));

/** Live events as server-sent events: the last `limit` first, then each as it happens, comments in between. */
export function makeEventStream({ service, heartbeatMs }: Options) {
  const open = new Set<() => void>();
  let closed = false;

  /** Takes the connection over and returns when the past is written; the rest follows until a side closes. */
  async function stream(reply: FastifyReply, filter: EventFilter): Promise<void> {
    const { raw } = reply;
    const early: WorkspaceEvent[] = [];
    let emit = (event: WorkspaceEvent): void => void early.push(event);
    // Subscribed before the past is read, so that nothing between the two is lost.
    const unsubscribe = service.subscribe((event) => {
      if (filter.name === undefined || event.name === filter.name) emit(event);
    });
    // Listened to from the start: the client may go away while the past is read.
    raw.once('close', unsubscribe);
    const past = await readEvents(service, filter).catch((error: unknown) => {
      unsubscribe();
      throw error;
    });
    reply.hijack();
    if (closed) raw.end();
    if (raw.destroyed || closed) return unsubscribe();
    const write = (text: string): void => {
      raw.write(text);
      if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
    };
    const heartbeat = setInterval(() => write(': alive\n\n'), heartbeatMs);
    const end = () => raw.end();
    open.add(end);
    raw.once('close', () => {
      clearInterval(heartbeat);
      open.delete(end);
    });
    raw.on('error', () => raw.destroy()); // the reader went away in the middle of a write
    raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    raw.flushHeaders();
    emit = (event) => write(`data: ${JSON.stringify(event)}\n\n`);
    const known = new Set(past.map((event) => JSON.stringify(event)));
    for (const event of [...past, ...early.filter((item) => !known.has(JSON.stringify(item)))]) emit(event);
  }

  const close = () => {
    closed = true;
    for (const end of [...open]) end();
  };
  return { stream, close };
}

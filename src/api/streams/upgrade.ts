import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '../../lib/channel-protocol.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Service } from '../../model/service.ts';
import type { Activity } from '../../model/stream.ts';
import type { ApiLog } from '../server.ts';
import { controllerEnds } from './controller-ends.ts';
import { readHandshake, refuse } from './handshake.ts';
import { leave, serve } from './serve.ts';

type Deps = { service: Pick<Service, 'exec'>; activity: Activity; log: ApiLog };

/** A message of a client; longer input comes in several. */
const MOST_MESSAGE_BYTES = 1024 * 1024;
/** No client of ours says anything before it is answered. */
const MOST_EARLY_BYTES = MOST_MESSAGE_BYTES;

type Waiting = { gone: AbortController; end: () => Buffer };

/**
 * A socket that nobody reads does not show that its client has gone, and a start may take a while. `end` gives back
 * what came meanwhile.
 */
function awaitUpgrade(socket: Duplex, head: Buffer): Waiting {
  const gone = new AbortController();
  const early = [head];
  let bytes = head.length;
  const onData = (chunk: Buffer) => {
    early.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_EARLY_BYTES) socket.destroy();
  };
  const onGone = () => gone.abort();
  const events = ['end', 'close', 'error'] as const;
  for (const event of events) socket.on(event, onGone);
  socket.on('data', onData);
  const end = () => {
    socket.off('data', onData);
    for (const event of events) if (event !== 'error') socket.off(event, onGone);
    return Buffer.concat(early);
  };
  return { gone, end };
}

/** `GET /v1/workspaces/:name/exec` as a WebSocket. `close` ends the streams that are open, and who waits for one. */
export function makeUpgrades({ service, activity, log }: Deps) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_MESSAGE_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });
  const open = new Set<() => void>();
  let closed = false;

  async function take(request: IncomingMessage, socket: Duplex, { gone, end: endWait }: Waiting): Promise<void> {
    const { name, ask } = readHandshake(request);
    // Open before anything is asked: from now on somebody is there.
    const watch = activity.open(name, ask.terminal ? 'terminal' : 'exec');
    const stopWaiting = () => gone.abort(controllerEnds());
    open.add(stopWaiting);
    if (closed) stopWaiting();
    try {
      const session = await service.exec(name, ask, gone.signal);
      let served = false;
      if (!gone.signal.aborted) {
        // Calls back at once, or never: when the client has left in this very moment.
        sockets.handleUpgrade(request, socket, endWait(), (client) => {
          served = true;
          const { closed: over, end } = serve({ socket: client, session, watch });
          open.add(end);
          void over.then(() => open.delete(end));
        });
      }
      if (served) return;
      leave(session);
      watch.close();
      if (closed) throw controllerEnds();
    } catch (error) {
      watch.close();
      throw error;
    } finally {
      open.delete(stopWaiting);
    }
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const wait = awaitUpgrade(socket, head);
    take(request, socket, wait)
      .catch((cause: unknown) => {
        const hint = 'a bug of workdock: the log of the controller has the details; please report it';
        if (!(cause instanceof WorkdockError)) log.error({ err: cause, url: request.url }, 'api failed');
        refuse(socket, WorkdockError.wrap(cause, 'INTERNAL', 'the controller failed to answer', hint));
      })
      .catch(() => socket.destroy());
  };
  return {
    attach: (server: Server) => void server.on('upgrade', onUpgrade),
    close: () => {
      closed = true;
      for (const end of [...open]) end();
    },
  };
}

import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '../../lib/channel-protocol.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { isName } from '../../model/name.ts';
import type { Service } from '../../model/service.ts';
import type { Activity } from '../../model/stream.ts';
import type { ApiLog } from '../server.ts';
import { parseExecQuery } from './query.ts';
import { serve } from './serve.ts';

type Deps = { service: Pick<Service, 'exec'>; activity: Activity; log: ApiLog };

/** A message of a client; longer input comes in several. */
const MOST_MESSAGE_BYTES = 1024 * 1024;
const path = /^\/v1\/workspaces\/([^/?]+)\/exec$/;

const notFound = (url: string) =>
  new WorkdockError('NOT_FOUND', `no stream ${url} in this API`, { hint: 'docs/reference/api.md lists the routes' });

/** An answer instead of the upgrade, as everywhere in this API. */
function refuse(socket: Duplex, error: WorkdockError): void {
  const { code, message, hint, policy } = error;
  const body = JSON.stringify({ code, message, hint });
  const head = [
    `HTTP/1.1 ${policy.http} ${STATUS_CODES[policy.http]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

type Waiting = { signal: AbortSignal; end: () => Buffer };

/**
 * A socket that nobody reads does not show that its client has gone, and a start may take a while. `end` gives back
 * what came meanwhile.
 */
function awaitUpgrade(socket: Duplex, head: Buffer): Waiting {
  const gone = new AbortController();
  const early = [head];
  const onData = (bytes: Buffer) => void early.push(bytes);
  const onGone = () => gone.abort();
  const events = ['end', 'close', 'error'] as const;
  for (const event of events) socket.on(event, onGone);
  socket.on('data', onData);
  const end = () => {
    socket.off('data', onData);
    for (const event of events) if (event !== 'error') socket.off(event, onGone);
    return Buffer.concat(early);
  };
  return { signal: gone.signal, end };
}

/** `GET /v1/workspaces/:name/exec` as a WebSocket. `close` ends the streams that are open. */
export function makeUpgrades({ service, activity, log }: Deps) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MOST_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const open = new Set<() => void>();

  async function take(request: IncomingMessage, socket: Duplex, { signal, end: endWait }: Waiting): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://workdock');
    const name = path.exec(pathname)?.[1];
    if (name === undefined) throw notFound(pathname);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    if (!offered.includes(SUBPROTOCOL)) {
      throw new WorkdockError('USAGE', `exec speaks ${SUBPROTOCOL}`, { hint: 'offer it as the subprotocol' });
    }
    const ask = parseExecQuery(searchParams);
    const workspace = decodeURIComponent(name);
    if (!isName(workspace)) {
      throw new WorkdockError('NOT_FOUND', 'no workspace has such a name', { hint: '`workdock get` lists them' });
    }
    // Open before anything is asked: from now on somebody is there.
    const watch = activity.open(workspace, ask.terminal ? 'terminal' : 'exec');
    try {
      const session = await service.exec(workspace, ask, signal);
      if (signal.aborted) {
        await session.hangUp();
        for (const stream of [session.stdin, session.stdout, session.stderr]) stream.destroy();
        return watch.close();
      }
      sockets.handleUpgrade(request, socket, endWait(), (client) => {
        const { closed, end } = serve({ socket: client, session, watch });
        open.add(end);
        void closed.then(() => open.delete(end));
      });
    } catch (error) {
      watch.close();
      throw error;
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
      for (const end of [...open]) end();
    },
  };
}

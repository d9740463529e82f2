import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../../lib/channel-protocol.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { isName } from '../../model/name.ts';
import type { ExecAsk } from '../../model/stream.ts';
import { parseExecQuery } from './query.ts';

const path = /^\/v1\/workspaces\/([^/?]+)\/exec$/;
/** RFC 6455: sixteen bytes in base64. */
const key = /^[+/0-9A-Za-z]{22}==$/;

const usage = (message: string, hint: string): never => {
  throw new WorkdockError('USAGE', message, { hint });
};
const notFound = (message: string, hint: string): never => {
  throw new WorkdockError('NOT_FOUND', message, { hint });
};

function nameIn(text: string): string {
  const decoded = /%(?![0-9a-f]{2})/i.test(text) ? text : decodeURIComponent(text);
  return isName(decoded) ? decoded : notFound('no workspace has such a name', '`workdock get` lists them');
}

/**
 * What is asked for, before anything is done for it: a command that nobody can be connected to is not begun.
 * @throws USAGE, NOT_FOUND
 */
export function readHandshake({ method, url = '/', headers }: IncomingMessage): { name: string; ask: ExecAsk } {
  const { pathname, searchParams } = new URL(url, 'http://workdock');
  const name = path.exec(pathname)?.[1];
  if (name === undefined)
    return notFound(`no stream ${pathname} in this API`, 'docs/reference/api.md lists the routes');
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const speaks = headers['sec-websocket-version'] === '13' && key.test(headers['sec-websocket-key'] ?? '');
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket' || !speaks) {
    return usage('this is no WebSocket (RFC 6455)', 'GET with upgrade: websocket, version 13 and a key');
  }
  if (!offered.includes(SUBPROTOCOL)) return usage(`exec speaks ${SUBPROTOCOL}`, 'offer it as the subprotocol');
  return { name: nameIn(name), ask: parseExecQuery(searchParams) };
}

/** An answer instead of the upgrade, as everywhere in this API. */
export function refuse(socket: Duplex, error: WorkdockError): void {
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

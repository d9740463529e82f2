import { request } from 'node:http';
import type { Readable } from 'node:stream';
import type { LogOptions } from '../model/runtime.ts';
import { connectError, refusal } from './client-errors.ts';

/**
 * What the first process of a workspace has written, as a stream of bytes.
 * @throws what the controller refused with, or CONTROLLER_UNREACHABLE.
 */
export function openLogs(socket: string, name: string, { follow, tail }: LogOptions): Promise<Readable> {
  const query = new URLSearchParams({ follow: String(follow), ...(tail !== undefined && { tail: String(tail) }) });
  const path = `/v1/workspaces/${encodeURIComponent(name)}/logs?${query.toString()}`;
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket, path }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('end', () => {
        try {
          reject(refusal(text, answer.statusCode ?? 0));
        } catch (error) {
          reject(error);
        }
      });
    });
    call.once('error', (cause) => reject(connectError(cause, socket)));
    call.end();
  });
}

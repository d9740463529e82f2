import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as secure } from 'node:tls';
import type { Server } from './jupyter-file.ts';

const ANSWER_LIMIT = 1024 * 1024;
const OK = 200;

/** Without the parameter the question itself would count as use of the server (jupyter_server 2, `last_activity`). */
const PATH = 'api/kernels?no_track_activity=1';

type Answer = { status: number; text: string };

function send(stream: Duplex, { baseUrl, token }: Server, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { Host: 'localhost', Connection: 'close', ...(token && { Authorization: `token ${token}` }) };
    const path = `${baseUrl}${PATH}`;
    const asked = request({ createConnection: () => stream, path, headers, signal }, resolve);
    asked.once('error', reject);
    asked.end();
  });
}

async function fetchAnswer(stream: Duplex, server: Server, signal: AbortSignal): Promise<Answer> {
  const answer = await send(stream, server, signal);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > ANSWER_LIMIT) throw new Error('its answer does not end');
    parts.push(part);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
}

/** Kernels and how many of them compute. */
export function countKernels(text: string): { kernels: number; busy: number } {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error('its answer is no list of kernels');
  const states = value.map((kernel: unknown) => (kernel as { execution_state?: unknown } | null)?.execution_state);
  if (states.some((state) => typeof state !== 'string')) throw new Error('its answer names a kernel without a state');
  return { kernels: states.length, busy: states.filter((state) => state === 'busy').length };
}

function refusal(status: number, { token }: Server): string {
  if (status !== 401 && status !== 403) return `it answers with status ${status}`;
  return token === ''
    ? 'it lets nobody in without a password; start it with a token instead, then it can be asked'
    : 'it does not take the token of its runtime file; restart it';
}

/**
 * Asks a server which of its kernels are busy, over a connection to it.
 * @throws when it refuses, hangs past the signal, or answers anything but a list of kernels.
 */
export async function askKernels(stream: Duplex, server: Server, signal: AbortSignal) {
  stream.on('error', () => undefined); // the request tells of it
  // Its certificate is its own word; the way to it is what makes sure that it is the one.
  const line = server.secure ? secure({ socket: stream, rejectUnauthorized: false }) : stream;
  try {
    const { status, text } = await fetchAnswer(line, server, signal);
    if (status !== OK) throw new Error(refusal(status, server));
    return countKernels(text);
  } finally {
    line.destroy();
    stream.destroy();
  }
}

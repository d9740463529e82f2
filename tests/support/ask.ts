import { request } from 'node:http';

export type Answer = { status: number; headers: NodeJS.Dict<string | string[]>; body: unknown };
type Ask = { method?: string; body?: string; headers?: Record<string, string> };

/** One request by a client that is not ours. The body is parsed when it is JSON. */
export function ask(
  socketPath: string,
  path: string,
  { method = 'GET', body, headers = {} }: Ask = {},
): Promise<Answer> {
  const type =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method, headers: { ...type, ...headers }, timeout: 5_000 }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => {
        text += chunk;
      });
      reply.on('error', reject);
      reply.on('end', () => {
        const json = text !== '' && String(reply.headers['content-type']).includes('json');
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: json ? JSON.parse(text) : text });
      });
    });
    call.on('error', reject);
    call.on('timeout', () => call.destroy(new Error('no answer in 5 s')));
    call.end(body);
  });
}

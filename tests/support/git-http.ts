import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** One request through git's own CGI program. */
function serve(root: string, request: IncomingMessage, reply: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const cgi = spawn('git', ['http-backend'], {
    env: {
      ...{ PATH: process.env['PATH'], GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: pathname },
      ...{ QUERY_STRING: search.slice(1), REQUEST_METHOD: request.method, REMOTE_ADDR: '127.0.0.1' },
      ...{ CONTENT_TYPE: request.headers['content-type'] ?? '', GIT_PROTOCOL: request.headers['git-protocol'] },
      ...{ HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '' },
    } as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(cgi.stdin).on('error', () => undefined);
  const chunks: Buffer[] = [];
  cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  cgi.on('close', () => {
    const answer = Buffer.concat(chunks);
    const end = answer.indexOf('\r\n\r\n');
    for (const line of answer.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') reply.statusCode = Number(value.slice(0, 3));
      else reply.setHeader(name, value);
    }
    reply.end(answer.subarray(end + 4));
  });
}

/** A real smart HTTP server over one repository, that asks for a name and a password. */
export async function openGitHttp(root: string, { name, password }: { name: string; password: string }) {
  const wanted = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const server = createServer((request, reply) => {
    if (request.headers.authorization === wanted) serve(root, request, reply);
    else reply.writeHead(401, { 'www-authenticate': 'Basic realm="specs"' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/.git` };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A registry on loopback that says it is one and never answers the question for an image: the engine waits for it
 * without end. Images asked for are in `asked`, with `pulls` how often.
 */
export async function openMuteRegistry() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const image = /^\/v2\/(.+)\/manifests\//.exec(request.url ?? '')?.[1];
    if (image === undefined) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    else asked.push(image);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

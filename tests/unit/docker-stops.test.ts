import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { containerOf, makeEngine } from '../../src/runtime/docker/connect.ts';
import { until } from '../support/until.ts';

/** An engine that answers everything at once but stops. */
async function slowToStop() {
  const folder = mkdtempSync(join(tmpdir(), 'workdock-stops-'));
  const stopping: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url?.includes('/stop')) stopping.push(response);
    else response.setHeader('content-type', 'application/json').end('{"ApiVersion":"1.41","MinAPIVersion":"1.12"}');
  });
  const socketPath = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const end = () => {
    for (const response of stopping.splice(0)) response.writeHead(204).end();
  };
  return { engine: makeEngine({ socketPath }), stopping, end };
}

test('40 stops are 32 at once, and a start does not wait for any of them', async () => {
  const { engine, stopping, end } = await slowToStop();
  const id = 'a'.repeat(64);
  const stops = Array.from({ length: 40 }, () =>
    engine.stop('stop', (docker, abortSignal) => containerOf(docker, id).stop({ abortSignal })),
  );
  await until(() => stopping.length === 32);
  await engine.mutate('start', (docker, abortSignal) => containerOf(docker, id).start({ abortSignal }));
  expect(stopping.length).toBe(32);
  end();
  await until(() => stopping.length === 8);
  end();
  expect(await Promise.all(stops)).toHaveLength(40);
});

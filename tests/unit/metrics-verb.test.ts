import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { metricsCommand } from '../../src/commands/metrics.ts';
import { serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { makeMeteredWorld } from '../support/metered-world.ts';
import { memoryService } from '../support/service.ts';

/** The API over real metrics, and the verb. */
async function setup() {
  const w = makeMeteredWorld();
  w.declare();
  await w.settle();
  const service = { ...memoryService([]), metrics: w.text };
  const { state, socket } = await serveApi(service);
  const folder = mkdtempSync(join(tmpdir(), 'workdock-textfile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const printed: string[] = [];
  const nothing = () => undefined;
  const out = (line: string) => void printed.push(line);
  const io = { out, err: nothing, exitWith: nothing, env: {}, cwd: folder, colour: false, now: Date.now };
  const run = (...args: string[]) =>
    metricsCommand({ io, client: async () => makeClient({ state }) }).parseAsync(args, { from: 'user' });
  // What this process takes is another figure at each scrape.
  const steady = (text: string) => text.split('\n').filter((line) => !line.startsWith('workdock_controller_'));
  return { w, socket, folder, printed, run, steady };
}

test('GET /metrics is the text format of Prometheus, by its type and content', async () => {
  const { w, socket, steady } = await setup();
  const answer = await ask(socket, '/metrics');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(steady(String(answer.body))).toEqual(steady(await w.text()));
  expect((await ask(socket, '/metrics?name=ada')).status).toBe(400);
  expect((await ask(socket, '/metrics', { method: 'POST' })).status).toBe(404);
});

test('the verb prints just that', async () => {
  const { w, printed, run, steady } = await setup();
  await run();
  expect(steady(`${printed.join('\n')}\n`)).toEqual(steady(await w.text()));
});

test('a file for node_exporter is replaced as a whole, and everybody may read it', async () => {
  const { w, folder, printed, run, steady } = await setup();
  const file = join(folder, 'workdock.prom');
  writeFileSync(file, 'older');
  chmodSync(file, 0o600);
  await run('--output', 'workdock.prom');
  expect(steady(readFileSync(file, 'utf8'))).toEqual(steady(await w.text()));
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect([readdirSync(folder), printed]).toEqual([['workdock.prom'], []]);
});

test('a file that cannot be written is a clear error, and nothing is left behind', async () => {
  const { folder, run } = await setup();
  await expect(run('--output', 'nowhere/workdock.prom')).rejects.toMatchObject({ code: 'REFUSED' });
  await expect(run('--output', folder)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(readdirSync(folder)).toEqual([]);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openExec } from '../../src/client/exec.ts';
import { scratchFolder, serveApi } from '../support/api.ts';
import { memoryService } from '../support/service.ts';

const ask = (...argv: string[]) => ({ argv, env: {}, terminal: null, stdin: false, start: true });
/** What the service says to every command: the request has arrived. */
const arrived = { code: 'REFUSED', message: 'nothing runs here' };

test.each(['a:b', 'a b?c#d', 'ü%20', '%', '"\'', 'x'.repeat(120)])('a state folder may be called %j', async (name) => {
  const state = join(await scratchFolder(), name);
  mkdirSync(state);
  const { socket } = await serveApi(memoryService([]), { state });
  await expect(openExec(socket, 'ada', ask('true'))).rejects.toMatchObject(arrived);
});

test('a command line is as long as it needs to be, up to a megabyte', async () => {
  const { socket } = await serveApi(memoryService([]));
  const files = Array.from({ length: 5_000 }, (_, index) => `data/run-${index}.csv`);
  await expect(openExec(socket, 'ada', ask('wc', ...files))).rejects.toMatchObject(arrived);
  await expect(openExec(socket, 'ada', ask('echo', 'ä'.repeat(60_000)))).rejects.toMatchObject(arrived);
  const most = Array(12).fill('x'.repeat(100_000)) as string[];
  await expect(openExec(socket, 'ada', ask('echo', ...most))).rejects.toMatchObject({ code: 'USAGE' });
});

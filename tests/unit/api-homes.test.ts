import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { HomesService } from '../../src/model/homes.ts';
import { serveApi } from '../support/api.ts';
import { memoryService } from '../support/service.ts';
import { until } from '../support/until.ts';

/** The real server and client over verbs of this test's own. */
async function serve(over: Partial<HomesService>) {
  const service = memoryService([]);
  const { state, close } = await serveApi({ ...service, homes: { ...service.homes, ...over } });
  return { homes: makeClient({ state }).homes, close };
}
const refused = new WorkdockError('REFUSED', 'home ada cannot be purged', { hint: 'remove its file' });
const never = new AbortController().signal;

test('phases come as they are told, and the result last', async () => {
  const asked: unknown[] = [];
  const archived = { home: 'ada', archive: '/a', bytes: 1, changed: [], moreChanged: false, notes: [], entry: null };
  const { homes } = await serve({
    archive: async (home, ask, { tell }) => {
      asked.push(home, ask);
      for (const phase of ['packing', 'reading it back']) tell(phase);
      return archived;
    },
  });
  const phases: string[] = [];
  const done = await homes.archive('ada', { keep: true }, { signal: never, onPhase: (phase) => phases.push(phase) });
  expect([done, phases, asked]).toEqual([archived, ['packing', 'reading it back'], ['ada', { keep: true }]]);
});

test.each([0, 1])('an error is the same after %d phases', async (count) => {
  const { homes } = await serve({
    purge: async (_home, _confirm, { tell }) => {
      for (let told = 0; told < count; told += 1) tell('deleting');
      throw refused;
    },
  });
  await expect(homes.purge('ada', 'ada', { signal: never })).rejects.toMatchObject({
    ...{ code: 'REFUSED', message: refused.message, hint: refused.hint },
  });
});

test('what fails by a bug is told without its text', async () => {
  const { homes } = await serve({
    restore: async (_home, _ask, { tell }) => {
      tell('unpacking');
      throw new Error('a secret');
    },
  });
  const call = homes.restore('ada', { swap: false }, { signal: never });
  await expect(call).rejects.toMatchObject({ code: 'INTERNAL', message: 'the controller failed to answer' });
});

test.each(['who asked goes away', 'the controller ends'])('work is given up when %s', async (how) => {
  let signal: AbortSignal | undefined;
  const { homes, close } = await serve({
    archive: async (_home, _ask, work) => {
      signal = work.signal;
      work.tell('packing');
      await new Promise((_, reject) => work.signal.addEventListener('abort', () => reject(work.signal.reason)));
      throw new Error('not reached');
    },
  });
  const stop = new AbortController();
  const call = homes.archive('ada', { keep: false }, { signal: stop.signal }).catch((error: unknown) => error);
  await until(() => signal);
  const away = how === 'who asked goes away';
  if (away) stop.abort();
  else void close();
  await until(() => signal?.aborted);
  expect(await call).toMatchObject(away ? { name: 'AbortError' } : { code: 'CONTROLLER_UNREACHABLE' });
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { IdleMemory } from '../../src/model/idle.ts';
import { openIdleMemories } from '../../src/store/idle-memories.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { looks, watch } from '../support/idle-looks.ts';
import { until } from '../support/until.ts';

const memory: IdleMemory = watch(looks(5)).at(-1)!.past.memory;

async function open(folder = mkdtempSync(join(tmpdir(), 'wd-idle-'))) {
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = makeFakeClock();
  const problems: (string | null)[] = [];
  const store = await openIdleMemories(folder, { clock, flushMs: 60_000, onProblem: (it) => void problems.push(it) });
  return { folder, clock, problems, store, path: join(folder, 'idle.json') };
}

test('what is remembered outlives the controller', async () => {
  const first = await open();
  first.store.set('ada', memory, false);
  first.store.set('bob', memory, false);
  first.store.forget('bob');
  await first.store.close();
  const second = await open(first.folder);
  expect([second.store.get('ada'), second.store.get('bob')]).toEqual([memory, undefined]);
});

test('it is written at most once a minute, and soon when an older one would be wrong', async () => {
  const { store, clock, path } = await open();
  store.set('ada', memory, false);
  for (let second = 0; second < 59; second += 1) {
    store.set('ada', { ...memory, watchedMs: second }, false);
    await clock.advance(1_000);
  }
  expect(existsSync(path)).toBe(false);
  await clock.advance(1_000);
  await until(() => existsSync(path));
  const { mtimeMs } = statSync(path);
  store.set('ada', { ...memory, watchedMs: 1_000 }, false);
  await clock.advance(30_000);
  expect(statSync(path).mtimeMs).toBe(mtimeMs);
  store.set('ada', { ...memory, watchedMs: 2_000 }, true);
  await clock.advance(1_000);
  await until(() => readFileSync(path, 'utf8').includes('"watchedMs":2000'));
});

test.each([
  '',
  '{"schemaVersion":1}',
  '{"schemaVersion":1,"workspaces":{"ada":{"run":7}}}',
  '\0\0\0',
  '{"schemaVersion":0}',
])('a file that is %j is as good as none, and is replaced', async (text) => {
  const { folder, path } = await open();
  writeFileSync(path, text);
  const { store, problems } = await open(folder);
  expect(store.get('ada')).toBe(undefined);
  store.set('ada', memory, false);
  await store.close();
  expect([(await open(folder)).store.get('ada'), problems]).toEqual([memory, []]);
});

test('one of a later version is neither used nor written over', async () => {
  const { folder, path } = await open();
  writeFileSync(path, '{"schemaVersion":9}');
  await expect(open(folder)).rejects.toMatchObject({ code: 'STATE_NEWER' });
  expect(readFileSync(path, 'utf8')).toBe('{"schemaVersion":9}');
});

test('after its end nothing is written any more', async () => {
  const { store, clock, path } = await open();
  await store.close();
  store.set('ada', memory, true);
  await clock.advance(120_000);
  await store.close();
  expect(existsSync(path)).toBe(false);
});

test('a folder that cannot be written is told once, and again when it can', async () => {
  const { store, folder, clock, problems } = await open();
  rmSync(folder, { recursive: true });
  for (const watchedMs of [1, 2]) {
    store.set('ada', { ...memory, watchedMs }, true);
    await clock.advance(1_000);
  }
  await until(() => problems.length > 0);
  mkdirSync(folder);
  store.set('ada', memory, true);
  await clock.advance(1_000);
  await until(() => problems.length > 1);
  expect(problems).toEqual([expect.stringContaining('ENOENT'), null]);
});

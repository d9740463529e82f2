import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import type { WorkspaceEvent } from '../../src/model/status.ts';
import { openEvents } from '../../src/store/events.ts';
import { temporaryFolder } from '../support/scans.ts';
import { until } from '../support/until.ts';

async function opened(stateDir = temporaryFolder()) {
  const log = await openEvents(stateDir, { clock: systemClock });
  onTestFinished(log.close);
  const emit = (name: string, message: string): void => log.emit({ name, type: 'Normal', reason: 'Test', message });
  const brief = (events: WorkspaceEvent[]): string[] => events.map(({ message, count }) => `${message} x${count}`);
  return { ...log, emitWhole: log.emit, emit, stateDir, file: join(stateDir, 'events/ada.ndjson'), brief };
}

test('equal events in a row are one with a count, also across a restart', async () => {
  const first = await opened();
  for (const message of ['pulled', 'failed', 'failed', 'failed', 'started']) first.emit('ada', message);
  expect(first.brief(await first.read({ name: 'ada' }))).toEqual(['pulled x1', 'failed x3', 'started x1']);
  first.emit('ada', 'started');
  await first.close();
  const second = await opened(first.stateDir);
  second.emit('ada', 'started');
  second.emit('ada', 'failed');
  expect(second.brief(await second.read({ name: 'ada' }))).toEqual([
    'pulled x1',
    'failed x3',
    'started x3',
    'failed x1',
  ]);
});

test('of equal events the last time and evidence are kept', async () => {
  const log = await opened();
  for (const kills of [1, 2])
    log.emitWhole({ name: 'ada', type: 'Warning', reason: 'OOM', message: 'killed', evidence: { kills } });
  const [event, ...more] = await log.read({ name: 'ada' });
  expect(event).toMatchObject({ count: 2, evidence: { kills: 2 }, at: expect.stringMatching(/Z$/) });
  expect(more).toEqual([]);
});

test('jq reads the file at any moment', async () => {
  const { emit, file } = await opened();
  emit('ada', 'first');
  await until(() => statSync(file, { throwIfNoEntry: false }));
  for (let i = 0; i < 40; i += 1) {
    emit('ada', `${'long '.repeat(200)}${i % 7}`);
    await new Promise((resolve) => setImmediate(resolve));
    const lines = execFileSync('jq', ['-r', '.reason', file], { encoding: 'utf8' }).split('\n');
    expect(lines.length).toBeGreaterThan(1);
  }
});

test('a file is cut and keeps one predecessor', async () => {
  const { emit, read, stateDir, file } = await opened();
  const long = 'x'.repeat(4_000);
  for (let round = 0; round < 12; round += 1) {
    for (let i = 0; i < 20; i += 1) emit('ada', `${round}-${i} ${long}`);
    await read({ name: 'ada' });
  }
  expect(readdirSync(join(stateDir, 'events'))).toEqual(['ada.ndjson', 'ada.ndjson.1']);
  expect(statSync(file).size).toBeLessThan(256 * 1024 + 100 * 4_100);
  const messages = (await read({ name: 'ada', limit: 1_000 })).map(({ message }) => message.split(' ')[0]);
  expect(messages.at(-1)).toBe('11-19');
  expect(messages.length).toBeGreaterThan(60);
});

test('a torn last line is dropped, what came before is kept', async () => {
  const { emit, read, file, brief } = await opened();
  emit('ada', 'one');
  await read({});
  appendFileSync(file, '{"at":"2026-01-01T00:00:00.000Z","name":"ad');
  expect(brief(await read({ name: 'ada' }))).toEqual(['one x1']);
  emit('ada', 'two');
  expect(brief(await read({ name: 'ada' }))).toEqual(['one x1', 'two x1']);
  expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(2);
});

test('without a name: all of them by time, the last ones when limited', async () => {
  const { emit, read } = await opened();
  for (let i = 0; i < 30; i += 1) {
    emit(`user-${i % 3}`, `event ${i}`);
    await new Promise((resolve) => systemClock.timer(2, () => resolve(undefined)));
  }
  expect((await read({})).map(({ message }) => message)).toEqual(Array.from({ length: 30 }, (_, i) => `event ${i}`));
  expect((await read({ limit: 2 })).map(({ message }) => message)).toEqual(['event 28', 'event 29']);
});

test('listeners hear every event; one that throws harms nobody', async () => {
  const { emit, subscribe } = await opened();
  const heard: string[] = [];
  subscribe(() => {
    throw new Error('broken reader');
  });
  const leave = subscribe(({ message }) => heard.push(message));
  emit('ada', 'one');
  emit('ada', 'one');
  leave();
  emit('ada', 'two');
  expect(heard).toEqual(['one', 'one']);
});

test('an unwritable folder keeps the last events in memory and writes them when it can', async () => {
  const stateDir = temporaryFolder();
  rmSync(stateDir, { recursive: true });
  writeFileSync(stateDir, 'in the way');
  const { emit, read, brief, file } = await opened(stateDir);
  emit('ada', 'one');
  expect(brief(await read({ name: 'ada' }))).toEqual(['one x1']);
  rmSync(stateDir);
  mkdirSync(stateDir);
  await until(() => readFileSync(file, 'utf8').includes('one'));
  expect(brief(await read({ name: 'ada' }))).toEqual(['one x1']);
});

test('no name leaves the folder', async () => {
  const { emit, read, stateDir } = await opened();
  for (const name of ['../ada', '.', '', 'a/b']) emit(name, 'here');
  await read({});
  expect(readdirSync(stateDir)).toEqual(['events']);
  expect(readdirSync(join(stateDir, 'events')).length).toBe(4);
  expect((await read({ name: '../ada' })).length).toBe(1);
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import type { Summary } from '../../src/model/status.ts';
import type { CorruptFile } from '../../src/store/read-json.ts';
import { openStatus } from '../../src/store/status.ts';
import { aController, aStatus } from '../support/a-status.ts';
import { temporaryFolder } from '../support/scans.ts';
import { until } from '../support/until.ts';

async function opened(stateDir = temporaryFolder()) {
  const lost: CorruptFile[] = [];
  const problems: (string | null)[] = [];
  const store = await openStatus(stateDir, {
    controller: aController,
    clock: systemClock,
    onCorrupt: (file) => lost.push(file),
    onProblem: (problem) => problems.push(problem),
  });
  onTestFinished(store.close);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(stateDir, file), 'utf8'));
  return { ...store, stateDir, lost, problems, read, summaryOnDisk: () => read('status.json') as Summary };
}

test('what is published is on disk, in both files, and jq reads it', async () => {
  const { publish, flush, read, stateDir, summaryOnDisk } = await opened();
  publish(aStatus('bob', { phase: 'Failed', conditions: [], container: undefined }));
  publish(aStatus('ada'));
  await flush();
  expect(read('status/ada.json')).toEqual(aStatus('ada'));
  expect(Object.entries(summaryOnDisk().workspaces)).toMatchObject([
    ['ada', { phase: 'Running', ready: true, owner: 'ada', container: 'ws-ada', image: 'workdock-test:latest' }],
    ['bob', { phase: 'Failed', ready: false, container: null, image: null }],
  ]);
  expect(statSync(join(stateDir, 'status.json')).mode & 0o777).toBe(0o644);
  const jq = ['-r', '.workspaces | to_entries[] | select(.value.ready) | .key', join(stateDir, 'status.json')];
  expect(execFileSync('jq', jq, { encoding: 'utf8' })).toBe('ada\n');
});

test('equal is not written, also when only the time of writing would differ', async () => {
  const { publish, flush, stateDir, setHost } = await opened();
  publish(aStatus('ada'));
  await flush();
  const inodes = (): number[] => ['status.json', 'status/ada.json'].map((file) => statSync(join(stateDir, file)).ino);
  const before = inodes();
  publish(aStatus('ada'));
  setHost({ conditions: [] });
  await flush();
  expect(inodes()).toEqual(before);
});

test('a burst of changes makes a few writes, and the last one wins', async () => {
  const { publish, flush, read, stateDir } = await opened();
  const inodes = new Set<number>();
  for (let i = 0; i < 60; i += 1) {
    publish(aStatus('ada', { message: `change ${i}` }));
    await new Promise((resolve) => systemClock.timer(10, () => resolve(undefined)));
    const found = statSync(join(stateDir, 'status/ada.json'), { throwIfNoEntry: false });
    if (found) inodes.add(found.mtimeMs);
  }
  await flush();
  expect(read('status/ada.json')).toMatchObject({ message: 'change 59' });
  expect(inodes.size).toBeLessThanOrEqual(6);
});

test('a restart knows what was said before; a forgotten name is gone', async () => {
  const first = await opened();
  first.setHost({ conditions: [], engine: { version: '20.10.24' } });
  for (const name of ['ada', 'bob']) first.publish(aStatus(name, { message: 'before' }));
  first.forget('bob');
  await first.close();
  expect(readdirSync(join(first.stateDir, 'status'))).toEqual(['ada.json']);
  const second = await opened(first.stateDir);
  expect(second.get('ada')).toMatchObject({ message: 'before' });
  expect([second.get('bob'), second.summary().host.engine]).toEqual([undefined, { version: '20.10.24' }]);
  await second.flush();
  expect(Object.keys(second.summaryOnDisk().workspaces)).toEqual(['ada']);
});

test.each(['', '{"a":', '\0\0', '[]', 'null', '{"schemaVersion":1}'])(
  'corrupt files (%j) are put aside and rebuilt',
  async (text) => {
    const first = await opened();
    for (const name of ['ada', 'bob']) first.publish(aStatus(name));
    await first.close();
    writeFileSync(join(first.stateDir, 'status.json'), text);
    writeFileSync(join(first.stateDir, 'status/ada.json'), text);
    const second = await opened(first.stateDir);
    expect(second.lost.map(({ path }) => path)).toEqual([
      join(first.stateDir, 'status.json'),
      join(first.stateDir, 'status/ada.json'),
    ]);
    expect(readFileSync(second.lost[0]!.movedTo!, 'utf8')).toBe(text);
    second.publish(aStatus('ada'));
    await second.flush();
    expect(Object.keys(second.summaryOnDisk().workspaces)).toEqual(['ada', 'bob']);
    expect(second.read('status/ada.json')).toEqual(aStatus('ada'));
  },
);

test('a state folder of a newer workdock is left alone', async () => {
  const stateDir = temporaryFolder();
  writeFileSync(join(stateDir, 'status.json'), '{"schemaVersion":2}');
  await expect(opened(stateDir)).rejects.toMatchObject({ code: 'STATE_NEWER' });
  expect(readFileSync(join(stateDir, 'status.json'), 'utf8')).toBe('{"schemaVersion":2}');
});

test.each([
  ['deleted', (path: string) => rmSync(path, { recursive: true })],
  ['emptied', (path: string) => truncateSync(path, 0)],
])('status.json %s under a running controller is back within five seconds', async (_, harm) => {
  const { publish, flush, stateDir, summaryOnDisk } = await opened();
  publish(aStatus('ada'));
  await flush();
  harm(join(stateDir, 'status.json'));
  await until(() => Object.keys(summaryOnDisk().workspaces).length === 1);
});

test('a deleted state folder is back within five seconds', async () => {
  const { publish, flush, stateDir, summaryOnDisk } = await opened();
  const names = Array.from({ length: 20 }, (_, i) => `user-${i}`);
  for (const name of names) publish(aStatus(name));
  await flush();
  rmSync(stateDir, { recursive: true });
  await until(() => Object.keys(summaryOnDisk().workspaces).length === names.length);
  await until(() => readdirSync(join(stateDir, 'status')).length === names.length);
});

test('a folder that cannot be written is a problem with a reason, and heals by itself', async () => {
  const { publish, flush, problem, problems, stateDir, read } = await opened();
  await flush();
  rmSync(stateDir, { recursive: true });
  writeFileSync(stateDir, 'in the way');
  publish(aStatus('ada'));
  await flush();
  expect(problem()).toBe(`status cannot be written to ${stateDir}: ENOTDIR`);
  rmSync(stateDir);
  mkdirSync(stateDir);
  await until(() => problem() === null);
  expect(read('status/ada.json')).toEqual(aStatus('ada'));
  expect(problems).toEqual([`status cannot be written to ${stateDir}: ENOTDIR`, null]);
});

test('1,000 workspaces are on disk soon and hold up nobody for long', async () => {
  const { publish, flush, stateDir, summaryOnDisk } = await opened();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let i = 0; i < 1_000; i += 1) publish(aStatus(`user-${i}`));
  await flush();
  for (let i = 0; i < 1_000; i += 1) publish(aStatus(`user-${i}`, { message: 'changed' }));
  await flush();
  delay.disable();
  expect(Object.keys(summaryOnDisk().workspaces).length).toBe(1_000);
  expect(readdirSync(join(stateDir, 'status')).length).toBe(1_000);
  expect(delay.percentile(99) / 1e6).toBeLessThan(50);
});

test('a name that is none never becomes a path', async () => {
  const { publish } = await opened();
  expect(() => publish(aStatus('../ada'))).toThrow('is not the name of a workspace');
});

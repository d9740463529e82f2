import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test } from 'vitest';
import { readKeep } from '../../src/homes/keep-file.ts';
import { writeNote } from '../../src/homes/write.ts';
import { onDisk } from '../../src/lib/disk.ts';
import type { WorkdockError } from '../../src/lib/errors.ts';
import { folderState } from '../../src/runtime/docker/home.ts';
import { mountProblem } from '../../src/runtime/docker/mounts.ts';
import { hangDisk } from '../support/hung-disk.ts';

const identity = { uid: 23_456, gid: 23_456, groups: [] };
const NOW = Date.UTC(2026, 0, 1);
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: NodeJS.ErrnoException | WorkdockError) => error.code,
  );

test('a disk that hangs costs a deadline, and neither the loop nor the file access of others', async ({ skip }) => {
  const root = mkdtempSync(join(tmpdir(), 'workdock-hung-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const homes = join(root, 'net');
  const letGo = await hangDisk(homes);
  if (letGo === null) return skip('this machine mounts no FUSE');
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const home = (name: string) => join(homes, name);
  const calls = [
    codeOf(readKeep(home('a'), identity, NOW)),
    codeOf(readKeep(home('b'), identity, NOW)),
    codeOf(writeNote({ home: home('a'), identity, name: 'x', text: 'x', keepBytes: 0 })),
    folderState(home('c'), identity),
    folderState(home('d'), identity),
    mountProblem(home('e'), [root]),
    mountProblem(home('f'), [root]),
  ];
  // There are four threads for files: without a limit this one would wait for them.
  expect(await readFile('package.json', 'utf8')).toContain('workdock');
  const [keepA, keepB, note, stateC, stateD, mountE, mountF] = await Promise.all(calls);
  expect([keepA, keepB, note]).toEqual(['ETIMEDOUT', 'ETIMEDOUT', 'HOME_UNUSABLE']);
  for (const state of [stateC, stateD])
    expect(state).toMatchObject({ kind: 'unusable', message: expect.stringContaining('ETIMEDOUT') });
  for (const problem of [mountE, mountF]) expect(problem).toMatch(/does not answer/);

  const before = performance.now();
  expect(await codeOf(readKeep(home('a'), identity, NOW)), 'what hangs is not asked again').toBe('ETIMEDOUT');
  expect(performance.now() - before).toBeLessThan(500);
  expect(await readFile('package.json', 'utf8')).toContain('workdock');
  expect(lag.max / 1e6, 'milliseconds in which nobody else got a turn').toBeLessThan(2_000);

  await letGo();
  expect(await codeOf(onDisk(home('a'), () => stat(homes))), 'and works again').toBe('no error');
});

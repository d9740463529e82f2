import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder, watchFolders } from '../support/scans.ts';

test('20 chunks at 50 ms are applied once', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'ada.yaml');
  writeFileSync(file, 'old\n');
  const { has, settled } = await watchFolders([folder], { settleMs: 300 });
  await has('ada.yaml', 'old\n');
  writeFileSync(file, '');
  const lines = Array.from({ length: 20 }, (_, i) => `line: ${i}\n`);
  for (const line of lines) {
    appendFileSync(file, line);
    await pause(50);
  }
  await has('ada.yaml', lines.join(''));
  expect(settled()).toEqual([{ 'ada.yaml': 'old\n' }, { 'ada.yaml': lines.join('') }]);
});

test('one that writes for ever does not hold up the others', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'log.yaml'), 'old\n');
  const { has, last } = await watchFolders([folder]);
  await has('log.yaml', 'old\n');
  let count = 0;
  const writer = setInterval(() => writeFileSync(join(folder, 'log.yaml'), `${count++}\n`), 20);
  try {
    writeFileSync(join(folder, 'ada.yaml'), 'new\n');
    await has('ada.yaml', 'new\n');
    expect(last()['log.yaml']).toBe('old\n');
  } finally {
    clearInterval(writer);
  }
  await has('log.yaml', `${count - 1}\n`);
});

test('files in new, moved and removed folders', async () => {
  const folder = temporaryFolder();
  const { has, isNow, settled } = await watchFolders([folder]);
  await isNow('settled');
  execFileSync('mkdir', ['-p', join(folder, 'a/b/c')]);
  writeFileSync(join(folder, 'a/b/c/ada.yaml'), '1\n');
  await has('a/b/c/ada.yaml', '1\n');
  writeFileSync(join(folder, 'a/b/c/ada.yaml'), '2\n');
  await has('a/b/c/ada.yaml', '2\n');
  renameSync(join(folder, 'a/b'), join(folder, 'team'));
  await has('team/c/ada.yaml', '2\n');
  expect(settled().every((scan) => Object.keys(scan).length <= 1)).toBe(true);
  rmSync(join(folder, 'team'), { recursive: true });
  await has('team/c/ada.yaml', undefined);
});

test('asking ten times gives one more scan', async () => {
  const folder = temporaryFolder();
  const { scans, source, isNow, looked } = await watchFolders([folder]);
  await isNow('settled');
  for (let i = 0; i < 10; i += 1) source.poke();
  await looked();
  await looked();
  expect(scans.length).toBeLessThanOrEqual(4);
});

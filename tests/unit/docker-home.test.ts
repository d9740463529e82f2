import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeHomeFolder } from '../../src/runtime/docker/home.ts';
import { temporaryFolder } from '../support/scans.ts';

test('what a killed controller had begun of a home goes with the next try, unless something is in it', async () => {
  const users = join(temporaryFolder(), 'users');
  for (const name of ['.ada.AbCdEf', '.ada.GhIjKl', '.ada.keep', '.adam.AbCdEf', '.ada.AbCdEfG']) {
    mkdirSync(join(users, name), { recursive: true });
  }
  writeFileSync(join(users, '.ada.GhIjKl', 'mine'), '');
  await makeHomeFolder(join(users, 'ada'), { uid: process.getuid!(), gid: process.getgid!(), groups: [] });
  const names = readdirSync(users).toSorted((a, b) => (a < b ? -1 : 1));
  expect(names).toEqual(['.ada.AbCdEfG', '.ada.GhIjKl', '.ada.keep', '.adam.AbCdEf', 'ada']);
  expect(statSync(join(users, 'ada')).mode & 0o777).toBe(0o700);
});

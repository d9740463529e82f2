import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder, watchFolders } from '../support/scans.ts';
import { until } from '../support/until.ts';

const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];

/** A repository with a specs folder below its root, as people have it. */
function repository() {
  const root = temporaryFolder();
  const folder = join(root, 'workspaces');
  mkdirSync(folder);
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', root, ...author, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  const commit = (message: string): string => {
    git('add', '-A');
    git('commit', '-qm', message);
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  return { root, folder, git, commit };
}

test('a checkout that pauses for longer than a file needs to settle is one change', async () => {
  const { root, folder, git, commit } = repository();
  const write = (text: string): void => {
    for (let i = 0; i < 15; i += 1) writeFileSync(join(folder, `u${i}.yaml`), `${text}\n`);
  };
  writeFileSync(join(root, '.gitattributes'), '*.yaml filter=slow\n');
  write('a');
  commit('a');
  git('checkout', '-qb', 'b');
  write('b');
  commit('b');
  const { settled, has } = await watchFolders([folder]);
  await has('u0.yaml', 'b\n');
  const slow = ['-c', 'filter.slow.smudge=sleep 0.25; cat'];
  await promisify(execFile)('git', ['-C', root, ...slow, 'checkout', '-q', 'main']);
  await has('u0.yaml', 'a\n');
  expect(settled().map((scan) => [...new Set(Object.values(scan))])).toEqual([['b\n'], ['a\n']]);
}, 60_000);

test('each file carries the commit, and whether it differs from it', async () => {
  const { folder, commit } = repository();
  writeFileSync(join(folder, '.gitignore'), 'mine.yaml\nlocal/\n');
  writeFileSync(join(folder, 'ada.yaml'), '1\n');
  mkdirSync(join(folder, 'local'));
  writeFileSync(join(folder, 'bob.yaml'), '1\n');
  const first = commit('first');
  const { scans, has } = await watchFolders([folder]);
  await has('ada.yaml', '1\n');
  const commits = (): (string | undefined)[] => {
    const scan = scans.at(-1);
    return scan?.kind === 'settled' ? scan.files.map((file) => file.commit) : [];
  };
  expect(commits()).toEqual([first, first]);
  writeFileSync(join(folder, 'ada.yaml'), '2\n');
  await has('ada.yaml', '2\n');
  expect(commits()).toEqual([`${first}+dirty`, first]);
  const second = commit('second');
  await until(() => commits().join() === `${second},${second}`, { deadlineMs: 15_000 });
  for (const name of ['cleo.yaml', 'mine.yaml', 'local/dora.yaml']) writeFileSync(join(folder, name), '1\n');
  await has('local/dora.yaml', '1\n');
  expect(commits()).toEqual([second, second, `${second}+dirty`, `${second}+dirty`, `${second}+dirty`]);
});

test('the author of the commit is told, and of a file that differs nobody', async () => {
  const { folder, commit } = repository();
  writeFileSync(join(folder, 'ada.yaml'), '1\n');
  commit('first');
  writeFileSync(join(folder, 'bob.yaml'), '1\n');
  const { scans, has } = await watchFolders([folder]);
  await has('bob.yaml', '1\n');
  const scan = scans.at(-1);
  const authors = scan?.kind === 'settled' ? scan.files.map(({ author: by }) => by) : [];
  expect(authors).toEqual(['Test <test@example.org>', undefined]);
});

test('without a commit, or without git, files are as good', async () => {
  const { folder } = repository();
  writeFileSync(join(folder, 'ada.yaml'), '1\n');
  const { scans, has } = await watchFolders([folder]);
  await has('ada.yaml', '1\n');
  expect(scans.at(-1)).toMatchObject({ files: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] });
  expect(JSON.stringify(scans.at(-1))).not.toContain('commit');
});

import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
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

test('200 files checked out back and forth are always one revision or the other', async () => {
  const { root, folder, git, commit } = repository();
  const whole = { a: '', b: '' };
  for (const branch of ['a', 'b'] as const) {
    if (branch === 'b') git('checkout', '-qb', 'b');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'team'), { recursive: true });
    const files: Record<string, string> = {};
    for (let i = 0; i < 200; i += 1) {
      const name = branch === 'b' && i % 2 === 1 ? `team/u${i}.yaml` : `u${i}.yaml`;
      files[name] = `${branch} ${i}\n${'# filler\n'.repeat(100)}`;
      writeFileSync(join(folder, name), files[name]);
    }
    whole[branch] = JSON.stringify(Object.entries(files).sort());
    commit(branch);
    if (branch === 'a') git('branch', 'a');
  }
  const { settled, has } = await watchFolders([folder]);
  await has('u0.yaml', `b 0\n${'# filler\n'.repeat(100)}`);
  const checkout = promisify(execFile);
  let done = 0;
  for (let i = 0; i < 24; i += 1) {
    const branch = i % 2 === 0 ? 'a' : 'b';
    await checkout('git', ['-C', root, 'checkout', '-q', branch]);
    // Sometimes the tree gets time to settle, sometimes the next checkout comes at once.
    if (i % 4 === 0) await until(() => settled().at(-1)?.['u0.yaml']?.startsWith(branch), { deadlineMs: 15_000 });
    done += 1;
  }
  await until(() => settled().at(-1)?.['u0.yaml']?.startsWith('b'), { deadlineMs: 15_000 });
  const seen = settled().map((scan) => JSON.stringify(Object.entries(scan).sort()));
  expect(seen.filter((scan) => scan !== whole.a && scan !== whole.b)).toEqual([]);
  expect(new Set(seen).size).toBe(2);
  expect(done).toBe(24);
}, 60_000);

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

test.each(['index.lock', 'rebase-merge', 'rebase-apply', 'MERGE_HEAD'])(
  'nothing is read while .git/%s is there',
  async (sign) => {
    const { root, folder, commit } = repository();
    writeFileSync(join(folder, 'ada.yaml'), '1\n');
    commit('first');
    const { has, isNow, scans, settled } = await watchFolders([folder]);
    await has('ada.yaml', '1\n');
    const lock = join(root, '.git', sign);
    writeFileSync(lock, '');
    writeFileSync(join(folder, 'ada.yaml'), '2\n');
    await isNow('unsettled');
    expect(scans.at(-1)).toMatchObject({ message: expect.stringContaining(`.git/${sign} exists`) });
    expect(settled().every((scan) => scan['ada.yaml'] === '1\n')).toBe(true);
    rmSync(lock);
    await has('ada.yaml', '2\n');
  },
);

test('a linked work tree has its own lock', async () => {
  const { root, folder, git, commit } = repository();
  writeFileSync(join(folder, 'ada.yaml'), '1\n');
  commit('first');
  const linked = join(temporaryFolder(), 'linked');
  git('worktree', 'add', '-q', linked, '-b', 'other');
  const { has, isNow } = await watchFolders([join(linked, 'workspaces')]);
  await has('ada.yaml', '1\n');
  const lock = join(root, '.git/worktrees/linked/index.lock');
  writeFileSync(lock, '');
  writeFileSync(join(linked, 'workspaces/ada.yaml'), '2\n');
  await isNow('unsettled');
  rmSync(lock);
  await has('ada.yaml', '2\n');
});

test('a lock that a crash left behind holds for five minutes, not for ever', async () => {
  const { root, folder, commit } = repository();
  writeFileSync(join(folder, 'ada.yaml'), '1\n');
  commit('first');
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs };
  const { has, isNow } = await watchFolders([folder], { clock });
  await has('ada.yaml', '1\n');
  writeFileSync(join(root, '.git/index.lock'), '');
  writeFileSync(join(folder, 'ada.yaml'), '2\n');
  await isNow('unsettled');
  aheadMs += 300_000;
  await has('ada.yaml', '2\n');
});

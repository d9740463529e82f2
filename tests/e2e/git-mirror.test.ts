import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openGitDaemon } from '../support/git-daemon.ts';
import { watchGit } from '../support/git-source.ts';
import { makeRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/scans.ts';
import { until } from '../support/until.ts';

/** A repository with one spec, and a place for the mirror. */
function world() {
  const repository = makeRepository();
  const folder = join(temporaryFolder(), 'git');
  const put = (text: string): string => {
    repository.write('workspaces/ada.yaml', text);
    return repository.commit();
  };
  put('1\n');
  return { repository, folder, mirror: join(folder, 'mirror.git'), url: repository.root, put };
}
/** Processes that fetch into a mirror. */
const running = (mirror: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) return false;
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes(`--git-dir=${mirror}`) && words.includes('fetch');
  });
const inMirror = (mirror: string, ...args: string[]): string =>
  execFileSync('git', [`--git-dir=${mirror}`, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();

test('a force push is followed, and what it left behind is pruned', async () => {
  const { repository, url, put, folder, mirror } = world();
  const base = repository.git('rev-parse', 'HEAD');
  const { has, commits } = await watchGit({ url, folder });
  await has('workspaces/ada.yaml', '1\n');
  for (let i = 0; i < 30; i += 1) {
    repository.git('reset', '-q', '--hard', base);
    for (let file = 0; file < 30; file += 1) repository.write(`filler/${file}`, randomBytes(200).toString('hex'));
    const id = put(`try ${i}\n`);
    await has('workspaces/ada.yaml', `try ${i}\n`);
    expect(commits()).toEqual([id]);
  }
  const objects = () => Number(/in-pack: (\d+)/.exec(inMirror(mirror, 'count-objects', '-v'))?.[1]);
  const loose = () => Number(/^count: (\d+)/m.exec(inMirror(mirror, 'count-objects', '-v'))?.[1]);
  await until(() => objects() + loose() < 900, { deadlineMs: 10_000, what: () => `${objects()} + ${loose()}` });
  inMirror(mirror, 'fsck', '--full');
}, 120_000);

test('locks and halves of a killed git are no hindrance', async () => {
  const { url, folder, put, mirror } = world();
  const first = await watchGit({ url, folder });
  await first.has('workspaces/ada.yaml', '1\n');
  await first.source.close();
  const ref = inMirror(mirror, 'for-each-ref', '--format=%(refname)').split('\n')[0]!;
  for (const lock of ['packed-refs.lock', 'shallow.lock', 'config.lock', 'HEAD.lock', 'gc.pid', `${ref}.lock`])
    writeFileSync(join(mirror, lock), '');
  mkdirSync(join(mirror, 'objects/pack'), { recursive: true });
  writeFileSync(join(mirror, 'objects/pack/tmp_pack_abc'), 'half');
  put('2\n');
  const second = await watchGit({ url, folder });
  await second.has('workspaces/ada.yaml', '2\n');
  expect(readdirSync(mirror).filter((name) => name.endsWith('.lock'))).toEqual([]);
  expect(readdirSync(join(mirror, 'objects/pack')).filter((name) => name.startsWith('tmp_'))).toEqual([]);
});

test('a line that goes dead in mid-fetch keeps the commit in force, and is told', async () => {
  const { repository, folder, put } = world();
  const { url, stallAt } = await openGitDaemon(repository.root);
  const { has, fails, last } = await watchGit({ url, folder, deadlines: { askMs: 2_000, silenceMs: 1_000 } });
  await has('workspaces/ada.yaml', '1\n');
  repository.write('large', randomBytes(2_000_000));
  put('2\n');
  stallAt(100_000);
  expect(await fails('FetchTimedOut')).toMatch(/^fetching main of git:.*no answer within 1 s.*check source.git/);
  expect(last()).toEqual({ 'workspaces/ada.yaml': '1\n' });
  stallAt(1);
  expect(await fails('FetchTimedOut')).toMatch(/^(asking|fetching)/);
  stallAt(undefined);
  await has('workspaces/ada.yaml', '2\n');
});

test('killed in mid-fetch, it goes on with the commit in force and fetches again', async () => {
  const { repository, folder, put, mirror } = world();
  const { url, stallAt, stalled } = await openGitDaemon(repository.root);
  const before = await watchGit({ url, folder });
  await before.has('workspaces/ada.yaml', '1\n');
  await before.source.close();
  repository.write('large', randomBytes(2_000_000));
  put('2\n');
  stallAt(100_000);
  const child = fork(resolve('tests/support/git-source-process.ts'), [url, folder], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const kinds: unknown[] = [];
  child.on('message', (kind) => kinds.push(kind));
  await until(() => kinds.includes('settled') && stalled() > 0, { deadlineMs: 20_000 });
  child.kill('SIGKILL');
  await until(() => child.signalCode !== null, { deadlineMs: 5_000 });
  const orphans = running(mirror);
  expect(orphans).toHaveLength(1);
  // The line is still dead: what was in force is there, and nothing is damaged.
  const after = await watchGit({ url, folder, deadlines: { silenceMs: 1_000 } });
  await until(() => after.last()['workspaces/ada.yaml'] === '1\n', { deadlineMs: 20_000 });
  await until(() => orphans.every((pid) => !running(mirror).includes(pid)), { deadlineMs: 5_000 });
  stallAt(undefined);
  await after.has('workspaces/ada.yaml', '2\n');
  inMirror(mirror, 'fsck', '--full');
});

test('a damaged mirror is made anew', async () => {
  const { url, folder, put, mirror } = world();
  const first = await watchGit({ url, folder });
  await first.has('workspaces/ada.yaml', '1\n');
  await first.source.close();
  put('2\n');
  const files = readdirSync(join(mirror, 'objects'), { recursive: true, encoding: 'utf8' });
  for (const file of files.map((name) => join(mirror, 'objects', name)))
    if (statSync(file).isFile()) truncateSync(file, 10);
  const second = await watchGit({ url, folder });
  await second.has('workspaces/ada.yaml', '2\n');
});

test('a shallow remote and one that is bare and packed are like any other', async () => {
  const { repository, put } = world();
  put('2\n');
  const shallow = join(temporaryFolder(), 'shallow');
  execFileSync('git', ['clone', '-q', '--depth=1', `file://${repository.root}`, shallow]);
  const one = await watchGit({ url: `file://${shallow}` });
  await one.has('workspaces/ada.yaml', '2\n');
  put('3\n');
  execFileSync('git', ['-C', shallow, 'fetch', '-q', '--depth=1', 'origin', 'main']);
  execFileSync('git', ['-C', shallow, 'reset', '-q', '--hard', 'FETCH_HEAD']);
  await one.has('workspaces/ada.yaml', '3\n');
  const bare = join(temporaryFolder(), 'bare.git');
  execFileSync('git', ['clone', '-q', '--bare', '--branch=main', repository.root, bare]);
  execFileSync('git', [`--git-dir=${bare}`, 'gc', '-q', '--prune=now']);
  await (await watchGit({ url: bare })).has('workspaces/ada.yaml', '3\n');
});

test('a repository with ids of the newer kind is read, and one of the older kind after it', async () => {
  const root = join(temporaryFolder(), 'newer');
  execFileSync('git', ['init', '-q', '--object-format=sha256', '-b', 'main', root]);
  const newer = makeRepository(root);
  newer.write('workspaces/ada.yaml', 'newer\n');
  const id = newer.commit();
  const { url, folder } = world();
  const first = await watchGit({ url: root, folder });
  await first.has('workspaces/ada.yaml', 'newer\n');
  expect([id.length, first.commits()]).toEqual([64, [id]]);
  await first.source.close();
  await (await watchGit({ url, folder })).has('workspaces/ada.yaml', '1\n');
});

test('another branch, or another repository, never shows what the one before it had', async () => {
  const { url, folder, repository } = world();
  const first = await watchGit({ url, folder });
  await first.has('workspaces/ada.yaml', '1\n');
  await first.source.close();
  const second = await watchGit({ url, folder, branch: 'other' });
  expect(await second.fails('BranchMissing')).toContain('has no branch other');
  expect(second.scans.every(({ kind }) => kind === 'unreadable')).toBe(true);
  repository.git('checkout', '-qb', 'other');
  await second.has('workspaces/ada.yaml', '1\n');
});

test('200 files changed at once are always one commit or the other', async () => {
  const { repository, url, folder } = world();
  repository.remove('workspaces');
  const write = (text: string): void => {
    for (let i = 0; i < 200; i += 1) repository.write(`workspaces/u${i}.yaml`, `${text}\n`);
    repository.commit();
  };
  write('0');
  const { has, scans } = await watchGit({ url, folder, intervalMs: 1 });
  await has('workspaces/u0.yaml', '0\n');
  for (let round = 1; round <= 12; round += 1) write(String(round));
  await has('workspaces/u0.yaml', '12\n');
  for (const scan of scans) {
    if (scan.kind !== 'settled') throw new Error(scan.message);
    expect(scan.files).toHaveLength(200);
    expect(new Set(scan.files.map(({ text }) => text)).size).toBe(1);
    expect(new Set(scan.files.map(({ commit }) => commit)).size).toBe(1);
  }
}, 120_000);

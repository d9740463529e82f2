import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchGit } from '../support/git-source.ts';
import { makeRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/scans.ts';

/** Writes a commit with entries that no work tree could have, each `mode path text`. */
function fastImport(root: string, entries: { mode: string; path: string; data: Buffer | string }[]): void {
  const parts = [Buffer.from('commit refs/heads/main\ncommitter Eve <eve@example.org> 1700000000 +0000\ndata 1\nx\n')];
  for (const { mode, path, data } of entries) {
    const bytes = Buffer.from(data);
    if (mode === '160000') parts.push(Buffer.from(`M 160000 ${data.toString()} ${path}\n`));
    else
      parts.push(Buffer.from(`M ${mode} inline ${path}\ndata ${bytes.length}\n`, 'latin1'), bytes, Buffer.from('\n'));
  }
  execFileSync('git', ['-C', root, 'fast-import', '--quiet', '--force'], { input: Buffer.concat(parts) });
}

test('what is no plain text file is an error beside the others, and is never fetched, followed or run', async () => {
  const { root } = makeRepository();
  fastImport(root, [
    { mode: '100644', path: 'workspaces/ada.yaml', data: '1\n' },
    { mode: '100755', path: 'workspaces/run.yaml', data: 'executable\n' },
    { mode: '120000', path: 'workspaces/link.yaml', data: '../../etc/passwd' },
    { mode: '120000', path: 'workspaces/folder-link', data: 'team' },
    { mode: '120000', path: 'workspaces/outside-link', data: '/etc' },
    { mode: '100644', path: 'workspaces/team/bob.yaml', data: 'bob\n' },
    { mode: '160000', path: 'workspaces/module', data: '0123456789012345678901234567890123456789' },
    { mode: '160000', path: 'elsewhere', data: '0123456789012345678901234567890123456789' },
    { mode: '100644', path: '"workspaces/caf\\351.yaml"', data: 'latin\n' },
    { mode: '100644', path: '"workspaces/new\\nline.yaml"', data: 'two lines\n' },
    { mode: '100644', path: 'workspaces/huge.yaml', data: Buffer.alloc(20_000_000, 'a') },
    { mode: '100644', path: 'workspaces/lfs.yaml', data: 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n' },
    {
      mode: '100644',
      path: '.gitmodules',
      data: '[submodule "x"]\n\tpath = workspaces/module\n\turl = ext::touch x\n',
    },
    { mode: '100644', path: '.gitattributes', data: '*.yaml filter=evil\n' },
    { mode: '100644', path: 'docs/other.yaml', data: 'not a spec\n' },
  ]);
  const { has, last } = await watchGit({ url: root });
  await has('workspaces/ada.yaml', '1\n');
  expect(last()).toEqual({
    'workspaces/ada.yaml': '1\n',
    'workspaces/run.yaml': 'executable\n',
    'workspaces/team/bob.yaml': 'bob\n',
    'workspaces/new\nline.yaml': 'two lines\n',
    'workspaces/link.yaml': '(is a symlink: from git only files are read, put the text itself here)',
    'workspaces/folder-link': '(is a symlink to a folder: from git links are not followed, move the files)',
    'workspaces/module': '(is a submodule: its files are not read, put the specs into this repository)',
    'workspaces/caf\ufffd.yaml': '(has a name that is not UTF-8: rename it)',
    'workspaces/huge.yaml': '(is larger than 64 KiB: split it into several files)',
    'workspaces/lfs.yaml': '(is kept in Git LFS: specs must be in the repository itself)',
  });
});

test('more files than anybody has keep the commit before, and say what to do', async () => {
  const { root, git } = makeRepository();
  fastImport(root, [{ mode: '100644', path: 'workspaces/ada.yaml', data: '1\n' }]);
  const { has, fails, last } = await watchGit({ url: root });
  await has('workspaces/ada.yaml', '1\n');
  const many = Array.from({ length: 20_001 }, (_, i) => ({
    mode: '100644',
    path: `workspaces/u${i}.yaml`,
    data: 'x\n',
  }));
  fastImport(root, many);
  expect(await fails('CommitUnusable')).toBe('20001 spec files are more than 20000: name fewer folders in `specs`');
  expect(last()).toEqual({ 'workspaces/ada.yaml': '1\n' });
  git('symbolic-ref', 'HEAD', 'refs/heads/main');
  fastImport(root, [{ mode: '100644', path: 'workspaces/ada.yaml', data: '2\n' }]);
  await has('workspaces/ada.yaml', '2\n');
}, 60_000);

test('a named folder that a commit has not keeps the commit before', async () => {
  const { root, write, remove, commit } = makeRepository();
  write('lab/ada.yaml', '1\n');
  write('other/bob.yaml', 'bob\n');
  commit();
  const { has, fails, last } = await watchGit({ url: root, folders: ['lab', 'other'] });
  await has('lab/ada.yaml', '1\n');
  remove('lab');
  write('other/bob.yaml', 'more\n');
  commit();
  expect(await fails('CommitUnusable')).toMatch(/^commit [0-9a-f]{12} has no folder lab: restore it/);
  expect(last()).toEqual({ 'lab/ada.yaml': '1\n', 'other/bob.yaml': 'bob\n' });
});

test('nobody named a folder: workspaces, or all of a repository without one', async () => {
  const { root, write, commit } = makeRepository();
  write('ada.yaml', '1\n');
  write('.github/ci.yaml', 'no\n');
  commit();
  const { has, last } = await watchGit({ url: root });
  await has('ada.yaml', '1\n');
  expect(Object.keys(last())).toEqual(['ada.yaml']);
});

test('programs that configs, templates, hooks and variables name are not run', async () => {
  const { root, write, commit } = makeRepository();
  write('workspaces/ada.yaml', '1\n');
  commit();
  const home = temporaryFolder();
  const ran = join(home, 'ran');
  const script = join(home, 'evil');
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> ${ran}\nexec false\n`, { mode: 0o755 });
  for (const folder of [join(home, 'template/hooks'), join(home, 'hooks'), join(root, '.git/hooks')]) {
    mkdirSync(folder, { recursive: true });
    for (const hook of ['post-checkout', 'reference-transaction', 'post-update', 'pre-auto-gc', 'upload-pack'])
      writeFileSync(join(folder, hook), `#!/bin/sh\necho ${hook} >> ${ran}\n`, { mode: 0o755 });
  }
  const config = [
    `[core]\n\tpager = ${script}`,
    `[core]\n\thooksPath = ${join(home, 'hooks')}\n\tfsmonitor = ${script}\n\tsshCommand = ${script}`,
    `[init]\n\ttemplateDir = ${join(home, 'template')}`,
    `[url "ext::${script} "]\n\tinsteadOf = ${root}`,
    `[uploadpack]\n\tpackObjectsHook = ${script}`,
    `[credential]\n\thelper = !${script}`,
    '[protocol]\n\tallow = always',
  ].join('\n');
  writeFileSync(join(home, '.gitconfig'), `${config}\n`);
  const { has } = await watchGit({
    url: root,
    env: {
      ...process.env,
      HOME: home,
      GIT_SSH_COMMAND: script,
      GIT_EXTERNAL_DIFF: script,
      GIT_TEMPLATE_DIR: join(home, 'template'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: join(home, 'hooks'),
      GIT_DIR: join(home, 'nowhere'),
      GIT_ALLOW_PROTOCOL: 'ext',
      SSH_ASKPASS: script,
      GIT_ASKPASS: script,
    },
  });
  await has('workspaces/ada.yaml', '1\n');
  write('workspaces/ada.yaml', '2\n');
  commit('without the hooks of its own', '-c', 'core.hooksPath=/dev/null');
  await has('workspaces/ada.yaml', '2\n');
  expect(existsSync(ran)).toBe(false);
});

test('a server that asks for a password, or leads elsewhere, gets no answer from anybody', async () => {
  const home = temporaryFolder();
  const server = createServer((request, reply) => {
    if (request.url?.startsWith('/secret')) reply.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else reply.writeHead(302, { location: `file://${home}/info/refs?service=git-upload-pack` }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const env = { ...process.env, HOME: home };
  const asked = await watchGit({ url: `${base}/secret`, env });
  expect(await asked.fails('FetchFailed')).toMatch(/terminal prompts disabled|could not read Username|unable to read/);
  await asked.source.close();
  const led = await watchGit({ url: `${base}/elsewhere`, env });
  expect(await led.fails('FetchFailed')).toContain('check source.git');
});

test('without git, that is what is said', async () => {
  const { root, write, commit } = makeRepository();
  write('workspaces/ada.yaml', '1\n');
  commit();
  const { fails } = await watchGit({ url: root, env: { PATH: temporaryFolder() } });
  expect(await fails('GitMissing')).toContain('git is not installed on this host: install it');
});

import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gitCheck } from '../../src/commands/doctor-git.ts';
import { specPaths, specPlaces } from '../../src/model/spec-places.ts';
import { parseBlobs } from '../../src/sources/git/blobs.ts';
import { choose } from '../../src/sources/git/choose.ts';
import { localEnvironment, mirrorEnvironment, sshCommand } from '../../src/sources/git/environment.ts';
import { keyProblem } from '../../src/sources/git/key.ts';
import { parseListing, type TreeEntry } from '../../src/sources/git/listing.ts';
import { runGit } from '../../src/sources/git/run-git.ts';
import { makeTail } from '../../src/sources/git/tail.ts';
import { temporaryFolder } from '../support/scans.ts';

const id = '0123456789012345678901234567890123456789';
const listing = (...lines: string[]): TreeEntry[] =>
  parseListing(Buffer.from(lines.map((line) => `${line}\0`).join(''), 'latin1'));

test('a listing is split at its zeros, and its paths are bytes', () => {
  expect(
    listing(
      `100644 blob ${id}      12\ta b.yaml`,
      `120000 blob ${id}       3\tlink`,
      `160000 commit ${id}       -\tmodule`,
      `100644 blob ${id}       1\tcaf\xe9.yaml`,
    ),
  ).toEqual([
    { path: 'a b.yaml', readable: true, kind: 'file', id, bytes: 12 },
    { path: 'link', readable: true, kind: 'symlink', id, bytes: 3 },
    { path: 'module', readable: true, kind: 'submodule', id, bytes: 0 },
    { path: 'caf\ufffd.yaml', readable: false, kind: 'file', id, bytes: 1 },
  ]);
  expect(listing()).toEqual([]);
});

test('folders of the tree are whole words, and hidden ones do not count', () => {
  const entries = listing(
    ...['ada.yaml', 'lab/bob.yaml', 'lab/.hidden/x.yaml', 'lab/.y.yaml', 'lab2/cleo.yaml', 'lab/deep/dora.yml'].map(
      (path) => `100644 blob ${id} 1\t${path}`,
    ),
  );
  const paths = (...folders: string[]) => choose(entries, folders).map(({ path }) => path);
  expect(paths('lab')).toEqual(['lab/bob.yaml', 'lab/deep/dora.yml']);
  expect(paths('')).toEqual(['ada.yaml', 'lab/bob.yaml', 'lab2/cleo.yaml', 'lab/deep/dora.yml']);
  expect(paths('lab', 'lab/deep')).toEqual(['lab/bob.yaml', 'lab/deep/dora.yml']);
  expect(paths('lab/.hidden')).toEqual(['lab/.hidden/x.yaml']);
});

test('objects are read whole or not at all', () => {
  const output = Buffer.from(`${id} blob 4\na\nb\n\n${id.replace('0', '9')} blob 0\n\n`);
  expect([...(parseBlobs(output) ?? [])].map(([, bytes]) => bytes.toString())).toEqual(['a\nb\n', '']);
  expect(parseBlobs(output.subarray(0, -3))).toBeNull();
  expect(parseBlobs(Buffer.from(`${id} missing\n`))).toBeNull();
  expect(parseBlobs(Buffer.alloc(0))?.size).toBe(0);
});

test('ssh itself reads our options: no question, no agent, no other host key', () => {
  const command = sshCommand({ protocol: 'ssh', key: "/keys/it's 100%.key", knownHosts: '/keys/known hosts' });
  const config = execFileSync('sh', ['-c', `${command} -G git.example.org`], { encoding: 'utf8', stdio: 'pipe' }).split(
    '\n',
  );
  for (const line of ['batchmode yes', 'stricthostkeychecking true', 'identitiesonly yes', 'identityagent none'])
    expect(config).toContain(line);
  expect(config).toContain("identityfile /keys/it's 100%%.key");
  expect(config.find((line) => line.startsWith('userknownhostsfile'))).toContain('/keys/known hosts');
  expect(config).toContain('forwardagent no');
});

test('nothing of git’s own comes from outside, and only one protocol is spoken', () => {
  const outside = {
    PATH: '/bin',
    HOME: '/h',
    GIT_DIR: '/x',
    GIT_SSH_COMMAND: 'evil',
    SSH_ASKPASS: 'evil',
    https_proxy: 'p',
  };
  const env = mirrorEnvironment(outside, '/ours', { protocol: 'https', key: null, knownHosts: null });
  expect(env).toMatchObject({
    PATH: '/bin',
    https_proxy: 'p',
    GIT_ALLOW_PROTOCOL: 'https',
    GIT_CONFIG_GLOBAL: '/ours',
  });
  expect(env).toMatchObject({ GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', SSH_ASKPASS: '/bin/false' });
  expect(env).not.toHaveProperty('GIT_DIR');
  expect(JSON.stringify(env)).not.toContain('evil');
  expect(localEnvironment(outside)['GIT_ALLOW_PROTOCOL']).toBe('');
});

test('of all that git says, the end that tells something is kept', () => {
  const tail = makeTail();
  tail.add(Buffer.from('remote: Enumerating objects: 5, done.\rReceiving objects:  10%\rReceiving objects: 100%\n'));
  tail.add(Buffer.from(`${'x'.repeat(20_000)}\nfatal: no \u001b[31mway\n`));
  expect(tail.text()).toMatch(/^x+; fatal: no {2}\[31mway$/);
  expect(tail.text().length).toBeLessThanOrEqual(400);
});

test('a call ends at its deadline, at its bound, and when it is told to', async () => {
  const env = localEnvironment(process.env);
  const call = { args: ['cat-file', '--batch'], env, deadlineMs: 5_000 };
  expect(await runGit({ ...call, args: ['--version'] })).toMatchObject({ kind: 'done' });
  expect(await runGit({ ...call, args: ['-h'], maxBytes: 10 })).toMatchObject({ kind: 'tooLong' });
  expect(await runGit({ ...call, args: ['no-such-verb'] })).toMatchObject({ kind: 'failed', code: 1 });
  const waits = ['-c', 'alias.wait=!exec tail -f /dev/null', 'wait'];
  expect(await runGit({ ...call, args: waits, deadlineMs: 100 })).toMatchObject({ kind: 'late', afterMs: 100 });
  expect(await runGit({ ...call, args: waits, silenceMs: 100 })).toMatchObject({ kind: 'late', afterMs: 100 });
  expect(await runGit({ ...call, args: waits, signal: AbortSignal.abort() })).toMatchObject({ kind: 'late' });
});

test('doctor tells the version, and when it matters that there is none', () => {
  expect(gitCheck('2.39.5', true)).toEqual({ name: 'git', result: 'ok', message: '2.39.5' });
  expect(gitCheck('2.31.9', true)).toMatchObject({ result: 'bad', mend: expect.any(String) });
  expect(gitCheck('3.0', true).result).toBe('ok');
  expect(gitCheck(null, true).result).toBe('bad');
  expect(gitCheck(null, false).result).toBe('unknown');
});

test('where specs are from is told in words, and what of this host is read for it', () => {
  const source = {
    ...{ git: '../specs', remote: { url: '/srv/specs', protocol: 'file' as const }, branch: 'main', intervalMs: 1 },
    ...{ key: null, knownHosts: null, folders: ['lab', ''] },
  };
  expect(specPlaces({ specs: ['/a'], source: null })).toEqual(['/a']);
  expect(specPlaces({ specs: ['/a'], source })).toEqual(['../specs branch main folder lab, .']);
  expect(specPaths({ specs: ['/a'], source: { ...source, key: '/key' } })).toEqual(['/srv/specs', '/key']);
});

test('a key that ssh could not use is told apart from one that the other side refuses', async () => {
  const folder = temporaryFolder();
  const made = (name: string, passphrase: string, ...more: string[]): string => {
    const file = join(folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file, ...more]);
    return file;
  };
  const rsa = ['-t', 'rsa', '-b', '2048', '-m', 'PEM'];
  const good = made('good', '');
  expect(await keyProblem(good)).toBeUndefined();
  expect(await keyProblem(made('pem', '', ...rsa))).toBeUndefined();
  for (const locked of [made('locked', 'a word'), made('locked-pem', 'a word', ...rsa)]) {
    expect(await keyProblem(locked)).toBe(
      `the key ${locked} has a passphrase, and there is nobody to ask: make one without (ssh-keygen -p -f ${locked})`,
    );
  }
  chmodSync(`${good}.pub`, 0o600);
  expect(await keyProblem(`${good}.pub`)).toBe(
    `the key ${good}.pub is the public half: name the private one in source.key`,
  );
  const empty = join(folder, 'empty');
  writeFileSync(empty, '', { mode: 0o600 });
  expect(await keyProblem(empty)).toBe(`the key ${empty} is no private key of ssh: name another one in source.key`);
});

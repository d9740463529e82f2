import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readKeep } from '../../src/homes/keep-file.ts';
import { writeNote } from '../../src/homes/write.ts';

const identity = { uid: 23_456, gid: 23_456 };
const NOON = Date.UTC(2026, 0, 1, 12);

/** A home below a folder that its owner may not even pass through, and a folder of root beside it. */
function makeHome() {
  const root = mkdtempSync(join(tmpdir(), 'workdock-home-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [home, foreign] = [join(root, 'ada'), join(root, 'foreign')];
  for (const folder of [home, foreign]) mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(foreign, 'last-stop.txt'), 'theirs');
  chownSync(home, identity.uid, identity.gid);
  const folder = join(home, '.workdock');
  const own = (path: string) => chownSync(path, identity.uid, identity.gid);
  const write = (text: string, keepBytes = 1_000) =>
    writeNote({ home, identity, name: 'last-stop.txt', text, keepBytes }).then(
      () => 'written',
      (error: Error) => error.message,
    );
  return { home, foreign, folder, own, write, file: join(folder, 'last-stop.txt') };
}

test('a note belongs to the owner, and is above the ones before, each once', async () => {
  const { write, file, folder } = makeHome();
  expect(await write('first\n  why\n')).toBe('written');
  expect(await write('second\n')).toBe('written');
  expect(await write('second\n')).toBe('written');
  expect(readFileSync(file, 'utf8')).toBe('second\n\nfirst\n  why\n');
  for (const path of [file, folder]) expect(lstatSync(path)).toMatchObject(identity);
  expect(lstatSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['last-stop.txt']);
});

test('what is kept of the notes before has an end', async () => {
  const { write, file } = makeHome();
  for (let i = 0; i < 40; i += 1) await write(`note ${i}\n${'x'.repeat(90)}\n`, 500);
  expect(lstatSync(file).size).toBeLessThan(700);
});

test('no link leads out: neither the folder’s nor the file’s, and nothing of others is read or changed', async () => {
  const { home, foreign, folder, own, write, file } = makeHome();
  symlinkSync(foreign, folder);
  expect(await write('x\n')).toMatch(/is a link/);
  rmSync(folder);
  mkdirSync(folder);
  own(folder);
  symlinkSync(join(foreign, 'last-stop.txt'), file);
  expect(await write('mine\n')).toBe('written');
  expect([lstatSync(file).isFile(), readFileSync(file, 'utf8')]).toEqual([true, 'mine\n']);
  expect(readFileSync(join(foreign, 'last-stop.txt'), 'utf8')).toBe('theirs');
  expect(readdirSync(home)).toEqual(['.workdock']);
});

test('groups of the controller are no groups of the child', async () => {
  const { folder, write } = makeHome();
  mkdirSync(folder);
  chownSync(folder, 0, 0);
  chmodSync(folder, 0o770);
  expect(await write('x\n')).toMatch(/cannot write/);
  expect(readdirSync(folder)).toEqual([]);
});

test('on a disk where root is nobody (root_squash) the owner writes and reads', async () => {
  const { home, folder, own, file } = makeHome();
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'keep'), '2h\n', { mode: 0o600 });
  for (const path of [folder, join(folder, 'keep')]) own(path);
  chmodSync(join(home, '..'), 0o711);
  const script = join(import.meta.dirname, '../support/squashed-root.ts');
  const argv = ['--bounding-set=-dac_override,-dac_read_search', process.execPath, script, home, `${identity.uid}`];
  const said = execFileSync('setpriv', argv, { encoding: 'utf8' });
  expect(JSON.parse(said)).toMatchObject({ ok: true, lease: { by: 'file', text: '2h' } });
  expect(readFileSync(file, 'utf8')).toBe('why\n');
  expect(lstatSync(file)).toMatchObject(identity);
});

test('an owner who swaps the folder for a link all the time leads no note out of the home', async () => {
  const { home, foreign, write } = makeHome();
  // Anybody may go and write there: only that the child looks where it is keeps it out.
  chmodSync(join(home, '..'), 0o711);
  chmodSync(foreign, 0o777);
  const script = 'mkdir r; while :; do mv r .workdock; mv .workdock r; ln -s "$1" .workdock; rm .workdock; done 2>&1';
  const swapper = spawn('sh', ['-c', script, 'swap', foreign], { ...identity, cwd: home, stdio: 'ignore' });
  onTestFinished(() => void swapper.kill('SIGKILL'));
  const outcomes = [];
  for (let i = 0; i < 60; i += 1) outcomes.push(await write(`note ${i}\n`));
  expect(readdirSync(foreign)).toEqual(['last-stop.txt']);
  expect(readFileSync(join(foreign, 'last-stop.txt'), 'utf8')).toBe('theirs');
  expect(
    outcomes.some((outcome) => outcome !== 'written'),
    'the swapper was in the way',
  ).toBe(true);
});

test('two notes of one moment are one, whatever their words; a note of the same second is another', async () => {
  const { write, file } = makeHome();
  const end = (ms: string, why: string) => `Stopped 2026-01-01 12:00:00 +0000 (2026-01-01T12:00:00.${ms}Z): ${why}\n`;
  for (const text of [end('100', 'a'), end('100', 'b'), end('200', 'c')]) await write(text);
  expect(readFileSync(file, 'utf8')).toBe(`${end('200', 'c')}\n${end('100', 'a')}`);
});

test('a home that is gone, or is a link, takes no note and makes none elsewhere', async () => {
  const { home, foreign, write } = makeHome();
  rmSync(home, { recursive: true });
  expect(await write('x\n')).toMatch(/ENOENT/);
  symlinkSync(foreign, home);
  expect(await write('x\n')).toMatch(/cannot write/);
  expect(readdirSync(foreign)).toEqual(['last-stop.txt']);
});

test('a pipe, a folder or a locked folder in the way neither hangs nor harms', async () => {
  const { folder, own, write, file } = makeHome();
  mkdirSync(folder);
  own(folder);
  execFileSync('mkfifo', [file]);
  expect(await write('x\n')).toBe('written');
  rmSync(file);
  mkdirSync(file);
  expect(await write('x\n')).toMatch(/a folder is in its place/);
  rmSync(file, { recursive: true });
  chmodSync(folder, 0o500);
  expect(await write('x\n')).toMatch(/cannot write/);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  expect(await write('x\n')).toMatch(/cannot write/);
});

test('keep: a duration from its last change on, also when that lies in the future', async () => {
  const { home, folder, own } = makeHome();
  expect(await readKeep(home, identity, NOON)).toBeUndefined();
  mkdirSync(folder);
  own(folder);
  const keep = join(folder, 'keep');
  const set = (text: string, at: number) => {
    writeFileSync(keep, text);
    utimesSync(keep, at / 1000, at / 1000);
  };
  set('2h\n', NOON - 3_600_000);
  expect(await readKeep(home, identity, NOON)).toMatchObject({
    ok: true,
    lease: { until: '2026-01-01T13:00:00.000Z', by: 'file' },
  });
  set('2h', NOON + 9e9);
  expect(await readKeep(home, identity, NOON)).toMatchObject({
    ok: true,
    lease: { until: '2026-01-01T14:00:00.000Z' },
  });
  set('for ever', NOON);
  expect(await readKeep(home, identity, NOON)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/is no duration/),
  });
  set('2 hours', NOON);
  expect(await readKeep(home, identity, NOON)).toMatchObject({ ok: false, message: expect.stringMatching(/write 2h/) });
  set('off', NOON);
  expect(await readKeep(home, identity, NOON)).toMatchObject({ ok: false, message: '' });
});

test('keep: links, pipes and large files are not read', async () => {
  const { home, foreign, folder, own } = makeHome();
  mkdirSync(folder);
  own(folder);
  const keep = join(folder, 'keep');
  writeFileSync(join(foreign, 'keep'), '2h');
  symlinkSync(join(foreign, 'keep'), keep);
  expect(await readKeep(home, identity, NOON)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/cannot be read/),
  });
  rmSync(keep);
  execFileSync('mkfifo', [keep]);
  expect(await readKeep(home, identity, NOON)).toMatchObject({
    ok: false,
    message: expect.stringMatching(/cannot be read/),
  });
  rmSync(keep);
  writeFileSync(keep, `2h${' '.repeat(1e6)}`);
  expect(await readKeep(home, identity, NOON)).toMatchObject({ ok: true });
  rmSync(folder, { recursive: true });
  symlinkSync(foreign, folder);
  expect(await readKeep(home, identity, NOON)).toMatchObject({ ok: false });
});

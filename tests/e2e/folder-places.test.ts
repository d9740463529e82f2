import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder, watchFolders } from '../support/scans.ts';

/** A folder with one spec, in a folder of its own that may be moved about. */
function home() {
  const above = temporaryFolder();
  const folder = join(above, 'specs');
  mkdirSync(folder);
  const write = (text: string, name = 'ada.yaml'): void => writeFileSync(join(folder, name), text);
  write('1\n');
  return { above, folder, write };
}

for (const polling of [false, true]) {
  const also = polling ? ', also by polling' : '';

  test(`a folder removed and made anew is heard${also}`, async () => {
    const { folder, write } = home();
    const { has } = await watchFolders([folder], { polling });
    await has('ada.yaml', '1\n');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    write('2\n');
    await has('ada.yaml', '2\n');
    write('3\n');
    await has('ada.yaml', '3\n');
  });

  test(`a folder that is a swapped link is followed${also}`, async () => {
    const above = temporaryFolder();
    const point = (to: string): void => {
      symlinkSync(to, join(above, 'new'));
      renameSync(join(above, 'new'), join(above, 'current'));
    };
    for (const revision of ['r1', 'r2']) {
      mkdirSync(join(above, revision));
      writeFileSync(join(above, revision, 'ada.yaml'), `${revision}\n`);
    }
    point('r1');
    const { has } = await watchFolders([join(above, 'current')], { polling });
    await has('ada.yaml', 'r1\n');
    point('r2');
    await has('ada.yaml', 'r2\n');
    rmSync(join(above, 'r1'), { recursive: true });
    writeFileSync(join(above, 'r2', 'ada.yaml'), 'r2 edited\n');
    await has('ada.yaml', 'r2 edited\n');
  });
}

test('what is no plain file inside the folder is an error beside the others, and is never opened', async () => {
  const { above, folder, write } = home();
  writeFileSync(join(above, 'secret.yaml'), 'secret\n');
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  symlinkSync('../secret.yaml', join(folder, 'outside.yaml'));
  symlinkSync('nowhere.yaml', join(folder, 'dangling.yaml'));
  symlinkSync('ada.yaml', join(folder, 'twice.yaml'));
  symlinkSync('team-that-was-here', join(folder, 'team'));
  symlinkSync('round.yaml', join(folder, 'round.yaml'));
  symlinkSync('nowhere.md', join(folder, 'notes.md'));
  symlinkSync('..', join(folder, 'loop'));
  symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
  mkdirSync(join(folder, 'folder.yaml'));
  write('0123456789abcdef'.repeat(4_097), 'large.yaml');
  writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]));
  for (const name of ['README.md', '.hidden.yaml', 'ada.yaml~', 'ada.yaml.bak', 'ada.yaml.orig']) write('no\n', name);
  const { has, last } = await watchFolders([folder]);
  await has('ada.yaml', '1\n');
  expect(last()).toEqual({
    'ada.yaml': '1\n',
    'pipe.yaml': '(is not a regular file)',
    'outside.yaml': '(is a symlink to a place outside the folder)',
    'dangling.yaml': '(is a symlink to nothing)',
    team: '(is a symlink to nothing)',
    'round.yaml': '(is a symlink that leads to itself)',
    'zero.yaml': '(is a symlink to a place outside the folder)',
    'large.yaml': '(is larger than 64 KiB: split it into several files)',
    'latin1.yaml': '(is not UTF-8 in line 1: save it as UTF-8)',
  });
});

test('folders that overlap give each file once', async () => {
  const { folder, write } = home();
  mkdirSync(join(folder, 'team'));
  write('bob\n', 'team/bob.yaml');
  const { has, last } = await watchFolders([folder, join(folder, 'team')]);
  await has('team/bob.yaml', 'bob\n');
  expect(Object.keys(last())).toEqual(['ada.yaml', 'team/bob.yaml']);
});

test.each([
  ['is not there', (path: string) => unlinkSync(path), 'does not exist: create it, or mount its disk'],
  ['is a file', () => {}, 'is not a folder'],
  [
    'is a loop',
    (path: string) => {
      unlinkSync(path);
      symlinkSync(path, path);
    },
    'is a loop of symlinks',
  ],
])('a folder that %s is unreadable, and says what to do', async (_, make, message) => {
  const path = join(temporaryFolder(), 'specs');
  writeFileSync(path, '');
  make(path);
  const { isNow } = await watchFolders([path]);
  expect(await isNow('unreadable')).toEqual({ kind: 'unreadable', message: `${path} ${message}` });
});

test('without permission: a file is an error, a folder is unreadable', async () => {
  const { folder, write } = home();
  write('bob\n', 'bob.yaml');
  mkdirSync(join(folder, 'closed'));
  execFileSync('chmod', ['0755', folder, join(folder, '..')]);
  execFileSync('chmod', ['0000', join(folder, 'ada.yaml')]);
  const look = async (): Promise<unknown> => {
    const child = fork(new URL('../support/look-as-nobody.ts', import.meta.url), [folder]);
    return new Promise((resolve) => child.once('message', resolve));
  };
  expect(await look()).toEqual({ 'ada.yaml': '(cannot be read (EACCES))', 'bob.yaml': 'bob\n' });
  execFileSync('chmod', ['0000', join(folder, 'closed')]);
  const closed = {
    message: `${join(folder, 'closed')} may not be read: give the controller read and search permission`,
  };
  expect(await look()).toMatchObject(closed);
});

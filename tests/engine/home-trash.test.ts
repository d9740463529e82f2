import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openEngine } from '../support/engine.ts';

const at = '2026-11-24T15:30:00.000Z';
const entry = 'ada@20261124T153000Z';

test('the trash is made for root alone, and what cannot be moved stays with the reason', async () => {
  const { runtime, data, fitted } = await openEngine();
  const wanted = fitted();
  const [home, trash] = [wanted.homeSource, join(data, 'trash')];
  const refused = (said: RegExp) =>
    expect(runtime.trashHome(wanted, at)).rejects.toMatchObject({
      code: 'HOME_UNUSABLE',
      message: expect.stringMatching(said),
    });
  await runtime.ensureHome(wanted);
  writeFileSync(join(home, 'notes'), 'all of it');

  // Somebody put a link in its place: neither the link nor what it leads to is moved.
  const elsewhere = join(data, 'elsewhere');
  execFileSync('mv', [home, elsewhere]);
  symlinkSync(elsewhere, home);
  await refused(/is not a folder/);
  expect(lstatSync(home).isSymbolicLink() && existsSync(join(elsewhere, 'notes'))).toBe(true);
  expect(existsSync(trash)).toBe(false);
  rmSync(home);
  execFileSync('mv', [elsewhere, home]);

  // A trash that others may write to, that is a link, and one on another file system.
  mkdirSync(trash);
  chmodSync(trash, 0o777);
  await refused(/can be changed by others/);
  rmSync(trash, { recursive: true });
  symlinkSync('/tmp', trash);
  await refused(/trash is not a folder/);
  rmSync(trash);
  mkdirSync(trash, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=700', 'none', trash]);
  const unmount = () => void execFileSync('sh', ['-c', 'umount "$0" 2>/dev/null || true', trash]);
  onTestFinished(unmount);
  await refused(/two file systems or mounts, and nothing is ever copied/);
  expect([readdirSync(trash), existsSync(join(home, 'notes'))]).toEqual([[], true]);
  unmount();
  rmSync(trash, { recursive: true });

  expect(await runtime.trashHome(wanted, at)).toBe(entry);
  expect(lstatSync(trash).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(trash, entry))).toEqual(['notes']);
});

test('a home that anybody has mounted is not moved, however they named it', async () => {
  const { docker, runtime, data, fitted, prefix } = await openEngine();
  const wanted = fitted();
  await runtime.ensureHome(wanted);
  mkdirSync(join(wanted.homeSource, 'inner'));
  const alias = join(data, 'alias');
  symlinkSync(join(data, 'users'), alias);
  const make = (source: string) =>
    docker.createContainer({
      name: `${prefix}theirs`,
      Image: wanted.image.ref,
      Cmd: ['sleep', '60'],
      HostConfig: { Binds: [`${source}:/mnt`] },
    });
  for (const source of [wanted.homeSource, join(wanted.homeSource, 'inner'), join(alias, 'ada')]) {
    const { id } = await make(source);
    await expect(runtime.trashHome(wanted, at), source).rejects.toMatchObject({
      code: 'HOME_UNUSABLE',
      message: expect.stringContaining(`container ${prefix}theirs has it mounted`),
    });
    await docker.getContainer(id).remove({ force: true });
  }
  // A backup that mounts all homes is no user of one.
  await make(join(data, 'users'));
  expect(await runtime.trashHome(wanted, at)).toBe(entry);
});

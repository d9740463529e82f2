import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/lib/log.ts';
import { makeWatch } from '../../src/sources/watch.ts';
import { lyingDisk } from '../support/lying-disk.ts';
import { temporaryFolder } from '../support/scans.ts';
import { saying, watchSpecs } from '../support/watch-specs.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../support/poll-child.ts', import.meta.url));
const isDeaf = async (folder: string): Promise<boolean> => {
  const watch = makeWatch(() => undefined, silentLog);
  await watch.keep(folder, { real: folder, root: '1' });
  await watch.close();
  return watch.isDeaf();
};

test('a network disk is polled: nobody here is told what others write there', async () => {
  const folder = temporaryFolder();
  expect(await isDeaf(folder)).toBe(false);
  const disk = await lyingDisk(folder, {});
  onTestFinished(disk.close);
  expect(await isDeaf(folder)).toBe(true);
});

test('where no more folders can be watched it is polled', async () => {
  const folder = temporaryFolder();
  const said = async (...how: [string, ...string[]]) => (await run(how[0], how.slice(1))).stdout.trim();
  expect(await said(process.execPath, program, folder)).toBe('hears');
  const script = 'echo 0 > /proc/sys/user/max_inotify_watches; exec "$0" "$@"';
  expect(await said('unshare', '-Ur', 'sh', '-c', script, process.execPath, program, folder)).toBe('deaf');
}, 60_000);

test('without a file handle left nothing is missing: the folder is unreadable, and says why', async () => {
  const folder = temporaryFolder();
  for (const name of ['ada', 'bob', 'cy']) writeFileSync(join(folder, `${name}.yaml`), saying(name, 100));
  const look = fileURLToPath(new URL('../support/look-without-handles.ts', import.meta.url));
  const { stdout } = await run('sh', ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, look, folder]);
  const [none, one, all] = JSON.parse(stdout) as string[];
  expect([none, one].join()).toMatch(/too many files open.*,.*too many files open/);
  expect(all).toBe('3 files');
}, 30_000);

test('a disk that hangs is told, others go on, and it ends; when it answers again all is well', async () => {
  const above = temporaryFolder();
  const [hung, other] = ['hung', 'other'].map((name) => join(above, name)) as [string, string];
  for (const folder of [hung, other]) mkdirSync(folder);
  const disk = await lyingDisk(hung, { 'ada.yaml': saying('ada', 100) });
  onTestFinished(disk.close);
  const watched = await watchSpecs([hung, other], { polling: true });
  onTestFinished(watched.close);
  await watched.says({ ada: 100 });
  disk.hang();
  await watched.tells(/hung does not answer: its disk hangs|hung, .*other: no answer within 20 s/);
  writeFileSync(join(other, 'bob.yaml'), saying('bob', 100));
  await watched.says({ ada: 100, bob: 100 });
  disk.goOn();
  await watched.well();
  await disk.files({ 'ada.yaml': saying('ada', 200) });
  await watched.says({ ada: 200, bob: 100 });
  expect(watched.generations).toEqual([{ ada: 100 }, { ada: 100, bob: 100 }, { ada: 200, bob: 100 }]);
}, 90_000);

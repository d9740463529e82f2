import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockDataFolder } from '../../src/store/lock.ts';
import { temporaryFolder } from '../support/scans.ts';

const program = new URL('../support/lock-holder.ts', import.meta.url).pathname;
const canUnshare = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0;

/** A process that tries to lock; resolves with its first line. */
async function holder(dataDir: string, before: string[] = []): Promise<{ child: ChildProcess; said: string }> {
  const [command = '', ...args] = [...before, process.execPath, program, dataDir];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
  });
  return { child, said };
}
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));
const kill = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  const end = ended(child);
  child.kill(signal);
  if (signal === 'SIGKILL') await end;
};

test('the second controller on a data folder is refused within a second, with the pid of the first', async () => {
  const dataDir = temporaryFolder();
  const { child, said } = await holder(dataDir);
  expect(said).toBe('locked');
  const startedMs = performance.now();
  const error = { code: 'CONTROLLER_LOCKED', message: `the data folder ${dataDir} is locked by pid ${child.pid}` };
  await expect(lockDataFolder(dataDir)).rejects.toMatchObject(error);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test('another path to the same folder is the same lock', async () => {
  const dataDir = temporaryFolder();
  const { said } = await holder(dataDir);
  expect(said).toBe('locked');
  const link = join(temporaryFolder(), 'link');
  symlinkSync(dataDir, link);
  await expect(lockDataFolder(link)).rejects.toMatchObject({ code: 'CONTROLLER_LOCKED' });
});

test('the lock dies with its holder, also by kill -9, and ends with release', async () => {
  const dataDir = temporaryFolder();
  for (let i = 0; i < 3; i += 1) {
    const { child, said } = await holder(dataDir);
    expect(said).toBe('locked');
    await kill(child, 'SIGKILL');
  }
  const lock = await lockDataFolder(dataDir);
  await lock.release();
  await (await lockDataFolder(dataDir)).release();
});

test('a stopped holder still holds, and its pid is known from the file', async () => {
  const dataDir = temporaryFolder();
  const { child } = await holder(dataDir);
  await kill(child, 'SIGSTOP');
  await expect(lockDataFolder(dataDir)).rejects.toThrow(`locked by pid ${child.pid}`);
});

test('of eight that start at once, one holds', async () => {
  const dataDir = temporaryFolder();
  const said = (await Promise.all(Array.from({ length: 8 }, () => holder(dataDir)))).map((one) => one.said);
  expect(said.filter((line) => line === 'locked').length).toBe(1);
  expect(said.filter((line) => line.startsWith('CONTROLLER_LOCKED')).length).toBe(7);
});

test('two data folders are two locks', async () => {
  const locks = await Promise.all([temporaryFolder(), temporaryFolder()].map(lockDataFolder));
  await Promise.all(locks.map((lock) => lock.release()));
  expect(locks.length).toBe(2);
});

test('a folder with a path longer than a socket address', async () => {
  const dataDir = join(temporaryFolder(), 'long-'.repeat(30), 'name-'.repeat(30));
  mkdirSync(dataDir, { recursive: true });
  const { said } = await holder(dataDir);
  expect(said).toBe('locked');
  await expect(lockDataFolder(dataDir)).rejects.toMatchObject({ code: 'CONTROLLER_LOCKED' });
});

test.runIf(canUnshare)('a controller in another network namespace is refused too', async () => {
  const dataDir = temporaryFolder();
  const { said } = await holder(dataDir, ['unshare', '-n']);
  expect(said).toBe('locked');
  await expect(lockDataFolder(dataDir)).rejects.toMatchObject({ code: 'CONTROLLER_LOCKED' });
  const third = await holder(dataDir, ['unshare', '-n']);
  expect(third.said).toMatch(/^CONTROLLER_LOCKED/);
});

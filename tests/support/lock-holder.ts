import { lockDataFolder } from '../../src/store/lock.ts';

// A program for tests: locks a data folder and holds it until its stdin ends. Says `locked`, or the error's code.
const [, , dataDir = ''] = process.argv;
try {
  const lock = await lockDataFolder(dataDir);
  process.stdout.write('locked\n');
  process.stdin.resume().once('end', () => void lock.release().then(() => process.exit(0)));
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code} ${(error as Error).message}\n`);
  process.exit(1);
}

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { openIntents } from '../../src/store/intents.ts';
import { openStatus } from '../../src/store/status.ts';
import { aController } from '../support/a-status.ts';
import { temporaryFolder } from '../support/scans.ts';

const KILLS = 25;

/** Starts the writer and kills it some milliseconds after its first word; returns what it said. */
function runAndKill(dataDir: string, stateDir: string, afterMs: number): Promise<string[]> {
  const writer = spawn(process.execPath, [
    new URL('../support/store-writer.ts', import.meta.url).pathname,
    dataDir,
    stateDir,
  ]);
  let text = '';
  writer.stdout.setEncoding('utf8').once('data', () => systemClock.timer(afterMs, () => writer.kill('SIGKILL')));
  writer.stdout.on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve) => writer.once('close', () => resolve(text.split('\n').slice(0, -1))));
}

test('killed in the middle of writing, again and again: no torn file, and nothing confirmed is lost', async () => {
  const [dataDir, stateDir] = [temporaryFolder(), temporaryFolder()];
  const intentsDir = join(dataDir, '.workdock/intents');
  let confirmed = 0;
  for (let i = 0; i < KILLS; i += 1) {
    const said = await runAndKill(dataDir, stateDir, 3 + ((i * 7) % 60));
    expect(said.filter((line) => line.startsWith('corrupt'))).toEqual([]);
    expect(said.length).toBeGreaterThan(0);
    confirmed = Math.max(confirmed, ...said.map(Number));
    const files = [stateDir, join(stateDir, 'status'), intentsDir].flatMap((folder) =>
      (existsSync(folder) ? readdirSync(folder) : [])
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name)),
    );
    for (const file of files) expect(() => JSON.parse(readFileSync(file, 'utf8')), file).not.toThrow();
    const ada = JSON.parse(readFileSync(join(intentsDir, 'ada.json'), 'utf8')) as { seq: number };
    expect(ada.seq).toBeGreaterThanOrEqual(confirmed);
  }
  expect(confirmed).toBeGreaterThan(KILLS);

  const onCorrupt = (): never => expect.unreachable('nothing is corrupt');
  await openIntents(dataDir, { clock: systemClock, onCorrupt });
  const status = await openStatus(stateDir, { controller: aController, clock: systemClock, onCorrupt });
  await status.close();
  const folders = [stateDir, join(stateDir, 'status'), intentsDir];
  expect(folders.flatMap((folder) => readdirSync(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

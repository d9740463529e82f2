import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { openEvents } from '../../src/store/events.ts';
import { openIntents } from '../../src/store/intents.ts';
import { openSpecFiles } from '../../src/store/spec-files.ts';
import { openStatus } from '../../src/store/status.ts';
import { aController, aStatus } from '../support/a-status.ts';
import { temporaryFolder } from '../support/scans.ts';
import { until } from '../support/until.ts';

/** Needs root to mount; the sentence is shown elsewhere only where the machine lets us. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

/** A disk of 256 KiB. */
function smallDisk(): string {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}
const fill = (folder: string): string => {
  const path = join(folder, 'filler');
  for (let size = 256 * 1024; size >= 512; size = Math.floor(size / 2)) {
    try {
      writeFileSync(path, 'x'.repeat(size), { flag: 'a' });
    } catch {}
  }
  return path;
};
const temporaries = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));

test.runIf(canMount)(
  'a full disk: old status stays whole, the reason is said, and it heals with the space',
  async () => {
    const disk = smallDisk();
    const store = await openStatus(disk, { controller: aController, clock: systemClock, onCorrupt: () => {} });
    onTestFinished(store.close);
    for (let i = 0; i < 10; i += 1) store.publish(aStatus(`user-${i}`));
    await store.flush();
    const filler = fill(disk);
    for (let i = 0; i < 10; i += 1) store.publish(aStatus(`user-${i}`, { message: 'y'.repeat(20_000) }));
    await store.flush();
    expect(store.problem()).toBe(`status cannot be written to ${disk}: ENOSPC`);
    for (const name of readdirSync(join(disk, 'status'))) {
      expect(() => JSON.parse(readFileSync(join(disk, 'status', name), 'utf8')), name).not.toThrow();
    }
    expect(() => JSON.parse(readFileSync(join(disk, 'status.json'), 'utf8'))).not.toThrow();
    expect(temporaries(disk)).toEqual([]);
    rmSync(filler);
    for (let i = 0; i < 10; i += 1) store.publish(aStatus(`user-${i}`, { message: 'small again' }));
    await until(() => store.problem() === null, { deadlineMs: 15_000 });
    expect(JSON.parse(readFileSync(join(disk, 'status/user-3.json'), 'utf8'))).toMatchObject({
      message: 'small again',
    });
  },
);

test.runIf(canMount)('a full disk: a decision that does not fit is refused, and the one before holds', async () => {
  const disk = smallDisk();
  const onCorrupt = (): never => expect.unreachable('nothing is corrupt');
  const intents = await openIntents(disk, { clock: systemClock, onCorrupt });
  await intents.update('ada', (intent) => ({ ...intent, seq: 1 }));
  fill(disk);
  const large = { v1: { field: 'z'.repeat(100_000) } };
  const update = intents.update('ada', (intent) => ({ ...intent, seq: 2, revisions: large }));
  await expect(update).rejects.toMatchObject({ code: 'NOT_PERSISTED', message: expect.stringContaining('ENOSPC') });
  expect(intents.get('ada')?.seq).toBe(1);
  expect(temporaries(disk)).toEqual([]);
  expect((await openIntents(disk, { clock: systemClock, onCorrupt })).get('ada')?.seq).toBe(1);
});

test.runIf(canMount)('a full disk: events wait in memory and arrive when there is space', async () => {
  const disk = smallDisk();
  const events = await openEvents(disk, { clock: systemClock });
  onTestFinished(events.close);
  mkdirSync(join(disk, 'events'));
  const filler = fill(disk);
  const emit = (message: string): void =>
    events.emit({ name: 'ada', type: 'Warning', reason: 'DiskPressure', message });
  emit('w'.repeat(20_000));
  expect((await events.read({ name: 'ada' })).length).toBe(1);
  rmSync(filler);
  await until(() => readFileSync(join(disk, 'events/ada.ndjson'), 'utf8').endsWith('\n'), { deadlineMs: 15_000 });
  expect(temporaries(disk)).toEqual([]);
});

test.runIf(canMount)(
  'a full disk: a spec of the API is refused, the earlier one stays whole, and space heals it',
  async () => {
    const disk = smallDisk();
    const specs = await openSpecFiles(disk);
    await specs.write('ada', 'first\n');
    const filler = fill(disk);
    const long = `${'x'.repeat(60_000)}\n`;
    const refused = { code: 'NOT_PERSISTED', message: `cannot write ${specs.pathOf('ada')}: ENOSPC` };
    await expect(specs.write('ada', long)).rejects.toMatchObject(refused);
    expect([await specs.read('ada'), temporaries(disk)]).toEqual(['first\n', []]);
    rmSync(filler);
    await specs.write('ada', long);
    expect(await specs.read('ada')).toBe(long);
  },
);

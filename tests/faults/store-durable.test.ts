import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInstance, rememberedData } from '../../src/store/instance.ts';
import { openIntents } from '../../src/store/intents.ts';
import { openDataFolder } from '../../src/store/open-data.ts';
import type { CorruptFile } from '../../src/store/read-json.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/scans.ts';

const clock = makeFakeClock();
const corrupt = ['', '{"schemaVersion":1', '\0\0\0\0', '{"schemaVersion":1,}', '[]', 'null', '{"schemaVersion":1}'];

async function intentsIn(dataDir: string) {
  const lost: (CorruptFile & { name: string })[] = [];
  const store = await openIntents(dataDir, { clock, onCorrupt: (file) => lost.push(file) });
  return { ...store, lost, folder: join(dataDir, '.workdock/intents') };
}

test('what was decided is there after a restart, readable by the controller alone', async () => {
  const dataDir = temporaryFolder();
  const before = await intentsIn(dataDir);
  expect(before.get('ada')).toBeUndefined();
  await before.update('ada', (intent) => ({ ...intent, generation: 3, suspend: { at: '2026-01-01T00:00:00Z' } }));
  await before.update('bob', (intent) => ({ ...intent, seq: 1 }));
  expect(statSync(join(before.folder, 'ada.json')).mode & 0o777).toBe(0o600);
  expect(statSync(before.folder).mode & 0o777).toBe(0o700);
  const after = await intentsIn(dataDir);
  expect(after.get('ada')).toMatchObject({ generation: 3, suspend: { at: '2026-01-01T00:00:00Z' } });
  expect(
    after
      .all()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['ada', 'bob']);
  expect(after.lost).toEqual([]);
});

test('equal is not written, and a look alone makes nothing known', async () => {
  const { update, get, all, folder } = await intentsIn(temporaryFolder());
  await update('ada', (intent) => ({ ...intent }));
  expect([get('ada'), all(), readdirSync(folder)]).toEqual([undefined, [], []]);
  await update('ada', (intent) => ({ ...intent, seq: 1 }));
  const { ino } = statSync(join(folder, 'ada.json'));
  await update('ada', (intent) => ({ ...intent, seq: 1 }));
  expect(statSync(join(folder, 'ada.json')).ino).toBe(ino);
});

test('what is removed is gone from disk, and what comes after it begins anew', async () => {
  const dataDir = temporaryFolder();
  const { update, remove, get, all, folder } = await intentsIn(dataDir);
  await remove('nobody');
  await update('ada', (intent) => ({ ...intent, seq: 5 }));
  const [, , later] = await Promise.all([
    update('ada', (intent) => ({ ...intent, seq: intent.seq + 1 })),
    remove('ada'),
    update('ada', (intent) => ({ ...intent, generation: 1 })),
  ]);
  expect(later).toMatchObject({ seq: 0, generation: 1 });
  expect(get('ada')).toEqual(later);
  await remove('ada');
  expect([get('ada'), all(), readdirSync(folder)]).toEqual([undefined, [], []]);
  await update('ada', (intent) => ({ ...intent, seq: 5 }));
  expect((await intentsIn(dataDir)).get('ada')).toMatchObject({ seq: 5, generation: 0 });
});

test('100 changes at once are made one after the other, and none is lost', async () => {
  const dataDir = temporaryFolder();
  const { update } = await intentsIn(dataDir);
  await Promise.all(Array.from({ length: 100 }, () => update('ada', (intent) => ({ ...intent, seq: intent.seq + 1 }))));
  expect((await intentsIn(dataDir)).get('ada')?.seq).toBe(100);
});

test.each(corrupt)(
  'a corrupt intents file (%j) is put aside and reported; its generation never goes back',
  async (text) => {
    const dataDir = temporaryFolder();
    const { update, folder } = await intentsIn(dataDir);
    await update('ada', (intent) => ({ ...intent, generation: 41, homesSeen: ['/h'] }));
    await update('bob', (intent) => ({ ...intent, generation: 7 }));
    writeFileSync(join(folder, 'ada.json'), text);
    const after = await intentsIn(dataDir);
    expect(after.lost).toMatchObject([{ name: 'ada', path: join(folder, 'ada.json') }]);
    expect(readFileSync(after.lost[0]!.movedTo!, 'utf8')).toBe(text);
    expect(after.get('ada')).toMatchObject({ name: 'ada', homesSeen: ['*'], digest: '', seq: 0 });
    expect(after.get('ada')!.generation).toBeGreaterThan(41);
    expect(after.get('bob')?.generation).toBe(7);
    const again = await intentsIn(dataDir);
    expect([again.lost, again.get('ada')]).toEqual([[], after.get('ada')]);
  },
);

test('a record under another name is not taken for its file’s', async () => {
  const dataDir = temporaryFolder();
  const { update, folder } = await intentsIn(dataDir);
  await update('ada', (intent) => ({ ...intent, generation: 41 }));
  writeFileSync(join(folder, 'bob.json'), readFileSync(join(folder, 'ada.json')));
  expect((await intentsIn(dataDir)).lost).toMatchObject([{ name: 'bob' }]);
});

test('files of a newer workdock are neither used nor touched', async () => {
  const dataDir = temporaryFolder();
  const { folder } = await intentsIn(dataDir);
  const text = '{"schemaVersion":2,"name":"ada"}';
  writeFileSync(join(folder, 'ada.json'), text);
  await expect(intentsIn(dataDir)).rejects.toMatchObject({ code: 'STATE_NEWER' });
  expect(readFileSync(join(folder, 'ada.json'), 'utf8')).toBe(text);
});

test('what is left of a crash is removed, what is not ours is kept', async () => {
  const dataDir = temporaryFolder();
  const { folder } = await intentsIn(dataDir);
  writeFileSync(join(folder, '.ada.json.4711-0123456789ab.tmp'), 'half');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const { all } = await intentsIn(dataDir);
  expect([all(), readdirSync(folder)]).toEqual([[], ['notes.txt']]);
});

test('a name that is none never becomes a path', async () => {
  const dataDir = temporaryFolder();
  const { update } = await intentsIn(dataDir);
  const write = update('../instance', (intent) => ({ ...intent, seq: 1 }));
  await expect(write).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('a failed write changes nothing here either', async () => {
  const dataDir = temporaryFolder();
  const { update, get, folder } = await intentsIn(dataDir);
  await update('ada', (intent) => ({ ...intent, seq: 1 }));
  rmSync(folder, { recursive: true });
  const failed = update('ada', (intent) => ({ ...intent, seq: 2 }));
  await expect(failed).rejects.toMatchObject({ code: 'NOT_PERSISTED' });
  expect(get('ada')?.seq).toBe(1);
});

test('an instance is made once and found again', async () => {
  const dataDir = temporaryFolder();
  const first = await openInstance(dataDir, { clock, expectExisting: null });
  expect(first.get()).toMatchObject({
    uid: expect.stringMatching(/^[0-9a-f]{16}$/),
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  await first.update((record) => ({ ...record, subnet: '10.99.0.0/20', addresses: { ada: 2 } }));
  const second = await openInstance(dataDir, { clock, expectExisting: 'a container knows it' });
  expect(second.get()).toEqual(first.get());
});

test('a data folder that something remembers and that is empty is missing, and stays empty', async () => {
  const [dataDir, stateDir] = [temporaryFolder(), temporaryFolder()];
  expect(await rememberedData(stateDir)).toBeNull();
  const status = { schemaVersion: 1, controller: { data: dataDir }, workspaces: {} };
  writeFileSync(join(stateDir, 'status.json'), JSON.stringify(status));
  const expectExisting = await rememberedData(stateDir);
  expect(expectExisting).toContain(dataDir);
  const opened = openDataFolder(dataDir, { clock, expectExisting });
  await expect(opened).rejects.toMatchObject({ code: 'DATA_FOLDER_MISSING' });
  expect(readdirSync(dataDir)).toEqual([]);
});

test('an instance that cannot be read is not replaced', async () => {
  const dataDir = temporaryFolder();
  await openInstance(dataDir, { clock, expectExisting: null });
  const path = join(dataDir, '.workdock/instance.json');
  for (const text of corrupt) {
    writeFileSync(path, text);
    const opened = openDataFolder(dataDir, { clock, expectExisting: null });
    await expect(opened).rejects.toMatchObject({ code: 'DATA_FOLDER_MISSING' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  chmodSync(path, 0o600);
});

test('a change that throws fails alone among those written with it', async () => {
  const dataDir = temporaryFolder();
  const { update } = await intentsIn(dataDir);
  const add = () => update('ada', (intent) => ({ ...intent, seq: intent.seq + 1 }));
  const broken = update('ada', () => {
    throw new Error('no such change');
  });
  const outcomes = await Promise.allSettled([add(), broken, add(), add()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect((await intentsIn(dataDir)).get('ada')?.seq).toBe(3);
});

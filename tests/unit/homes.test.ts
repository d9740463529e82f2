import { expect, test } from 'vitest';
import { confirmed } from '../../src/commands/confirm.ts';
import { holdHomes } from '../../src/hold-homes.ts';
import { asTrashEntry } from '../../src/homes/stored/places.ts';
import { makeAlone } from '../../src/homes-service.ts';
import { makeLocks } from '../../src/lib/keyed-lock.ts';
import { mountTable, seenElsewhere } from '../../src/lib/mount-points.ts';
import { moveFolder } from '../../src/lib/move-folder.ts';
import { entryName, newestOf, parseEntry } from '../../src/model/homes.ts';
import { makeFakeEngine } from '../../src/runtime/fake/engine.ts';
import { makeFakeRuntime } from '../../src/runtime/fake/fake-runtime.ts';
import { aFitted } from '../support/fitted.ts';

test('a folder that cannot be moved is told alike at each try, whatever name it would have had', async () => {
  const tell = (to: string) => moveFolder('/nowhere/ada', to).catch(({ message }: Error) => message);
  expect(await tell('/nowhere/trash/ada@20261124T153000Z')).toBe(await tell('/nowhere/trash/ada@20261124T153005Z'));
});

test('an entry is a home and a second, and nothing else is one', () => {
  const entry = entryName('ada', Date.parse('2026-11-24T15:30:00.999Z'));
  expect(entry).toBe('ada@20261124T153000Z');
  expect(parseEntry(entry)).toEqual({ home: 'ada', at: '2026-11-24T15:30:00.000Z' });
  const none = ['ada', 'ada@', '@20261124T153000Z', 'Ada@20261124T153000Z', '../a@20261124T153000Z', `${entry}\n`];
  for (const text of [
    ...none,
    `${entry}/x`,
    `.${entry}`,
    `${entry}.tar.gz`,
    'a-@20261124T153000Z',
    'ada@20269924T153000Z',
  ]) {
    expect(parseEntry(text), text).toBeUndefined();
  }
  expect(asTrashEntry(`.purge.${entry}`)).toMatchObject({ home: 'ada', unfinished: 'purge' });
  expect(asTrashEntry(`.unpack.${entry}`)).toMatchObject({ home: 'ada', unfinished: 'restore' });
  for (const text of ['.', '..', '.purge.', '.purge.ada', '.purge..purge.ada@20261124T153000Z', '.hidden']) {
    expect(asTrashEntry(text), text).toBeUndefined();
  }
});

test('a folder that is mounted at another place as well is found there, whatever lies above', () => {
  const table = mountTable(
    [
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
      '2 1 8:2 / /srv rw - ext4 /dev/sdb1 rw',
      '3 1 8:2 /data /var/lib/workdock/data rw - ext4 /dev/sdb1 rw',
      '4 1 8:1 /var/users/bob /mnt\\040point rw - ext4 /dev/sda1 rw',
      '',
    ].join('\n'),
  );
  expect(seenElsewhere('/var/users/bob', table)).toBe('/mnt point');
  expect(seenElsewhere('/var/users', table)).toBe('/mnt point');
  expect(seenElsewhere('/var/users/bo', table)).toBeUndefined();
  expect(seenElsewhere('/var/users/bob/deep', table)).toBeUndefined();
  // All of the data folder is seen at two places: that is how it was moved to another disk.
  expect(seenElsewhere('/var/lib/workdock/data/users/ada', table)).toBeUndefined();
  expect(seenElsewhere('/srv/data/users/ada', table)).toBeUndefined();
});

test('the newest that a home left: by time, and of one second the one that needs no unpacking', () => {
  const names = ['ada@20261124T153000Z.tar.gz', 'ada@20261124T153000Z', 'ada@20251124T153000Z', 'bob@20271124T153000Z'];
  expect(newestOf('ada', names)).toBe('ada@20261124T153000Z');
  expect(newestOf('ada', [...names, 'ada@20261124T153001Z.tar.gz'])).toBe('ada@20261124T153001Z.tar.gz');
  expect(newestOf('eve', names)).toBeUndefined();
});

test('one key at a time and in order, whatever fails; other keys do not wait', async () => {
  const locks = makeLocks();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = locks('ada', async () => {
    await gate.promise;
    order.push('first');
    throw new Error('no');
  });
  const second = locks('ada', async () => void order.push('second'));
  await locks('bob', async () => void order.push('bob'));
  expect(order).toEqual(['bob']);
  gate.resolve();
  await expect(first).rejects.toThrow('no');
  await second;
  expect(order).toEqual(['bob', 'first', 'second']);
});

test('no home moves under a container that is being started, nor to the trash while a verb is at it', async () => {
  const engine = makeFakeEngine();
  const gate = Promise.withResolvers<void>();
  const locks = makeLocks();
  const { alone, doing } = makeAlone();
  const slow = makeFakeRuntime(engine, { beforeCall: (call) => (call.startsWith('start') ? gate.promise : undefined) });
  const runtime = holdHomes(slow, { locks, atWork: () => doing('home ada') });
  const wanted = aFitted({ homeSource: '/data/users/ada' });
  engine.images.set(wanted.image.ref, 'sha256:1');
  await runtime.ensureHome(wanted);
  const id = await runtime.create(wanted, 1);
  const started = runtime.start(id, wanted);
  let moved = false;
  const move = locks('/data/users/ada', async () => {
    moved = true;
    return engine.containers.get(id)?.state;
  });
  await Promise.resolve();
  expect(moved).toBe(false);
  gate.resolve();
  await started;
  expect(await move, 'its turn came when it ran').toBe('running');
  await runtime.stop(id, 1);
  await runtime.remove(id);
  const packing = Promise.withResolvers<void>();
  const packed = alone('home ada', 'archived', () => packing.promise);
  const trash = () => runtime.trashHome(wanted, '2026-11-24T15:30:00.000Z');
  await expect(trash()).rejects.toMatchObject({ code: 'HOME_UNUSABLE', message: /being archived/ });
  await expect(alone('home ada', 'purged', async () => undefined)).rejects.toMatchObject({ code: 'REFUSED' });
  packing.resolve();
  await packed;
  expect(await trash()).toBe('ada@20261124T153000Z');
});

test.each([
  { given: 'ada', typed: undefined, code: undefined },
  { given: undefined, typed: ' ada ', code: undefined },
  { given: undefined, typed: undefined, code: 'USAGE' },
  { given: undefined, typed: '', code: 'REFUSED' },
  { given: 'yes', typed: 'ada', code: 'REFUSED' },
  { given: '', typed: 'ada', code: 'REFUSED' },
  { given: ' ada', typed: 'ada', code: 'REFUSED' },
])('--confirm $given, typed $typed: $code', async ({ given, typed, code }) => {
  const told: string[] = [];
  const deps = { io: { err: (line: string) => void told.push(line) }, askPerson: async () => typed };
  const asked = confirmed(deps, { word: 'ada', lost: ['all of it'], what: 'home ada' }, given);
  if (code === undefined) expect(await asked).toBe('ada');
  else await expect(asked).rejects.toMatchObject({ code });
  expect(told, 'what will be lost is said first').toEqual(['all of it']);
});

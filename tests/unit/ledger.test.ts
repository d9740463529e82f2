import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostUids, openLedger } from '../../src/store/ledger.ts';
import { temporaryFolder } from '../support/scans.ts';

const range = { first: 20_000, last: 20_009 };
const open = (dataDir: string, rest: Partial<Parameters<typeof openLedger>[1]> = {}) =>
  openLedger(dataDir, { users: {}, range, hostUids: new Set(), ...rest });

test('each owner has one uid for ever, also across restarts', async () => {
  const dataDir = temporaryFolder();
  const first = await open(dataDir);
  expect(await first.identityOf('ada')).toEqual({ uid: 20_000, gid: 20_000, groups: [] });
  expect(await first.identityOf('constructor')).toEqual({ uid: 20_001, gid: 20_001, groups: [] });
  const second = await open(dataDir);
  expect(await second.identityOf('bob')).toEqual({ uid: 20_002, gid: 20_002, groups: [] });
  expect((await second.identityOf('ada')).uid).toBe(20_000);
});

test('owners asked for at once get different uids', async () => {
  const { identityOf } = await open(temporaryFolder());
  const names = ['ada', 'bob', 'cleo', 'ada', 'dora', 'bob'];
  const uids = (await Promise.all(names.map(identityOf))).map(({ uid }) => uid);
  expect(uids).toEqual([20_000, 20_001, 20_002, 20_000, 20_003, 20_001]);
});

test('owners are reserved together, and one for whom there is no uid keeps nobody else from one', async () => {
  const dataDir = temporaryFolder();
  const ledger = await open(dataDir, { range: { first: 20_000, last: 20_001 } });
  await ledger.reserve(['ada', 'bob', 'cleo']);
  const second = await open(dataDir, { range: { first: 20_000, last: 20_001 } });
  expect((await second.identityOf('bob')).uid).toBe(20_001);
  await expect(second.identityOf('cleo')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('uids of the host, and those that the config gives away, are left out', async () => {
  const users = { eve: { uid: 20_001, gid: 20_002, groups: [5] } };
  const { identityOf } = await open(temporaryFolder(), { users, hostUids: new Set([20_000, 20_003]) });
  expect(await identityOf('ada')).toEqual({ uid: 20_004, gid: 20_004, groups: [] });
  expect(await identityOf('eve')).toEqual({ uid: 20_001, gid: 20_002, groups: [5] });
});

test('the config wins, what it said is kept, and what it replaced is never given to another', async () => {
  const dataDir = temporaryFolder();
  await (await open(dataDir)).identityOf('ada');
  const users = { ada: { uid: 1_500, gid: 1_500, groups: [] } };
  expect((await (await open(dataDir, { users })).identityOf('ada')).uid).toBe(1_500);
  const after = await open(dataDir);
  expect((await after.identityOf('ada')).uid).toBe(1_500);
  expect((await after.identityOf('bob')).uid).toBe(20_001);
  const thief = await open(dataDir, { users: { cleo: { uid: 20_000, gid: 20_000, groups: [] } } });
  await expect(thief.identityOf('cleo')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('two owners of one uid are refused', async () => {
  const dataDir = temporaryFolder();
  const numbers = { uid: 1_500, gid: 1_500, groups: [] };
  await expect(open(dataDir, { users: { ada: numbers, bob: numbers } })).rejects.toThrow(
    'uid 1500 of bob is already ada',
  );
  await (await open(dataDir)).identityOf('ada');
  const { identityOf } = await open(dataDir, { users: { bob: { ...numbers, uid: 20_000 } } });
  await expect(identityOf('bob')).rejects.toThrow('uid 20000 of bob is already ada');
});

test('a full range is said, not exceeded', async () => {
  const { identityOf } = await open(temporaryFolder());
  for (let i = 0; i < 10; i += 1) await identityOf(`user-${i}`);
  await expect(identityOf('one-more')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect((await identityOf('user-9')).uid).toBe(20_009);
});

test('a corrupt ledger stops everything: a guess would give files to strangers', async () => {
  const dataDir = temporaryFolder();
  await (await open(dataDir)).identityOf('ada');
  for (const text of ['', '[]', '{"schemaVersion":1,"owners":{"ada":{}},"retired":{}}']) {
    writeFileSync(join(dataDir, '.workdock/uids.json'), text);
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'DATA_FOLDER_MISSING' });
  }
});

test('the host’s accounts are read from its passwd', async () => {
  const passwd = join(temporaryFolder(), 'passwd');
  writeFileSync(passwd, 'root:x:0:0:root:/root:/bin/sh\n\nbroken\nada:x:20000:20000::/home/user:/bin/sh\n');
  expect(await hostUids(passwd)).toEqual(new Set([0, 20_000]));
  expect(await hostUids(`${passwd}.none`)).toEqual(new Set());
});

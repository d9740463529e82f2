import { expect, test } from 'vitest';
import { makeApprove } from '../../src/approve.ts';
import type { HeldList } from '../../src/model/held.ts';
import { serveApi } from '../support/api.ts';
import { ask } from '../support/ask.ts';
import { run } from '../support/cli.ts';
import { memoryInstance } from '../support/memory-stores.ts';
import { memoryService, workspace } from '../support/service.ts';

const list = (hash: string, kind: HeldList['kind'] = 'disruptions'): HeldList => ({
  ...{ kind, hash, since: '2026-01-02T03:04:05.000Z', reason: '3 of 8 would be shrunk; more than 2 at once wait' },
  items: ['ada', 'bea', 'cleo'].map((name) => ({ name, what: 'shrink', detail: 'memory 8Gi -> 4Gi' })),
  along: ['dora'],
});
const HASH = '1a2b3c4d5e6f';

async function served(...lists: HeldList[]) {
  const note = { kind: 'disruptions' as const, hash: HASH, since: '', reason: 'many', detail: 'memory 8Gi -> 4Gi' };
  const service = memoryService([workspace('ada', { held: [note] }), workspace('bea')]);
  service.setHeld(lists);
  return { service, ...(await serveApi(service)) };
}

test('without a hash it lists what is held, with the command; of nothing it says so', async () => {
  const { state, service } = await served(list(HASH), list('999999aaaaaa', 'removals'));
  const { code, stdout } = await run(['approve'], { state });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^A change of the specs: held since 2026-01-02T03:04:05.000Z \(\w+\)$/m);
  expect(stdout).toContain('  3 of 8 would be shrunk; more than 2 at once wait\n');
  expect(stdout).toMatch(/^ {2}NAME {2}WOULD {3}BECAUSE\n {2}ada {3}shrink {2}memory 8Gi -> 4Gi$/m);
  expect(stdout).toContain('  of the same change, and held with it: dora\n');
  expect(stdout).toContain(`  workdock approve ${HASH}   lets`);
  expect(stdout).toMatch(/^Removals, as no file declares these any more: held/m);
  expect(JSON.parse((await run(['approve', '-o', 'json'], { state })).stdout)).toHaveLength(2);
  service.setHeld([]);
  expect(await run(['approve'], { state })).toEqual({ code: 0, stdout: 'nothing is held\n', stderr: '' });
  expect((await run(['approve', '-o', 'json'], { state })).stdout).toBe('[]\n');
});

test('with a hash, or its first digits, exactly that list goes; asked again it is told so', async () => {
  const { state } = await served(list(HASH), list('999999aaaaaa', 'removals'));
  const first = await run(['approve', HASH.slice(0, 6).toUpperCase()], { state });
  expect([first.code, first.stdout]).toEqual([0, `${HASH} approved: 3 changes let through: ada bea cleo\n`]);
  const again = await run(['approve', HASH], { state });
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('was approved before')]);
  const other = await run(['approve', '999999aaaaaa', '-o', 'json'], { state });
  expect(JSON.parse(other.stdout)).toMatchObject({ kind: 'removals', outcome: 'approved', names: expect.any(Array) });
});

test.each(['0123456789ab', '1a2b3', 'nonsense', '1a2b3c4d5e60', `${HASH}0`])(
  '%s lets nothing through and shows what is held now',
  async (wrong) => {
    const { state, service } = await served(list(HASH));
    const { code, stdout, stderr } = await run(['approve', wrong], { state });
    expect([code, stdout]).toEqual([7, '']);
    expect(stderr).toContain(`workdock approve ${HASH}   lets`);
    expect(stderr).toContain(`nothing is held under ${wrong}`);
    expect(service.held()).toHaveLength(1);
  },
);

test('nothing held is NOT_FOUND for a hash', async () => {
  const { state } = await served();
  expect((await run(['approve', HASH], { state })).code).toBe(5);
});

test('the API takes a hash and nothing else', async () => {
  const { socket } = await served(list(HASH));
  const post = (body: unknown) => ask(socket, '/v1/approve', { method: 'POST', body: JSON.stringify(body) });
  for (const body of [{}, null, { hash: 1 }, { hash: '' }, { hash: HASH, all: true }, { hash: 'a'.repeat(65) }]) {
    expect((await post(body)).body, JSON.stringify(body)).toMatchObject({ code: 'USAGE' });
  }
  expect((await ask(socket, '/v1/held')).body).toEqual([list(HASH)]);
  expect(await post({ hash: 'ffffffffffff' })).toMatchObject({ status: 409, body: { code: 'REFUSED' } });
  expect((await post({ hash: HASH })).body).toMatchObject({ outcome: 'approved', names: ['ada', 'bea', 'cleo'] });
});

test('restart and start of what is held say that a newer spec is', async () => {
  const { state } = await served(list(HASH));
  const { code, stdout, stderr } = await run(['restart', 'ada', 'bea'], { state });
  expect([code, stdout.split('\n').toSorted()]).toEqual([
    0,
    ['', 'ada restart accepted (Running now)', 'bea restart accepted (Running now)'],
  ]);
  expect(stderr).toBe(
    `workdock: ada: a newer spec of it is held, the one in force is used; workdock approve ${HASH}\n`,
  );
  const pending = await run(['restart', '--pending', 'ada', 'bea'], { state });
  expect([pending.code, pending.stderr]).toEqual([
    0,
    expect.stringMatching(/^workdock: ada: a newer spec .*\nworkdock: nothing waits for a restart\n$/),
  ]);
});

test('a list that became another one between the look and the word is refused, two of one beginning too', async () => {
  const instance = memoryInstance();
  const late = makeApprove({ lists: () => [list(HASH)], letThrough: async () => undefined, instance });
  await expect(late(HASH)).rejects.toMatchObject({ code: 'REFUSED' });
  const two = [list(HASH), list('1a2b3c999999', 'removals')];
  const twins = makeApprove({ lists: () => two, letThrough: async () => ['ada'], instance });
  await expect(twins('1a2b3c')).rejects.toMatchObject({ code: 'REFUSED' });
  expect(await twins('1a2b3c4')).toMatchObject({ hash: HASH, outcome: 'approved' });
});

test('two people at once: one lets it through, the other is told that it was', async () => {
  let held = [list(HASH)];
  const letThrough = async ({ items }: HeldList) => {
    const before = held;
    held = [];
    await Promise.resolve();
    return before.length > 0 ? items.map(({ name }) => name) : undefined;
  };
  const approve = makeApprove({ lists: () => held, letThrough, instance: memoryInstance() });
  const both = await Promise.all([approve(HASH), approve(HASH)]);
  expect(both.map(({ outcome }) => outcome)).toEqual(['approved', 'already']);
});

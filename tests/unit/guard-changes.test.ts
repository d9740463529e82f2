import { expect, test } from 'vitest';
import { makeGuarded } from '../support/guarded.ts';

const MiB = 2 ** 20;
const small = { limits: { nanoCpus: 5e8, memoryBytes: 128 * MiB, pids: 128 } };
const smaller = { limits: { nanoCpus: 5e8, memoryBytes: 64 * MiB, pids: 128 } };
const names = Array.from({ length: 8 }, (_, at) => `w${at}`);

async function aLab(options: Parameters<typeof makeGuarded>[0] = {}) {
  const lab = makeGuarded(options);
  for (const name of names) lab.declare(name);
  await lab.scan();
  return lab;
}
type Lab = Awaited<ReturnType<typeof aLab>>;
const shrinkAll = (lab: Lab, over = small) => names.forEach((name) => void lab.declare(name, over));

test('too many are held as a whole: list, reason and hash, and nothing is done to any of them', async () => {
  const lab = await aLab();
  const ids = lab.ids();
  lab.w.calls();
  shrinkAll(lab);
  lab.declare('w7', { labels: { a: 'b' } });
  lab.declare('new', small);
  await lab.scan();
  const list = lab.list()!;
  expect(list).toMatchObject({ kind: 'disruptions', hash: expect.stringMatching(/^[0-9a-f]{12}$/), along: ['w7'] });
  expect(list.reason).toContain('7 of 8 running workspaces would be shrunk by one change of the specs');
  expect(list.reason).toContain('more than 2 at once');
  expect(list.items).toEqual(
    names.slice(0, 7).map((name) => ({ name, what: 'shrink', detail: 'memory 256Mi -> 128Mi' })),
  );
  expect(lab.w.calls(), 'only the new one').toEqual(['home', 'create', 'start']);
  expect(lab.ids()).toMatchObject(ids);
  expect(lab.memory('new')).toBe(128 * MiB);
  for (const name of names) {
    expect(lab.w.condition('DisruptionHeld', name)).toMatchObject({ status: 'True', reason: 'TooMany' });
    expect(lab.w.condition('DisruptionHeld', name)?.message).toContain(`workdock approve ${list.hash}`);
    expect(lab.w.status(name)).toMatchObject({ phase: 'Running', generation: 1, labels: {} });
  }
  expect(lab.w.condition('DisruptionHeld', 'new')?.status).toBe('False');
  expect(lab.w.status('w0')!.message).toContain(list.hash);
  expect(lab.w.status('w0')!.last.waitsFor).toContain(list.hash);
});

test('what is held is healed under what was accepted last', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  lab.w.hands.rm('ws-w1');
  lab.w.hands.stop('ws-w2');
  await lab.passes();
  expect(lab.w.states('w1')).toEqual({ 'ws-w1': 'running' });
  expect(lab.memory('w1')).toBe(256 * MiB);
  expect(lab.w.states('w2')).toEqual({ 'ws-w2': 'running' });
});

test('up to two are free, and so is what disrupts nobody, of however many', async () => {
  const lab = await aLab();
  for (const name of ['w0', 'w1']) lab.declare(name, small);
  await lab.scan();
  expect([lab.memory('w0'), lab.list()]).toEqual([128 * MiB, undefined]);
  for (const name of names) lab.declare(name, { ...lab.w.intent(name)!.lastGood!.desired, labels: { a: 'b' } });
  await lab.scan();
  expect(lab.w.status('w5')?.labels).toEqual({ a: 'b' });
});

test('new workspaces free nothing that is held, also not for the next controller or a later edit', async () => {
  const lab = await aLab();
  for (const name of ['w0', 'w1', 'w2']) lab.declare(name, small);
  await lab.scan();
  const { hash } = lab.list()!;
  for (let n = 0; n < 12; n += 1) lab.declare(`new${n}`);
  await lab.scan();
  expect(lab.list()?.hash).toBe(hash);
  lab.restart();
  await lab.scan();
  expect(lab.list()).toMatchObject({ hash, reason: expect.stringContaining('3 of 8 running') });
  lab.declare('w2', smaller);
  await lab.scan();
  expect(lab.list()?.items).toHaveLength(3);
  lab.declare('w2');
  await lab.scan();
  expect([lab.list(), lab.memory('w0')]).toEqual([undefined, 128 * MiB]);
});

test('what was let through for the next stop comes at once for nobody without a word', async () => {
  const lab = await aLab();
  for (const name of names) lab.declare(name, { env: { A: '1' } });
  await lab.scan();
  await lab.guard().approve(lab.list()!.hash);
  await lab.passes();
  const ids = lab.ids();
  const now = { updatePolicy: 'Now' as const, env: { A: '1' } };
  for (const name of names) lab.declare(name, now);
  await lab.scan();
  expect(lab.ids()).toEqual(ids);
  expect(lab.list()!.reason).toContain('8 of 8 running workspaces would be recreated');
  const detail = 'updatePolicy OnStop -> Now, with an update waiting';
  expect(lab.list()!.items[0]).toEqual({ name: 'w0', what: 'recreate', detail });
  // Whoever cannot see what waits, as before the files are read or while the engine is away, forgets none of it.
  for (const name of names) lab.declare(name, { env: { A: '1' } });
  await lab.scan();
  expect(lab.list()).toBeUndefined();
  lab.w.host.settled = false;
  await lab.passes();
  lab.w.host.settled = true;
  for (const name of names) lab.declare(name, now);
  await lab.scan();
  expect([lab.list()?.items.length, lab.ids()]).toEqual([8, ids]);
  const other = await aLab();
  for (const name of names) other.declare(name, { updatePolicy: 'Now' });
  await other.scan();
  expect(other.list(), 'nobody has anything waiting').toBeUndefined();
});

test('who does not run is not counted, and is held and listed with those that do', async () => {
  const lab = await aLab();
  for (const name of names.slice(2)) lab.declare(name, { state: 'Stopped' });
  // Six stops are held, so they are approved.
  await lab.scan();
  await lab.guard().approve(lab.list()!.hash);
  await lab.passes();
  for (const name of names.slice(2)) lab.declare(name, { state: 'Stopped', ...small });
  await lab.scan();
  expect(lab.list()).toBeUndefined();
  expect(lab.w.intent('w5')?.lastGood?.desired.limits.memoryBytes).toBe(128 * MiB);
  lab.declare('x', {});
  await lab.scan();
  for (const name of ['w0', 'w1', 'x']) lab.declare(name, smaller);
  for (const name of names.slice(2)) lab.declare(name, { state: 'Stopped', ...smaller });
  await lab.scan();
  expect(lab.list()!.reason).toContain('3 of 3 running workspaces would be shrunk');
  expect(lab.list()!.items).toHaveLength(9);
  expect(lab.list()!.items.find(({ name }) => name === 'w5')?.detail).toBe('memory 128Mi -> 64Mi (not running)');
});

test('approve lets exactly those through; another hash lets nothing through', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const { hash } = lab.list()!;
  expect(await lab.guard().approve('0'.repeat(12))).toBeUndefined();
  await lab.passes();
  expect(lab.memory('w0')).toBe(256 * MiB);
  expect(await lab.guard().approve(hash)).toEqual(names);
  await lab.passes();
  expect(names.map((name) => lab.memory(name))).toEqual(names.map(() => 128 * MiB));
  expect(lab.list()).toBeUndefined();
  expect(lab.w.condition('DisruptionHeld', 'w0')?.status).toBe('False');
  expect(lab.w.intent('w0')?.approved, 'it ended with the change').toBeUndefined();
  expect(lab.instance.get().heldChange).toBeUndefined();
  expect(lab.w.events.reasons('w0')).toContain('Approved');
});

test('an approval of what is taken back before it was begun is none of the same change made again', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  await lab.guard().approve(lab.list()!.hash);
  for (const name of names) lab.declare(name);
  await lab.scan();
  expect(lab.w.intent('w0')?.approved).toBeUndefined();
  shrinkAll(lab);
  await lab.scan();
  expect([lab.list()?.items.length, lab.memory('w0')]).toEqual([8, 256 * MiB]);
});

test('killed right after the approval: those that were approved go on, and no others', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  await lab.guard().approve(lab.list()!.hash);
  lab.restart();
  for (const name of ['w0', 'w1', 'w2']) lab.declare(name, smaller);
  await lab.scan();
  expect(lab.memory('w0'), 'an approval does not cover a later spec').toBe(256 * MiB);
  expect(lab.memory('w5')).toBe(128 * MiB);
  expect(lab.list()!.items.map(({ name }) => name)).toEqual(['w0', 'w1', 'w2']);
});

test('killed between two of its writes: what is written goes on, the rest is as it was', async () => {
  let left = Infinity;
  const lab = await aLab({
    beforeWrite: ({ approved }) => {
      if (approved && left-- <= 0) throw new Error('killed');
    },
  });
  shrinkAll(lab);
  await lab.scan();
  const { hash } = lab.list()!;
  left = 3;
  await expect(lab.guard().approve(hash)).rejects.toThrow('killed');
  left = Infinity;
  lab.restart();
  await lab.scan();
  const through = names.filter((name) => lab.memory(name) === 128 * MiB);
  expect(through).toHaveLength(3);
  expect(lab.list()!.items.map(({ name }) => name)).toEqual(names.filter((name) => !through.includes(name)));
  expect(lab.list()!.hash).not.toBe(hash);
});

test('taken back it ends without approval; in part, when few enough are left', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const { hash } = lab.list()!;
  for (const name of names.slice(0, 3)) lab.declare(name);
  await lab.scan();
  expect(lab.list()!.items).toHaveLength(5);
  expect(lab.list()!.hash).not.toBe(hash);
  expect(lab.w.events.reasons('w0').at(-1)).toBe('HoldEnded');
  for (const name of names.slice(3, 6)) lab.declare(name);
  await lab.scan();
  expect(lab.list()).toBeUndefined();
  expect(names.map((name) => lab.memory(name)! / MiB)).toEqual([256, 256, 256, 256, 256, 256, 128, 128]);
});

test('what is left of a held change and new ones of the same commit are counted together', async () => {
  const lab = await aLab();
  for (const name of names.slice(0, 5)) lab.declare(name, small);
  await lab.scan();
  for (const name of names.slice(0, 3)) lab.declare(name);
  for (const name of names.slice(5, 7)) lab.declare(name, small);
  await lab.scan();
  expect(lab.list()!.items.map(({ name }) => name)).toEqual(['w3', 'w4', 'w5', 'w6']);
});

test('the commit that brought it is named, and no other', async () => {
  const lab = await aLab();
  const at = async (commit: string, over?: Parameters<Lab['declare']>[1]) => {
    for (const name of names) {
      if (over) lab.declare(name, over);
      const declaration = lab.w.declarations.get(name)!;
      lab.w.declarations.set(name, { ...declaration, source: { ...declaration.source, commit, author: 'Ada' } });
    }
    await lab.scan();
    return lab.list()?.reason;
  };
  await at('a'.repeat(40));
  expect(await at('b'.repeat(40), small)).toContain(`by commit ${'b'.repeat(12)} of Ada;`);
  expect(await at('c'.repeat(40)), 'an unrelated one').toContain(`by commit ${'b'.repeat(12)} of Ada;`);
  expect(await at('d'.repeat(40), smaller)).toContain(`by commit ${'d'.repeat(12)} of Ada;`);
  expect(await at('d'.repeat(40), small), 'a template that is not committed').toContain('by one change of the specs;');
  expect(await at(`${'d'.repeat(40)}+dirty`, smaller)).toContain('by one change of the specs;');
});

test('a later edit of what is held makes another list; a small one of others goes on', async () => {
  const lab = await aLab();
  for (const name of names.slice(0, 6)) lab.declare(name, small);
  await lab.scan();
  const first = lab.list()!;
  lab.declare('w0', smaller);
  lab.declare('w6', small);
  await lab.scan();
  const second = lab.list()!;
  expect(second.hash).not.toBe(first.hash);
  expect(second.since).toBe(first.since);
  expect(second.items[0]!.detail).toBe('memory 256Mi -> 64Mi');
  expect([lab.memory('w0')! / MiB, lab.memory('w6')! / MiB]).toEqual([256, 128]);
  expect(await lab.guard().approve(first.hash)).toBeUndefined();
  lab.declare('w7', small);
  await lab.scan();
  expect(lab.list(), 'the same list').toEqual(second);
});

test('the same hold is found after a restart, whoever runs by then', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const before = lab.list()!;
  await lab.w.clock.advance(60_000);
  for (const name of names) lab.w.hands.stop(`ws-${name}`);
  lab.restart();
  await lab.scan();
  expect(lab.list()).toMatchObject({ hash: before.hash, since: before.since, items: before.items });
  const told = lab.w.events.reasons('w3').filter((reason) => reason === 'DisruptionHeld');
  expect(told, 'told once').toHaveLength(1);
});

test('without its record the same comparison finds it again', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const before = lab.list()!;
  await lab.instance.update(({ heldChange: _held, ...record }) => record);
  lab.restart();
  await lab.scan();
  expect(lab.list()).toMatchObject({ hash: before.hash, items: before.items });
});

test('a pass before the judgement takes nothing over', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.passes();
  expect(lab.memory('w0')).toBe(256 * MiB);
  await lab.scan();
  expect(lab.list()!.items).toHaveLength(8);
});

test('broken and mended with what is held, it is held as before; nobody slips out one by one', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const { hash } = lab.list()!;
  for (const name of names.slice(0, 6)) lab.w.spoil('invalid', name);
  await lab.scan();
  expect(lab.list()?.reason).toMatch(/; of the same change, without a file that can be read now: 6$/);
  expect(lab.list()!.items.map(({ name }) => name)).toEqual(['w6', 'w7']);
  lab.w.declarations.delete('w5');
  await lab.scan();
  lab.restart();
  for (const name of names.slice(0, 6)) {
    lab.declare(name, small);
    await lab.scan();
    expect(lab.memory(name), name).toBe(256 * MiB);
  }
  expect(lab.list()!.hash).toBe(hash);
});

test('under another name it is held all the same', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  const { w } = lab;
  const desired = { ...w.intent('w0')!.lastGood!.desired, name: 'x0' };
  const renamed = { from: 'w0', at: '' };
  await w.decide(
    (mine) => ({
      ...mine,
      ...w.intent('w0')!,
      name: 'x0',
      renamed,
      lastGood: { ...w.intent('w0')!.lastGood!, desired },
    }),
    'x0',
  );
  w.forget('w0');
  w.declarations.delete('w0');
  lab.declare('x0', { owner: 'w0', home: desired.home, ...small });
  await lab.guard().judge();
  expect(lab.list()!.items.map(({ name }) => name)).toEqual([...names.slice(1), 'x0']);
});

test('a share of 100 % is off, also for what was held with another one', async () => {
  const lab = await aLab();
  shrinkAll(lab);
  await lab.scan();
  lab.settings.share = 1;
  lab.restart();
  await lab.scan();
  expect([lab.list(), lab.memory('w0')]).toEqual([undefined, 128 * MiB]);
});

test('an engine is asked only about changes that disrupt', async () => {
  const lab = await aLab();
  const { asked } = lab.settings;
  for (const name of names) lab.declare(name, { labels: { a: 'b' } });
  await lab.scan();
  expect(lab.settings.asked).toBe(asked);
});

test('a disk that is full takes nothing from the hold', async () => {
  const lab = await aLab();
  const { update } = lab.instance;
  lab.instance.update = () => Promise.reject(new Error('no space'));
  shrinkAll(lab);
  await lab.scan();
  expect(lab.list()!.items).toHaveLength(8);
  lab.declare('w0', smaller);
  await lab.scan();
  expect(lab.memory('w0'), 'still known as held').toBe(256 * MiB);
  lab.instance.update = update;
});

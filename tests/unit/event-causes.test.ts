import { expect, test } from 'vitest';
import type { WorkspaceEvent } from '../../src/model/status.ts';
import { specChange } from '../../src/reconcilers/workspace/spec-change.ts';
import { append } from '../../src/store/event-file.ts';
import { aDesired } from '../support/fitted.ts';
import { makeWorld, type TestWorld } from '../support/world.ts';

/** The events since the last time this was asked, each with the reasons of what led to it, nearest first. */
function makeTold() {
  const w = makeWorld();
  let seen = 0;
  const news = async (name = 'ada'): Promise<WorkspaceEvent[]> => {
    const all = await w.events.store.read({ name });
    const fresh = all.slice(seen);
    seen = all.length;
    return fresh;
  };
  const chains = async () => (await news()).map(({ reason, because }) => [reason, ...(because ?? []).map(reasonOf)]);
  return { ...w, news, chains };
}
const reasonOf = ({ reason }: { reason: string }) => reason;
const settled = async (w: TestWorld, over = {}) => {
  w.declare(over);
  await w.settle();
  await w.clock.advance(60_000);
};

test('what is made the first time is because its spec came', async () => {
  const w = makeTold();
  w.declare();
  await w.one('ada', 'spec ada.yaml');
  const events = await w.news();
  expect(events.map(({ reason, because, trigger }) => [reason, because?.map(reasonOf), trigger])).toEqual([
    ['SpecChanged', undefined, 'spec ada.yaml'],
    ...['Pulled', 'HomeCreated', 'Created', 'Started'].map((reason) => [reason, ['SpecChanged'], 'spec ada.yaml']),
  ]);
  expect(events.at(-1)?.because?.[0]).toEqual({ reason: 'SpecChanged', at: events[0]?.at, message: 'ada.yaml:1' });
});

test('an update that waited for a stop: the end, and the spec that is taken with the start', async () => {
  const w = makeTold();
  await settled(w);
  await w.news();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  expect(await w.chains(), 'it waits').toEqual([['SpecChanged']]);
  await w.clock.advance(60_000);
  w.hands.stop('ws-ada');
  await w.settle();
  const chains = await w.chains();
  const created = chains.find(([reason]) => reason === 'Created');
  expect(created).toEqual(['Created', 'StoppedByHand', 'SpecChanged']);
  expect(chains.filter(([reason]) => reason === 'Started')).toEqual([['Started', 'StoppedByHand', 'SpecChanged']]);
});

test('hands: the end, the drift it is, and the start that heals it; no spec is named', async () => {
  const w = makeTold();
  await settled(w);
  await settled(w, { labels: { lab: 'neuro' } });
  await w.news();
  w.hands.kill('ws-ada');
  await w.clock.advance(5);
  await w.one('ada', 'engine: die');
  const events = await w.news();
  expect(events.map(({ reason, because, trigger }) => [reason, because?.map(reasonOf), trigger])).toEqual([
    ['Drift', ['StoppedByHand'], 'engine: die'],
    ['Started', ['Drift', 'StoppedByHand'], 'engine: die'],
  ]);
  expect(events[1]?.because?.[1]?.message).toMatch(/^exit code 137/);
  w.hands.update('ws-ada', 2 ** 20);
  await w.settle();
  expect(await w.chains()).toEqual([['Drift'], ['Updated', 'Drift']]);
  await w.clock.advance(1_000);
  w.hands.rm('ws-ada');
  await w.clock.advance(1_000);
  await w.settle();
  expect((await w.chains()).at(-1)).toEqual(['Started', 'Drift', 'RemovedByHand']);
});

test('a bad update: what failed because of the spec, and what comes back because of that', async () => {
  const w = makeTold();
  await settled(w);
  await w.news();
  w.declare({ command: { kind: 'Argv', argv: ['false'] }, updatePolicy: 'Now' });
  await w.one();
  w.hands.exit('ws-ada', 1);
  await w.settle();
  const chains = await w.chains();
  expect(chains.find(([reason]) => reason === 'Stopped')).toEqual(['Stopped', 'SpecChanged']);
  expect(chains.find(([reason]) => reason === 'RevisionFailed')).toEqual(['RevisionFailed', 'SpecChanged']);
  for (const reason of ['Restored', 'Started']) {
    expect(chains.findLast(([each]) => each === reason)).toEqual([reason, 'RevisionFailed', 'SpecChanged']);
  }
});

test('verbs: who asked is named for what was asked, and not any more for what comes later', async () => {
  const w = makeTold();
  await settled(w);
  await w.news();
  w.declare({ env: { A: 'b' } });
  await w.settle();
  await w.clock.advance(60_000);
  const { stopByPerson, startByPerson } = await import('../../src/reconcilers/workspace/intents.ts');
  const at = () => new Date(w.clock.now()).toISOString();
  const desired = () => w.intent()!.lastGood!.desired;
  await w.news();
  await w.decide(stopByPerson(desired(), at()));
  await w.settle();
  const stopped = await w.chains();
  expect(
    stopped.find(([reason]) => reason === 'Stopped'),
    'not the spec that waits',
  ).toEqual(['Stopped', 'Asked']);
  await w.clock.advance(60_000);
  await w.decide(startByPerson(desired(), at(), w.container() as never));
  await w.settle();
  expect((await w.chains()).find(([reason]) => reason === 'Started')?.slice(0, 2)).toEqual(['Started', 'Asked']);
  await w.clock.advance(60_000);
  w.hands.kill('ws-ada');
  await w.settle();
  expect((await w.chains()).at(-1)).toEqual(['Started', 'Drift', 'StoppedByHand']);
});

test('1000 same failures of something that hands began are one event, with what led to them', async () => {
  const w = makeTold();
  await settled(w);
  await w.news();
  w.hands.rm('ws-ada');
  w.engine.images.clear();
  w.engine.registry.clear();
  for (let tries = 0; tries < 1000; tries += 1) await w.one('ada', `retry ${tries} after IMAGE_NOT_FOUND`);
  const events: WorkspaceEvent[] = [];
  for (const event of await w.news()) append(events, event);
  expect(events.map(({ reason, count, because }) => [reason, count, because?.map(reasonOf)])).toEqual([
    ['Drift', 1, ['RemovedByHand']],
    ['IMAGE_NOT_FOUND', 1000, ['Drift', 'RemovedByHand']],
  ]);
});

test('a removal: each stage because of the one before it', async () => {
  const w = makeTold();
  await settled(w);
  await w.news();
  w.declarations.delete('ada');
  for (let scans = 0; scans < 40 && w.intent()?.removedAt === undefined; scans += 1) {
    await w.scan();
    await w.settle();
    await w.clock.advance(70_000);
  }
  const chains = await w.chains();
  expect(chains.find(([reason]) => reason === 'RemovalDue')).toEqual(['RemovalDue', 'FileGone']);
  expect(chains.find(([reason]) => reason === 'Stopped')).toEqual(['Stopped', 'RemovalDue', 'FileGone']);
  for (const [reason, ...because] of chains.filter(([reason]) => reason === 'Removed')) {
    expect([reason, ...because]).toEqual(['Removed', 'RemovalExpired', 'RemovalDue', 'FileGone']);
  }
});

test('a change of the spec is told by field and place, without its values', () => {
  const source = { path: 'ada.yaml', line: 1, sha256: '' };
  const now = aDesired({ env: { TOKEN: 'secret' }, stopGraceSeconds: 99 });
  const limits = { ...now.limits, memoryBytes: 1, nanoCpus: 1 };
  const origins = { 'spec.env.TOKEN': 'ada.yaml:9', 'spec.resources.memory': 'lab.yaml:4' };
  const told = specChange({ desired: { ...now, limits }, origins, source }, aDesired());
  expect(told).toBe(
    'resources.cpu (ada.yaml:1), resources.memory (lab.yaml:4), stopGracePeriod (ada.yaml:1) and 1 more',
  );
  expect(specChange({ desired: { ...aDesired(), env: { TOKEN: 's' } }, origins, source }, aDesired())).toBe(
    'env.TOKEN (ada.yaml:9)',
  );
  const commit = { ...source, commit: '0123456789abcdef', author: 'Ada <ada@example.org>' };
  expect(specChange({ desired: now, origins, source: commit }, undefined)).toBe(
    'ada.yaml:1, commit 0123456789ab by Ada <ada@example.org>',
  );
});

test('lines of earlier builds are read as they are, and repeated by their like alone', () => {
  const old: WorkspaceEvent = { at: 'a', name: 'ada', type: 'Normal', reason: 'R', message: 'm', count: 3 };
  const because = [{ reason: 'SpecChanged', at: 'x', message: 'ada.yaml:1' }];
  const events: WorkspaceEvent[] = [];
  append(events, old);
  append(events, { ...old, at: 'b', count: 1, trigger: 'resync' });
  append(events, { ...old, at: 'c', count: 1, because });
  append(events, { ...old, at: 'd', count: 1, because: [{ ...because[0]!, at: 'y' }], trigger: 'retry 7' });
  expect(events.map(({ at, count }) => `${at} ${count}`)).toEqual(['b 4', 'd 2']);
});

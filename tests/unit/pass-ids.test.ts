import { expect, test } from 'vitest';
import { makeClient } from '../../src/client/client.ts';
import { whyCommand } from '../../src/commands/why.ts';
import { type ControllerDeps, makeController } from '../../src/controller/controller.ts';
import { makePassIds } from '../../src/controller/pass-ids.ts';
import { makeHomeNotes } from '../../src/home-notes.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import { makeLull } from '../../src/lib/lull.ts';
import type { Result } from '../../src/model/result.ts';
import { signed } from '../../src/reconcilers/workspace/tell.ts';
import { serveApi } from '../support/api.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { aFitted } from '../support/fitted.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { memoryService, workspace } from '../support/service.ts';
import { makeWorld } from '../support/world.ts';

test('ids are short, count up, and another run of the controller has others', () => {
  const [one, other] = [makePassIds(() => 0.5), makePassIds(() => 0.25)];
  expect([one(), one(), other()]).toEqual(['i000-1', 'i000-2', '9000-1']);
  expect(makePassIds(() => 0)()).toBe('0000-1');
  expect(makePassIds(() => 1 - 2 ** -53)()).toBe('zzzz-1');
});

test('every line of a pass has its id and its name, once, and no other pass has that id', async () => {
  const clock = makeFakeClock();
  const { log, lines } = makeLogLines();
  const given: string[] = [];
  const reconcile: ControllerDeps['reconcile'] = async (name, _trigger, pass) => {
    given.push(`${name} ${pass.id}`);
    pass.log.info('inside');
    const error = new WorkdockError('ENGINE_FAILED', 'no', { hint: 'wait' });
    const result: Result = name === 'bob' ? { kind: 'failed', error } : { kind: 'settled' };
    return result;
  };
  const rest = { parallel: 8, clock, random: () => 0.5, resyncMs: 3_600_000, names: () => ['ada', 'bob'], log };
  const controller = makeController({ reconcile, ...rest });
  controller.start();
  controller.changed('ada', 'spec');
  controller.changed('bob', 'spec');
  await clock.advance(1_000);
  expect(given).toEqual(['ada i000-1', 'bob i000-2', 'bob i000-3']);
  expect(lines.map(({ name, pass, msg }) => [name, pass, msg])).toEqual([
    ['ada', 'i000-1', 'inside'],
    ['bob', 'i000-2', 'inside'],
    ['ada', 'i000-1', 'a pass ended'],
    ['bob', 'i000-2', 'a pass ended'],
    ['bob', 'i000-2', 'a pass failed'],
    ['bob', 'i000-3', 'inside'],
    ['bob', 'i000-3', 'a pass ended'],
    ['bob', 'i000-3', 'a pass failed'],
  ]);
  await controller.stop();
});

test('a pass that outlives its deadline says which one it is', async () => {
  const clock = makeFakeClock();
  const { log, lines } = makeLogLines();
  const stuck = Promise.withResolvers<Result>();
  const rest = { parallel: 1, clock, random: () => 0.5, resyncMs: 3_600_000, names: () => [], log, deadlineMs: 1_000 };
  const controller = makeController({ reconcile: () => stuck.promise, ...rest });
  controller.start();
  controller.changed('ada', 'spec');
  await clock.advance(1_000);
  expect(lines).toMatchObject([{ name: 'ada', pass: 'i000-1', msg: 'a pass outlives its deadline' }]);
  stuck.resolve({ kind: 'settled' });
  await controller.stop();
});

test('a pass logs its steps, signs its events, and the status says which one decided', async () => {
  const w = makeWorld();
  const { log, lines } = makeLogLines();
  w.declare();
  await w.one('ada', 'spec', { id: 'i000-1', log });
  expect(lines.map(({ msg, op }) => [msg, op])).toEqual(
    ['ensureImage', 'ensureHome', 'create', 'start'].map((op) => ['a step', op]),
  );
  const events = await w.events.store.read({ name: 'ada' });
  expect(events.map(({ pass }) => pass)).toEqual(Array(5).fill('i000-1'));
  expect(w.status()?.last).toMatchObject({ pass: 'i000-1', trigger: 'spec' });

  const before = w.changes();
  await w.one('ada', 'resync', { id: 'i000-2' });
  expect(w.changes(), 'a pass that only confirms writes nothing').toBe(before);
  expect(w.status()?.last).toMatchObject({ pass: 'i000-1', trigger: 'spec' });

  w.declare({ image: { ref: 'other:1', pullPolicy: 'IfNotPresent' } });
  await w.one('ada', 'edited', { id: 'i000-3' });
  expect(w.condition('UpdatePending')?.status).toBe('True');
  expect(w.status()?.last, 'something new was decided').toMatchObject({ pass: 'i000-3', trigger: 'edited' });

  w.engine.reachable = false;
  await w.one('ada', 'resync', { id: 'i000-4' });
  expect(w.status()?.last).toMatchObject({ pass: 'i000-4', error: { code: 'ENGINE_UNREACHABLE' } });
  expect((await w.events.store.read({ name: 'ada' })).at(-1)).toMatchObject({ pass: 'i000-4', type: 'Warning' });
});

test.each([
  [
    'our own failure is an event of the pass',
    new WorkdockError('DISK_FULL', 'no', { hint: 'room' }),
    ['ada i000-9'],
    [],
  ],
  ['a bug is a log line of the pass', new TypeError('odd'), [], ['i000-9 a note in a home failed']],
])('a note that is written after its pass: %s', async (_, cause, signedEvents, logged) => {
  const { clock, events, intents } = makeWorld();
  const { log, lines } = makeLogLines();
  const homeFolder = () => Promise.reject(cause);
  const notes = makeHomeNotes({
    runtime: { homeFolder },
    intents: intents.store,
    ...{ events: events.store, clock, maxKeepMs: 1_000, lull: makeLull(() => false, clock, 0) },
  });
  const by = { events: signed(events.store, 'i000-9'), log: log.child({ pass: 'i000-9' }) };
  const end = { at: '2026-01-01T00:00:00Z', reason: 'Crashed' as const, evidence: '' };
  notes.tellOwner(aFitted(), { end }, by);
  await notes.flush();
  expect((await events.store.read({})).map(({ name, pass }) => `${name} ${pass}`)).toEqual(signedEvents);
  expect(lines.map(({ pass, msg }) => `${pass} ${msg}`)).toEqual(logged);
});

test('why shows the pass that decided', async () => {
  const last = { trigger: 'spec ada.yaml', because: 'spec.state Running', pass: 'i000-7' };
  const { state } = await serveApi(memoryService([workspace('ada', { last })]));
  const printed: string[] = [];
  const out = (line: string) => void printed.push(line);
  const nothing = () => undefined;
  const io = { out, err: nothing, exitWith: nothing, env: {}, cwd: '/', colour: false, now: Date.now };
  await whyCommand({ io, client: async () => makeClient({ state }) }).parseAsync(['ada'], { from: 'user' });
  expect(printed).toContain('  pass       i000-7');
  expect(printed).toContain('  woken by   spec ada.yaml');
});

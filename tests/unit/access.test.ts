import { expect, test } from 'vitest';
import { makeAccess } from '../../src/access.ts';
import { WorkdockError } from '../../src/lib/errors.ts';
import type { SpecState } from '../../src/model/desired.ts';
import type { Mark } from '../../src/model/intent.ts';
import type { WorkspaceStatus } from '../../src/model/status.ts';
import { makeFakeClock } from '../support/fake-clock.ts';
import { aDesired } from '../support/fitted.ts';
import { condition, workspace } from '../support/service.ts';

const at = '2026-01-01T00:00:00.000Z';
const markOf = (by: Mark['by'], run: Mark['run'], forState: Mark['forState'] = 'Running'): Mark => ({
  ...{ by, run, forState, at, seq: 1 },
});
const resting = () => workspace('ada', { phase: 'Resting', conditions: [condition('Ready', 'False')] });

type Given = {
  state?: SpecState;
  mark?: Mark;
  now?: WorkspaceStatus;
  /** A look ends with the workspace as it was. */
  staysSo?: true;
  /** What somebody decides while it starts. */
  meanwhile?: Mark;
};

/** A controller that does at once what a mark says, `passes` looks later. */
function world({ state = 'Running', mark: first, now = workspace('ada'), staysSo, meanwhile }: Given = {}) {
  let mark = first;
  const clock = makeFakeClock();
  const asked: string[] = [];
  let status = now;
  let left = 0;
  const decided = meanwhile ? [meanwhile] : [];
  const run = () => {
    left = 3;
  };
  const access = makeAccess({
    clock,
    status: { get: () => status },
    subject: () => ({
      desired: aDesired({ state }),
      intent: {
        schemaVersion: 1,
        name: 'ada',
        generation: 1,
        digest: '',
        seq: 1,
        revisions: {},
        ...(mark && { mark }),
      },
    }),
    wake: async () => {
      asked.push('wake');
      mark = markOf('access', 'Running', state);
      run();
    },
    look: () => {
      asked.push('look');
      run();
    },
    busy: () => {
      left -= 1;
      if (left === 0 && !staysSo) status = workspace('ada');
      if (left === 0 && decided.length > 0) mark = decided.pop();
      return left > 0;
    },
  });
  const gone = new AbortController();
  const enter = async (start = true, again = false, forMs = 500) => {
    const begin = clock.monotonic();
    const entered = access.enter('ada', { start, again }, gone.signal).then(
      ({ id }) => id.slice(0, 1),
      (error: unknown) => (error instanceof WorkdockError ? error.code : String(error)),
    );
    let over = false;
    void entered.then(() => {
      over = true;
    });
    while (!over && clock.monotonic() - begin < forMs) await clock.advance(50);
    return over ? entered : 'waits';
  };
  return { enter, asked, clock, leave: (reason?: unknown) => gone.abort(reason) };
}

test('one that runs is entered at once, and nothing is written', async () => {
  const { enter, asked } = world();
  expect([await enter(), asked]).toEqual(['c', []]);
});

test.each([
  ['resting', { mark: markOf('idle', 'Stopped'), now: resting() }, ['wake']],
  ['on demand', { state: 'OnDemand' as const, now: resting() }, ['wake']],
  ['idle mark just written, container still up', { mark: markOf('idle', 'Stopped') }, ['wake']],
  ['should run and does not yet', { now: resting() }, ['look']],
])('%s: it is started and waited for', async (_name, given, expected) => {
  const { enter, asked } = world(given);
  expect([await enter(), asked]).toEqual(['c', expected]);
});

test.each([
  ['held by a person', { mark: markOf('stop', 'Stopped'), now: resting() }],
  ['stopped by its spec', { state: 'Stopped' as const, now: resting() }],
])('%s: refused, and nothing is written', async (_name, given) => {
  const { enter, asked } = world(given);
  expect([await enter(), asked]).toEqual(['REFUSED', []]);
});

test('a stop mark that the file has overruled since forbids nothing', async () => {
  const { enter } = world({ mark: markOf('stop', 'Stopped', 'Stopped') });
  expect(await enter()).toBe('c');
});

test('without a start one at rest is refused and stays at rest', async () => {
  const { enter, asked } = world({ mark: markOf('idle', 'Stopped'), now: resting() });
  expect([await enter(false), asked]).toEqual(['REFUSED', []]);
});

test('a container that was named and is gone is looked for again', async () => {
  const { enter, asked } = world();
  expect([await enter(true, true), asked]).toEqual(['c', ['look']]);
});

test('put to rest while it started: it is wanted all the same, and woken again', async () => {
  const { enter, asked } = world({
    ...{ mark: markOf('idle', 'Stopped'), now: resting(), meanwhile: markOf('idle', 'Stopped') },
  });
  expect([await enter(), asked]).toEqual(['c', ['wake', 'wake']]);
});

test('stopped by a person while it started: refused', async () => {
  const { enter } = world({ mark: markOf('idle', 'Stopped'), now: resting(), meanwhile: markOf('stop', 'Stopped') });
  expect(await enter()).toBe('REFUSED');
});

const ended = (reason: string) =>
  workspace('ada', { phase: 'Stopped', conditions: [condition('Ready', 'False', { reason })] });
test.each(['Completed', 'Drift', 'Refused', 'NeverValid'])(
  'what nobody starts by itself (%s) is refused at once',
  async (reason) => {
    expect(await world({ now: ended(reason), staysSo: true }).enter()).toBe('REFUSED');
  },
);

const failing = (code: string) =>
  workspace('ada', {
    phase: 'Pending',
    conditions: [condition('Ready', 'False')],
    last: { trigger: '', because: '', error: { code, message: 'no', hint: '' } },
  });
test('what no other try would mend is told at once, what may pass after 15 s', async () => {
  expect(await world({ now: failing('IMAGE_NOT_FOUND'), staysSo: true }).enter()).toBe('IMAGE_NOT_FOUND');
  const { enter } = world({ now: failing('ENGINE_UNREACHABLE'), staysSo: true });
  expect(await enter(true, false, 14_000)).toBe('waits');
  expect(await enter(true, false, 16_000)).toBe('ENGINE_UNREACHABLE');
  const missing = workspace('ada', {
    ...{ phase: 'Pending', conditions: [condition('Ready', 'False')] },
    last: { trigger: '', because: '', waitsFor: 'home is gone' },
  });
  expect(await world({ now: missing, staysSo: true }).enter(true, false, 16_000)).toBe('WAIT_TIMEOUT');
});

test('a controller that has not read its files yet is waited for, for 15 s', async () => {
  const { enter } = world({ now: ended('SourceUnsettled'), staysSo: true });
  expect(await enter(true, false, 14_000)).toBe('waits');
  expect(await enter(true, false, 16_000)).toBe('WAIT_TIMEOUT');
});

test('without a word of what is wrong it is waited for two minutes', async () => {
  const starting = workspace('ada', { phase: 'Starting', conditions: [condition('Ready', 'False')] });
  const { enter } = world({ now: starting, staysSo: true });
  expect(await enter(true, false, 119_000)).toBe('waits');
  expect(await world({ now: starting, staysSo: true }).enter(true, false, 121_000)).toBe('WAIT_TIMEOUT');
});

test('who leaves, or is told why nobody can wait any more, stops waiting', async () => {
  const left = world({ now: resting(), staysSo: true });
  left.leave();
  expect(await left.enter()).toBe('REFUSED');
  const told = world({ now: resting(), staysSo: true });
  told.leave(new WorkdockError('CONTROLLER_UNREACHABLE', 'the controller ends', { hint: '' }));
  expect(await told.enter()).toBe('CONTROLLER_UNREACHABLE');
});

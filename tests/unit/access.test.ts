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

type Given = { state?: SpecState; mark?: Mark; now?: WorkspaceStatus };

/** A controller that does at once what a mark says, `passes` looks later. */
function world({ state = 'Running', mark: first, now = workspace('ada') }: Given = {}) {
  let mark = first;
  const clock = makeFakeClock();
  const asked: string[] = [];
  let status = now;
  let left = 0;
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
      if (left === 0) status = workspace('ada');
      return left > 0;
    },
  });
  const enter = async (start = true, again = false) => {
    const entered = access.enter('ada', { start, again }, new AbortController().signal).then(
      ({ id }) => id.slice(0, 1),
      (error: unknown) => (error instanceof WorkdockError ? error.code : String(error)),
    );
    for (let i = 0; i < 10; i += 1) await clock.advance(50);
    return entered;
  };
  return { enter, asked, clock };
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

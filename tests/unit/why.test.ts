import { expect, test } from 'vitest';
import { didLines, nextLook, waits } from '../../src/commands/why-waits.ts';
import type { Description } from '../../src/model/service.ts';
import { seenText } from '../../src/reconcilers/workspace/seen-text.ts';
import { aStatus } from '../support/a-status.ts';
import { makeWorld } from '../support/world.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => new Date(NOON + seconds * 1_000).toISOString();
const found = (last: Partial<Description['status']['last']>, rest: Partial<Description> = {}): Description => ({
  ...{
    status: aStatus('ada', { last: { trigger: 'test', because: 'so decided', ...last } }),
    problems: [],
    events: [],
  },
  ...rest,
});
const loop = { queued: false, inFlight: false, failures: 4, nextLookAt: at(12) };
const error = (code: string) => ({ code, message: 'no', hint: 'do' });

test.each<[string, Description, string[]]>([
  ['nothing', found({}), []],
  ['a mount', found({ waitsFor: '/data is not there' }), ['/data is not there']],
  ['a brake', found({ hold: 'Suspended' }), ['Suspended: so decided']],
  [
    'the end of a backoff',
    found({ error: error('IMAGE_NOT_FOUND') }, { loop }),
    [`backoff until ${at(12)}, as 4 tries failed: tried again in 12s`],
  ],
  [
    'the engine',
    found({ error: error('ENGINE_UNREACHABLE') }, { loop }),
    ['ENGINE_UNREACHABLE, until that is mended: looked at again in 12s'],
  ],
  [
    'somebody',
    found({ error: error('NAME_TAKEN') }, { loop }),
    ['a change of its spec, or a person: it is not tried again by itself'],
  ],
  ['a controller that says less', found({ error: error('NEW_CODE') }), ['the next try, after a pause that grows']],
])('what it waits for: %s', (_, description, expected) => {
  expect(waits(description, NOON)).toEqual(expected);
});

test('the next wake-up: on its way, queued, planned, or as the last pass asked', () => {
  expect(nextLook(found({}, { loop: { ...loop, inFlight: true } }), NOON)).toEqual([
    'now: a pass over it is on its way',
  ]);
  expect(nextLook(found({}, { loop: { ...loop, queued: true } }), NOON)).toEqual(['now: it is next in the queue']);
  expect(nextLook(found({}, { loop }), NOON)).toEqual(['in 12s']);
  expect(nextLook(found({ nextLookAt: at(3) }), NOON)).toEqual(['in 3s']);
  expect(nextLook(found({}), NOON)).toEqual([]);
});

test('what the deciding pass did, or the last one that did anything', () => {
  const event = (pass: string, reason: string, type: 'Normal' | 'Warning' = 'Normal') => ({
    ...{ at: at(0), name: 'ada', type, reason, message: 'm', count: 1, pass },
  });
  const events = [event('p-1', 'Created'), event('p-2', 'Started'), event('p-2', 'START_FAILED', 'Warning')];
  expect(didLines(found({ pass: 'p-2' }, { events }))).toEqual({
    pass: 'p-2',
    lines: [`${at(0)}  Started: m`, `${at(0)}  ! START_FAILED: m`],
    led: [],
  });
  expect(didLines(found({ pass: 'p-9' }, { events }))).toMatchObject({ pass: 'p-2' });
  expect(didLines(found({ pass: 'p-9' })).lines).toEqual([]);
  const because = [{ reason: 'Drift', at: at(0), message: 'state: Stopped\u001b[2J' }];
  const led = { events: [{ ...event('p-1', 'Started'), because, trigger: 'engine: die' }] };
  expect(didLines(found({ pass: 'p-1' }, led)).led, 'what woke it is told above').toEqual([
    expect.stringMatching(/^Drift at \S+: state: Stopped[^\u001b]*$/),
  ]);
  expect(didLines(found({ pass: 'p-2' }, led)).led.at(-1)).toBe('woken by engine: die');
});

test('what was seen is recorded with the decision, and changes only with what is there', async () => {
  const w = makeWorld();
  w.declare();
  await w.settle();
  const { seen } = w.status()!.last;
  expect(seen).toMatch(/^container ws-ada \(\w+\) running since \S+; image there; home there$/);
  await w.clock.advance(60_000);
  await w.one();
  expect(w.status()!.last.seen).toBe(seen);
  w.hands.rename('ws-ada', 'mine');
  const observed = await w.runtime.observe({ name: 'ada' });
  // Of a spec that was never valid nobody knows which image and which home it would be.
  expect(seenText(observed, false)).toBe('no container; under another name: mine running');
  w.host.holds.push({ reason: 'Suspended', message: 'all' });
  await w.one();
  expect(w.status()!.last).toMatchObject({ hold: 'Suspended', because: 'all' });
});

import { expect, test } from 'vitest';
import { aboutText, lastStopText, outOfMemoryText } from '../../src/homes/texts.ts';
import { when } from '../../src/homes/when.ts';
import { endReasons } from '../../src/model/status.ts';
import { aFitted } from '../support/fitted.ts';

const at = '2026-07-01T10:20:30.123456789Z';
const zone = 'Europe/Zurich';
const ada = aFitted({ env: { TZ: zone } });

test.each([
  [zone, '2026-07-01 12:20:30 +0200 (2026-07-01T10:20:30.123Z)'],
  [':America/St_Johns', '2026-07-01 07:50:30 -0230 (2026-07-01T10:20:30.123Z)'],
  ['UTC', '2026-07-01 10:20:30 +0000 (2026-07-01T10:20:30.123Z)'],
])('a time is that of the workspace, %s, and UTC', (timeZone, text) => {
  expect(when(at, timeZone)).toBe(text);
});

test.each(['', 'Nowhere/Land', undefined])('a time zone that nobody knows is the host’s: %s', (timeZone) => {
  expect(when(at, timeZone)).toMatch(/^2026-0\d-\d\d \d\d:\d\d:30 [+-]\d{4} \(2026-07-01T10:20:30\.123Z\)$/);
});

test('an end: when, why with its evidence, which processes, and what to do', () => {
  const processes = ['python train.py (pid 42)', 'sh -c \u001b[31mred (pid 43)'];
  const end = { at, reason: 'IdleStop' as const, evidence: 'quiet for 30m: cpu 0.1 % of a core', processes };
  expect(lastStopText({ ...end, processesSeenAt: '2026-07-01T10:20:10Z' }, ada)).toBe(`\
Stopped 2026-07-01 12:20:30 +0200 (2026-07-01T10:20:30.123Z): nobody was using it
  why: quiet for 30m: cpu 0.1 % of a core
  ended with it, as seen 20 s before:
    python train.py (pid 42)
    sh -c  [31mred (pid 43)
  next time: to keep a silent job running, run \`keep 4h\` before you leave; \`workdock shell\` starts it again
`);
  expect(lastStopText({ at, reason: 'Crashed', evidence: 'exit code 1' }, ada)).toMatch(/ended with it: not known/);
  const none = { at, reason: 'Crashed' as const, evidence: '', processes: [], processesSeenAt: at };
  expect(lastStopText(none, ada)).toMatch(/ended with it: nothing but the workspace itself/);
});

test('in a home of several an entry says whose it is', () => {
  const shared = aFitted({ home: { ...aFitted().home, shared: true } });
  const text = lastStopText({ at, reason: 'Crashed', evidence: '' }, shared);
  expect(text).toMatch(/^Stopped .*Z\), workspace ada: its command failed\n/);
});

test('every reason has words of its own', () => {
  const words = endReasons.map((reason) => lastStopText({ at, reason, evidence: '' }, ada).split('\n')[0]);
  expect(new Set(words).size).toBe(endReasons.length);
});

test('a long list of processes ends', () => {
  const processes = Array.from({ length: 500 }, (_, i) => `sleep ${i}`);
  const text = lastStopText({ at, reason: 'Crashed', evidence: '', processes, processesSeenAt: at }, ada);
  expect(text).toMatch(/and 480 more/);
  expect(text.length).toBeLessThan(1_000);
});

test('memory: how many were killed at which limit, and what is not there any more', () => {
  const text = outOfMemoryText({ at, kills: 2, limitBytes: 2 ** 26, missing: ['python a.py (pid 7)'] }, ada);
  expect(text).toMatch(/^Out of memory 2026-07-01 12:20:30 .*: 2 processes were killed; the workspace went on\n/);
  expect(text).toMatch(/more than 64Mi\n {2}not there any more:\n {4}python a\.py \(pid 7\)\n {2}next time: /);
  expect(outOfMemoryText({ at, kills: 1, limitBytes: 1, missing: [] }, ada)).toMatch(
    /a process was killed.*\n.*\n {2}which: not known/,
  );
});

const limits = { nanoCpus: 1.5e9, memoryBytes: 2 ** 33, pids: 512 };
const about = (over: Parameters<typeof aFitted>[0], lease?: { until: string; by: 'person' | 'file' }, problem = '') =>
  aboutText(
    aFitted({ env: { TZ: zone }, ...over }),
    { run: 'r', limits, ...(lease && { lease }) },
    { maxKeepMs: 7 * 86_400_000, keepProblem: problem },
  );
const idle = aFitted().idle;

test('what holds: limits in force, the idle rule, the longest keep, and until when it is kept', () => {
  expect(about({}, { until: '2026-07-01T10:00:00.000Z', by: 'file' })).toBe(`\
Workspace ada: 1.5 CPUs, 8Gi memory, 512 processes
Idle: it is stopped after 30m without use; \`keep 4h\` holds that off, 7d at most. Files stay
Kept: until 2026-07-01 12:00:00 +0200 (2026-07-01T10:00:00.000Z), by \`keep\`
What outlives a stop or an update: /home/user
`);
  expect(about({ idle: { ...idle, warnBeforeMs: 120_000 } })).toMatch(/without use, with a warning 2m before;/);
  expect(about({ idle: { ...idle, mode: 'Observe' } })).toMatch(/after 30m without use it is only noted, not stopped/);
  expect(about({ idle: { ...idle, enabled: false } })).toMatch(/Idle: it is never stopped for being idle/);
  expect(about({}, undefined, '~/.workdock/keep: "soon" is no duration; write 2h')).toMatch(
    /^Not kept: ~\/\.workdock\/keep: "soon" is no duration; write 2h$/m,
  );
});

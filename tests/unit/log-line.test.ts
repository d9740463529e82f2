import { expect, test } from 'vitest';
import { logLine } from '../../src/lib/log-line.ts';

const line = (facts: object) => logLine(JSON.stringify({ level: 30, time: '2026-11-24T11:12:36.174Z', ...facts }));

test.each([
  [{ files: 2, changed: 1, msg: 'specs changed' }, 'specs changed  files=2  changed=1'],
  [{ level: 40, msg: 'a pass failed', hint: 'look', name: 'ada' }, 'warning: a pass failed (look)  name=ada'],
  [{ level: 50, err: { message: 'no space', stack: 'at x' }, msg: 'lost' }, 'error: lost  err=no space'],
  [{ host: ['A True', 'B False'], gone: null, msg: 'm' }, 'm  host=["A True","B False"]  gone=null'],
  [{ text: 'a\u001b[2J\nb', msg: 'm' }, 'm  text=a [2J b'],
])('%j is one line for people', (facts, text) => {
  expect(line(facts)).toBe(`2026-11-24 11:12:36 ${text}`);
});

test('what is no line of the log stays as it is, but cannot steer a terminal', () => {
  expect(logLine('workdock is ready: \u001b[31mx')).toBe('workdock is ready:  [31mx');
  expect(logLine('null')).toBe('null');
});

import { expect, test } from 'vitest';
import { openEngine } from '../support/engine.ts';
import { makeSeen, must } from '../support/seen.ts';
import { openTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

/** The kernel moves a terminal's times in steps of eight seconds. */
const STEP_MS = 8_000;

test('typing is input; output, words of ours and silence are not', async () => {
  const engine = await openEngine();
  const { id } = await engine.up();
  const { container, look } = await makeSeen(engine, id);
  const inputs = async () => new Map(must((await look()).terminals).map(({ name, inputAtMs }) => [name, inputAtMs]));
  expect(await inputs()).toEqual(new Map());

  const typing = await openTerminal(engine, id);
  await until(async () => (await inputs()).size === 1);
  const printing = await openTerminal(engine, id, 'while :; do echo working; sleep 0.2; done');
  await until(async () => (await inputs()).size === 2);
  const opened = await inputs();
  for (const at of opened.values()) expect(Math.abs(Date.now() - at), 'a new one counts as input').toBeLessThan(15_000);

  // Past the step, so that every kind of use could be seen; then one key.
  const told = async () => (await engine.runtime.tellTerminals(container, '\r\nstops soon\r\n')) === 2;
  await until(async () => (await told()) && Date.now() - Math.max(...opened.values()) > STEP_MS + 1_000, {
    deadlineMs: 20_000,
    everyMs: 500,
  });
  expect(await inputs(), 'nobody typed').toEqual(opened);
  for (const terminal of [typing, printing]) expect(terminal.shown()).toContain('stops soon\r');
  // A key that no program has read yet: sh does at the end of a line, and one that computes much later.
  typing.type('x');
  await until(async () => (await inputs()).get('pts/0') !== opened.get('pts/0'), { what: 'any key is input' });
  typing.type('\r');
  await until(async () => (await inputs()).get('pts/1') === opened.get('pts/1'), { what: 'not at the other one' });
  expect((await inputs()).get('pts/0')).toBeGreaterThan(Date.now() - STEP_MS);
});

test('a stopped terminal holds nobody up, and one that is closed is gone', async () => {
  const engine = await openEngine();
  const { id } = await engine.up();
  const { container, look } = await makeSeen(engine, id);
  const [first, second] = [await openTerminal(engine, id), await openTerminal(engine, id)];
  await until(() => first.shown() !== '' && second.shown() !== '');
  first.type('\x13'); // Ctrl-S
  await until(async () => (await engine.runtime.tellTerminals(container, 'hear this\r\n')) === 1);
  await until(() => second.shown().includes('hear this'));
  first.type('\x11');
  second.type('exit\r');
  await second.exited;
  await until(async () => must((await look()).terminals).length === 1);
  await until(async () => (await engine.runtime.tellTerminals(container, 'and this\r\n')) === 1);
  await first.hangUp();
  await until(async () => must((await look()).terminals).length === 0);
  expect(await engine.runtime.tellTerminals(container, 'nobody')).toBe(0);
});

test('a terminal inside tmux is one of its own', async () => {
  const engine = await openEngine();
  const { id } = await engine.up({ image: { ref: 'workdock-workspace:latest', pullPolicy: 'Never' } });
  const { container, look } = await makeSeen(engine, id);
  await engine.inside(id, 'tmux new-session -d -s work "sleep 600"');
  await until(async () => must((await look()).terminals).length === 1);
  expect(await engine.runtime.tellTerminals(container, 'stops soon\r\n')).toBe(1);
  await until(async () => (await engine.inside(id, 'tmux capture-pane -p -t work')).stdout.includes('stops soon'));
  expect((await engine.runtime.processes(container)).map(({ command }) => command)).toContainEqual('sleep 600');
});

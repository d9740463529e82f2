import { expect, test } from 'vitest';
import type { ExecSession } from '../../src/model/stream.ts';
import { holdsFor } from '../support/holds-for.ts';
import { leave, openExec } from '../support/open-exec.ts';
import { until } from '../support/until.ts';

const terminal = { rows: 31, columns: 117 };

/** All that a terminal has shown. */
function watch({ stdout }: ExecSession) {
  let seen = '';
  stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('latin1');
  });
  return () => seen;
}

test('a shell and its jobs are gone within two seconds of its terminal; what asked for more life stays', async () => {
  const { exec, runs } = await openExec();
  const session = await exec(['bash'], { terminal, env: { TERM: 'xterm' } });
  watch(session);
  const jobs = ['sleep 701 &', '(sleep 702 | cat) &', 'sleep 704'];
  const survivors = ['nohup sleep 711 &', 'setsid sleep 712 &'];
  session.stdin.write(`cd /tmp; ${[...survivors, ...jobs].join(' ')}\n`);
  await until(async () => (await Promise.all([701, 702, 711, 712, 704].map((n) => runs(`sleep ${n}`)))).every(Boolean));
  await session.hangUp();
  leave(session);
  const left = async () => (await Promise.all([701, 702, 704].map((n) => runs(`sleep ${n}`)))).some(Boolean);
  await until(async () => !(await left()) && !(await runs('bash')), { deadlineMs: 2_000 });
  expect(await session.exited).toBe(129);
  expect(await runs('sleep 711'), 'nohup').toBe(true);
  expect(await runs('sleep 712'), 'setsid').toBe(true);
});

test('a command that was stopped by hand hangs up too', async () => {
  const { sh, inside, id, runs } = await openExec();
  const session = await sh('kill -STOP $$; exec sleep 741', { terminal });
  watch(session);
  await until(async () => /^T/m.test((await inside(id, 'ps -eo stat,args | grep "[k]ill -STOP"')).stdout));
  await session.hangUp();
  expect(await session.exited).toBe(129);
  expect(await runs('sleep 741')).toBe(false);
});

test('a client that leaves before its shell has started leaves no shell', async () => {
  const { exec, runs } = await openExec();
  const sessions = await Promise.all(Array.from({ length: 4 }, () => exec(['sleep', '721'], { terminal })));
  await Promise.all(sessions.map((session) => session.hangUp()));
  sessions.forEach(leave);
  expect(await Promise.all(sessions.map(({ exited }) => exited))).toEqual([129, 129, 129, 129]);
  await holdsFor(async () => !(await runs('sleep 721')), 500);
});

test('a job of a shell that is gone already is hung up as well', async () => {
  const { sh, runs } = await openExec();
  const session = await sh('set -m; sleep 731 & exec sleep 0.3', { terminal });
  watch(session);
  expect(await session.exited).toBe(0);
  await holdsFor(() => runs('sleep 731'), 300);
  await session.hangUp();
  await until(async () => !(await runs('sleep 731')), { deadlineMs: 2_000 });
});

test('every key reaches the command, also those with which Docker detaches', async () => {
  const { sh } = await openExec();
  const session = await sh('stty raw -echo; echo ready; head -c 256 | od -An -v -tx1 | tr -d " \\n"', { terminal });
  const seen = watch(session);
  await until(() => seen().includes('ready'));
  const keys = Buffer.from([...Array.from({ length: 254 }, (_, i) => i), 0x10, 0x11]);
  session.stdin.write(keys);
  expect(await session.exited).toBe(0);
  expect(seen()).toContain(keys.toString('hex'));
});

test('size, TERM and folder are right from the first byte, and a resize reaches the program', async () => {
  const { sh } = await openExec();
  const script = 'stty size; echo $TERM $PWD; trap "stty size; exit 4" WINCH; echo ready; while :; do sleep 0.05; done';
  const session = await sh(script, { terminal, env: { TERM: 'xterm-256color' } });
  const seen = watch(session);
  await until(() => seen().includes('ready'));
  expect(seen()).toBe('31 117\r\nxterm-256color /home/user\r\nready\r\n');
  await session.resize({ rows: 50, columns: 200 });
  expect(await session.exited).toBe(4);
  expect(seen()).toContain('50 200');
});

test('ctrl-c ends what is in front, also behind output that nobody reads', async () => {
  const { exec, runs } = await openExec();
  const session = await exec(['bash', '--norc'], { terminal });
  session.stdin.write('yes abc; exit 7\n');
  await until(() => runs('yes abc'));
  session.stdin.write('\x03');
  await until(async () => !(await runs('yes abc')));
  session.stdout.resume();
  session.stdin.write('exit 7\n');
  expect(await session.exited).toBe(7);
});

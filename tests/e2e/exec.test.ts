import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal, enter, start } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
beforeAll(async () => {
  lab = openLab();
  lab.write('ada.yaml', workspaceYaml('ada', ['env: {MKL_NUM_THREADS: "7"}']));
  await lab.up();
  await lab.phase('ada', 'Running');
}, 60_000);
afterAll(() => lab.dispose());

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const exec = (...words: string[]) => ['exec', 'ada', '--', ...words];
const lives = async (marker: string) =>
  (await lab.sh('ada', `ps -eo args | grep -c '[${marker[0]}]${marker.slice(1)}' || true`)) !== '0';

test('bytes of all kinds go in and come out as they are', async () => {
  const bytes = randomBytes(3_000_000);
  const { code, stdout, stderr } = await enter(lab, exec('cat'), bytes);
  expect({ code, stderr, sum: sha(stdout) }).toEqual({ code: 0, stderr: '', sum: sha(bytes) });
});

test('stdout and stderr stay apart, stdin ends by itself, and the code is the command’s', async () => {
  const script = 'n=$(wc -c); echo "in $n"; echo "no" >&2; exit 42';
  const { code, stdout, stderr } = await enter(lab, exec('sh', '-c', script), 'four');
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 42, stdout: 'in 4\n', stderr: 'no\n' });
});

test.each([
  ['true', 0],
  ['false', 1],
  ['kill -9 $$', 137],
  ['kill -TERM $$', 143],
])('%s ends with %i', async (script, code) => {
  expect((await enter(lab, exec('sh', '-c', script))).code).toBe(code);
});

test('it is the workspace’s user, in the home, with what programs look for', async () => {
  const { stdout } = await enter(lab, exec('sh', '-c', 'id -un; pwd; env'));
  const [user, folder, ...env] = stdout.toString().trim().split('\n');
  expect([user, folder]).toEqual(['ada', '/home/user']);
  const wanted = ['HOME=/home/user', 'USER=ada', 'LOGNAME=ada', 'SHELL=/bin/bash', 'OMP_NUM_THREADS=1'];
  expect(env).toEqual(expect.arrayContaining([...wanted, 'MKL_NUM_THREADS=7', expect.stringMatching(/^TERM=./)]));
});

test('folder and variables can be said, and words after the dashes are the command’s', async () => {
  const args = ['exec', 'ada', '-w', '/tmp', '-e', 'WHO=me', '--', 'sh', '-c', 'echo $PWD $WHO "$@"', 'x', '-w', '--'];
  expect((await enter(lab, args)).stdout.toString()).toBe('/tmp me -w --\n');
});

test('a program that is missing is 127 and one line; a workspace that is missing is 125 with the code', async () => {
  const missing = await enter(lab, exec('no-such-program'));
  expect({ code: missing.code, stdout: missing.stdout.toString() }).toEqual({ code: 127, stdout: '' });
  expect(missing.stderr).toMatch(/^workdock: cannot run no-such-program: .*\n$/);
  const nobody = await enter(lab, ['exec', 'nobody', '--', 'true']);
  expect([nobody.code, nobody.stderr]).toEqual([125, expect.stringMatching(/no workspace nobody .*NOT_FOUND/)]);
});

test('a terminal has its size from the first byte, and follows the window', async () => {
  const { output, code } = await atTerminal(
    lab,
    [
      'exec',
      'ada',
      '--',
      'sh',
      '-c',
      'stty size; trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.1; done',
    ],
    [{ expect: '31 97' }, { expect: 'ready' }, { resize: [20, 70] }, { expect: '20 70' }],
    [31, 97],
  );
  expect(output.startsWith('31 97')).toBe(true);
  expect(code).toBe(3);
});

test('shell is the login shell; ctrl-c reaches what runs in it, ctrl-d ends it', async () => {
  const { code } = await atTerminal(
    lab,
    ['shell', 'ada'],
    [
      ...[{ expect: 'ada@ada' }, { type: 'shopt -q login_shell && echo is-$((40+2))\r' }, { expect: 'is-42' }],
      ...[{ expect: '$ ' }, { type: "sh -c 'echo go; exec sleep 100'\r" }, { expect: '\rgo' }, { type: '\u0003' }],
      ...[{ expect: '$ ' }, { type: 'echo rc=$?\r' }, { expect: 'rc=130' }, { expect: '$ ' }, { type: '\u0004' }],
    ],
  );
  expect(code).toBe(0);
});

test('-T keeps a terminal away, -t makes one of pipes', async () => {
  const without = await atTerminal(lab, ['exec', '-T', 'ada', '--', 'sh', '-c', 'test -t 1 || echo pipe'], []);
  expect(without.output).toContain('pipe');
  const made = await enter(lab, ['exec', '-t', 'ada', '--', 'sh', '-c', 'test -t 1 && stty size']);
  expect(made.stdout.toString()).toBe('24 80\r\n');
});

test('signals go to the command, which decides', async () => {
  const running = start(lab, ...exec('sh', '-c', 'trap "echo got; exit 5" TERM; echo up; while :; do sleep 0.1; done'));
  await until(() => running.stdout().toString().includes('up'));
  running.child.kill('SIGTERM');
  const { code, stdout } = await running.ended;
  expect([code, stdout.toString()]).toEqual([5, 'up\ngot\n']);
});

test('a client that goes away takes the processes of its terminal along, within two seconds', async () => {
  const marker = 'sleep 7771';
  await atTerminal(
    lab,
    ['shell', 'ada'],
    [{ expect: '$ ' }, { type: `${marker} & ${marker}\r` }, { expect: marker }, { expect: '\n' }, { kill: true }],
  );
  await until(async () => !(await lives(marker)), { deadlineMs: 2_000, everyMs: 100 });
});

test('without a terminal what was started lives on when the client goes away', async () => {
  const marker = 'sleep 7772';
  const running = start(lab, ...exec('sh', '-c', `echo up; exec ${marker}`));
  await until(() => running.stdout().toString().includes('up'));
  running.child.kill('SIGKILL');
  await running.ended;
  await enter(lab, exec('true'));
  expect(await lives(marker)).toBe(true);
});

test('a detached server outlives the command that started it', async () => {
  const marker = 'sleep 7773';
  const { code } = await enter(lab, exec('sh', '-c', `setsid ${marker} >/dev/null 2>&1 </dev/null & echo started`));
  expect(code).toBe(0);
  expect(await lives(marker)).toBe(true);
});

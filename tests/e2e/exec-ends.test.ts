import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal, enter, inTerminal, start } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { makeLab } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
beforeAll(async () => {
  lab = openLab();
  lab.write('ada.yaml', workspaceYaml('ada', ['user: {groups: [2001]}']));
  lab.write('job.yaml', workspaceYaml('job', ['command: [sh, -c, "exit 0"]']));
  await lab.up();
  await lab.phase('ada', 'Running');
  await lab.phase('job', 'Stopped');
}, 60_000);
afterAll(() => lab.dispose());

const launcher = resolve('bin/workdock');
const lives = async (seconds: number, of = lab) => (await of.sh('ada', `pgrep -xf 'sleep ${seconds}' || true`)) !== '';
/** The client with these words on its command line, as `ps` would find it. */
const clientOf = async (words: string) => {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `cli.ts ${words}`]);
  return Number(stdout.trim().split('\n')[0]);
};
/** Words of a shell that runs a client at its terminal and then says whether the terminal is as it was. */
const thenTerminal = (...words: string[]) => [
  ...['/bin/sh', '-c', `${launcher} "$@"; echo code=$?; stty -a | grep -wo -e '-*echo' -e '-*icanon'; echo end`, 'sh'],
  ...words,
];

test('the terminal is as it was before, after an exit, a kill inside and a signal to the client', async () => {
  const ended = await inTerminal(lab, thenTerminal('exec', 'ada', '--', 'sh', '-c', 'kill -9 $$'), []);
  expect(ended.output).toMatch(/code=137\r\nicanon\r\necho\r\n/);
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const words = ['exec', 'ada', '--', 'sh', '-c', `echo up; read line; sleep ${code}55`];
    const marker = Number(`${code}55`);
    const told = until(async () => ((await lives(marker)) ? clientOf(words.slice(0, 3).join(' ')) : undefined));
    const shown = inTerminal(lab, thenTerminal(...words), [{ expect: 'up' }, { type: '\n' }, { expect: 'end' }]);
    process.kill(await told, signal);
    expect((await shown).output).toMatch(new RegExp(`code=${code}[^]*icanon\\r\\necho\\r\\n`));
    await until(async () => !(await lives(marker)), { deadlineMs: 2_000, everyMs: 100 });
  }
});

test('what a program in a terminal writes comes as it wrote it, line feeds too', async () => {
  const words = ['exec', 'ada', '--', 'sh', '-c', String.raw`printf "a\nb\n"; stty -opost; printf "c\nd\001\033[K"`];
  expect((await atTerminal(lab, words, [])).output).toBe('a\r\nb\r\nc\nd\u0001\u001b[K');
});

test('a terminal without a size gets the usual one', async () => {
  const { output } = await atTerminal(lab, ['exec', 'ada', '--', 'stty', 'size'], [], [0, 0]);
  expect(output).toBe('24 80\r\n');
});

test('a reader of one stream that leaves stops neither the command nor the other stream', async () => {
  const script =
    'i=0; while [ $i -lt 9000 ]; do echo a-long-enough-line-of-text >&2; i=$((i+1)); done; echo out; exit 3';
  const running = start(lab, 'exec', 'ada', '--', 'sh', '-c', script);
  running.child.stderr?.destroy();
  const { code, stdout } = await running.ended;
  expect([code, stdout.toString()]).toEqual([3, 'out\n']);
});

test('a reader of stdout that has enough ends the client, and soon the command', async () => {
  const running = start(lab, 'exec', 'ada', '--', 'sh', '-c', 'yes 7781');
  await until(() => running.stdout().length > 100);
  running.child.stdout?.destroy();
  expect((await running.ended).code).toBe(0);
  await until(async () => (await lab.sh('ada', "pgrep -xf 'yes 7781' || true")) === '', { deadlineMs: 5_000 });
});

test('SIGINT without a terminal is the command’s to take', async () => {
  const script = 'trap "echo got; exit 6" INT; echo up; while :; do sleep 0.1; done';
  const running = start(lab, 'exec', 'ada', '--', 'sh', '-c', script);
  await until(() => running.stdout().includes('up'));
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect([code, stdout.toString()]).toEqual([6, 'up\ngot\n']);
});

test('groups of the spec are those of the command', async () => {
  const { stdout } = await enter(lab, ['exec', 'ada', '--', 'id', '-G']);
  expect(stdout.toString().trim().split(' ')).toContain('2001');
});

test('failures of ours are 125, with their code; the words tell what to do', async () => {
  const fails = async (...args: string[]) => {
    const { code, stderr, stdout } = await enter(lab, args);
    expect(stdout.toString()).toBe('');
    return `${code} ${stderr.split('\n')[0]}`;
  };
  expect(await fails('exec', 'ada')).toMatch(/^125 .*missing required argument 'command' \(USAGE\)$/);
  expect(await fails('exec', '--colour', 'ada', '--', 'x')).toMatch(/^125 .*\(USAGE\)$/);
  expect(await fails('exec', 'ada', '-e', '=x', '--', 'x')).toMatch(/^125 .*NAME=VALUE \(USAGE\)$/);
  expect(await fails('shell')).toMatch(/^125 .*\(USAGE\)$/);
  expect(await fails('shell', 'nobody')).toMatch(/^125 .*\(NOT_FOUND\)$/);
  expect(await fails('exec', '--state', '/nowhere', 'ada', '--', 'x')).toMatch(/^125 .*\(CONTROLLER_UNREACHABLE\)$/);
  expect(await fails('exec', 'job', '--', 'true')).toMatch(/^125 .*job is not started by itself: ended.*\(REFUSED\)$/);
});

test('options may stand after the name, and dashes in the command are its own', async () => {
  const words = async (...args: string[]) => (await enter(lab, ['exec', ...args])).stdout.toString();
  expect(await words('ada', '-w', '/tmp', 'sh', '-c', 'pwd; echo "$@"', 'x', '-w', '--', 'y')).toBe('/tmp\n-w -- y\n');
  expect(await words('-it', '-T', 'ada', 'echo', '-n', 'it')).toBe('it');
  process.env['WD_TEST_HERE'] = 'from here';
  const script = 'echo "$WD_TEST_HERE $(env | grep -c WD_TEST_)"';
  expect(await words('ada', '-e', 'WD_TEST_HERE', '-e', 'WD_TEST_NOT', '--', 'sh', '-c', script)).toBe('from here 1\n');
});

test('a controller that ends tells everybody and waits for nobody; without a terminal commands go on', async () => {
  const own = makeLab();
  own.write('ada.yaml', workspaceYaml('ada'));
  own.write('log.yaml', workspaceYaml('log', ['command: [sh, -c, "echo line; sleep 1000"]']));
  const controller = await own.up();
  await own.phase('ada', 'Running');
  await own.phase('log', 'Running');
  const script = (seconds: number) => ['sh', '-c', `echo up; exec sleep ${seconds}`];
  const all = [
    start(own, 'exec', '-t', 'ada', '--', ...script(7791)),
    start(own, 'exec', 'ada', '--', ...script(7792)),
    start(own, 'logs', '-f', 'log'),
  ];
  await until(() => all.every(({ stdout }) => stdout().length > 2), { deadlineMs: 10_000 });
  const late = start(own, 'logs', '-f', 'log');
  const begin = performance.now();
  expect(await controller.kill('SIGTERM')).toBe(0);
  expect(performance.now() - begin).toBeLessThan(5_000);
  const codes = (await Promise.all(all.map(({ ended }) => ended))).map(({ code }) => code);
  expect(codes).toEqual([125, 125, 4]);
  expect((await late.ended).code).toBe(4);
  await until(async () => !(await lives(7791, own)), { deadlineMs: 2_000 });
  expect(await lives(7792, own)).toBe(true);

  // Its successor cannot read the specs yet: what was in force before is.
  renameSync(own.specs, `${own.specs}.away`);
  await own.up();
  expect((await enter(own, ['exec', 'ada', '--', 'cat'], 'in')).stdout.toString()).toBe('in');
});

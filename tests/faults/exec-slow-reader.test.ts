import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { start } from '../support/enter.ts';
import { type Lab, openLab, workspaceYaml } from '../support/lab.ts';
import { until } from '../support/until.ts';

let lab: Lab;
let pid = 0;
beforeAll(async () => {
  lab = openLab();
  lab.write('ada.yaml', workspaceYaml('ada', ['resources: {cpu: 2}']));
  await lab.up();
  await lab.phase('ada', 'Running');
  pid = lab.summary().controller.pid;
}, 60_000);
afterAll(() => lab.dispose());

const MIB = 2 ** 20;
const residentBytes = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
/** What the process has read from its sockets and files: it stands still when nothing flows. */
const readBytes = () => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

test('a reader that has stopped makes the command wait and nobody’s memory grow; then all of it arrives', async () => {
  const size = 1000 * MIB;
  const running = start(lab, 'exec', 'ada', '--', 'head', '-c', String(size), '/dev/zero');
  running.child.stdout?.removeAllListeners('data');
  running.child.stdout?.pause();
  const before = residentBytes();
  // Everything on the way is full once nothing flows for a while.
  let last = -1;
  const still = () => {
    const now = readBytes();
    const same = now - last < 256 * 1024;
    last = now;
    return same;
  };
  await until(() => readBytes() > 3 * MIB, { deadlineMs: 20_000 });
  await until(still, { deadlineMs: 30_000, everyMs: 1_000 });
  expect(residentBytes() - before, 'the controller holds next to nothing').toBeLessThan(48 * MIB);
  let count = 0;
  let most = 0;
  running.child.stdout?.on('data', (chunk: Buffer) => {
    count += chunk.length;
    if (Math.random() < 0.02) most = Math.max(most, residentBytes());
  });
  running.child.stdout?.resume();
  const { code } = await running.ended;
  expect([code, count]).toEqual([0, size]);
  expect(Math.max(most, residentBytes()) - before).toBeLessThan(96 * MIB);
});

test('a command that does not read its stdin makes the client wait', async () => {
  const running = start(lab, 'exec', 'ada', '--', 'sh', '-c', 'read -r first; echo "$first"; sleep 3; sha256sum');
  const before = residentBytes();
  const text = Buffer.alloc(100 * MIB, 'x');
  running.child.stdin?.write('go\n');
  running.child.stdin?.end(text);
  await until(() => running.stdout().toString().startsWith('go'));
  await until(() => readBytes() > 0);
  expect(residentBytes() - before).toBeLessThan(64 * MIB);
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  // `read` takes no more than its line from a pipe.
  expect(stdout.toString()).toContain(createHash('sha256').update(text).digest('hex'));
});

test('a client that is killed while the command takes no input is found to be gone', async () => {
  const marker = 'sleep 7774';
  const running = start(lab, 'exec', '-t', 'ada', '--', 'sh', '-c', `stty raw -echo; echo up; exec ${marker}`);
  await until(() => running.stdout().toString().includes('up'));
  running.child.stdin?.write(Buffer.alloc(8 * MIB, 'x'));
  await until(async () => (await lab.sh('ada', `ps -eo args | grep -c '[s]leep 7774' || true`)) === '1');
  running.child.kill('SIGKILL');
  await until(async () => (await lab.sh('ada', `ps -eo args | grep -c '[s]leep 7774' || true`)) === '0', {
    deadlineMs: 4_000,
    everyMs: 100,
  });
});

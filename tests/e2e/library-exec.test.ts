import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { failure, openLibrary } from '../support/library.ts';
import { makeLab } from '../support/make-lab.ts';
import { until } from '../support/until.ts';

const long = 'x'.repeat(100_000);

test('a command runs as the owner, and everything it says and reads comes through', async () => {
  const lab = makeLab();
  const { exec, getOrCreate } = await openLibrary(lab, 'embedded');
  await getOrCreate('ada');
  const script = 'id -un; pwd; echo "$A"; cat; echo trouble >&2; exit 3';
  const said = await exec('ada', ['sh', '-c', script], { env: { A: 'x  y' }, stdin: 'hälló\n', workingDir: '/tmp' });
  expect(said).toEqual({ exitCode: 3, stdout: 'ada\n/tmp\nx  y\nhälló\n', stderr: 'trouble\n' });
  expect((await exec('ada', ['pwd'])).stdout).toBe('/home/user\n');
  expect((await exec('ada', ['cat'])).stdout, 'without stdin there is nothing to read').toBe('');
  expect((await exec('ada', ['no-such-program'])).exitCode).toBe(127);
  const bytes = Readable.from([Buffer.alloc(3_000_000), Buffer.alloc(5)]);
  expect((await exec('ada', ['wc', '-c'], { stdin: bytes })).stdout.trim()).toBe('3000005');
  expect((await exec('ada', ['true'], { stdin: new Readable({ read: () => undefined }) })).exitCode).toBe(0);
  expect((await exec('ada', ['echo', long])).stdout).toBe(`${long}\n`);
  const all = await Promise.all(['1', '2', '3', '4', '5'].map((word) => exec('ada', ['echo', word])));
  expect(all.map(({ stdout }) => stdout.trim())).toEqual(['1', '2', '3', '4', '5']);
});

test('a command that takes too long, says too much or loses its input is ended, with all it started', async () => {
  const lab = makeLab();
  const { exec, getOrCreate } = await openLibrary(lab, 'client');
  await getOrCreate('ada');
  const sleep = ['sh', '-c', 'sleep 987 & trap "" TERM; sleep 987'];
  expect((await failure(exec('ada', sleep, { timeoutMs: 1_000 }))).code).toBe('WAIT_TIMEOUT');
  expect((await failure(exec('ada', ['yes'], { maxOutputBytes: 10_000 }))).code).toBe('OUTPUT_TOO_LONG');
  const input = createReadStream('/no/such/file');
  await expect(exec('ada', ['sh', '-c', 'cat; sleep 987'], { stdin: input })).rejects.toThrow('ENOENT');
  const left = () => lab.sh('ada', 'ps -eo args | grep -E "^(sleep 987|yes)" || true');
  await until(async () => (await left()) === '', { deadlineMs: 10_000, what: 'nothing is left' });
  expect((await failure(exec('ada', ['echo', ...Array(11).fill(long)]))).code).toBe('USAGE');
  expect((await failure(exec('ada', []))).code).toBe('USAGE');
  expect((await failure(exec('nobody', ['true']))).code).toBe('NOT_FOUND');
});

test('exec wakes what rests and nobody whom somebody stopped', async () => {
  const lab = makeLab();
  const { exec, getOrCreate, stop, status } = await openLibrary(lab, 'client');
  expect((await getOrCreate('ada', { state: 'OnDemand' })).status.phase).toBe('Stopped');
  expect((await failure(exec('ada', ['true'], { start: false }))).code).toBe('REFUSED');
  expect(await exec('ada', ['cat'], { stdin: 'the first byte' })).toMatchObject({ stdout: 'the first byte' });
  expect((await status('ada'))?.phase).toBe('Running');
  await stop('ada');
  const refused = await failure(exec('ada', ['true']));
  expect([refused.code, refused.hint]).toEqual(['REFUSED', 'workdock start ada']);
});

test('a command as streams: in a terminal of its size, and binary beside one', async () => {
  const lab = makeLab();
  const { execStream, getOrCreate } = await openLibrary(lab, 'client');
  await getOrCreate('ada');
  const terminal = await execStream('ada', ['sh'], { terminal: { rows: 10, columns: 40 } });
  let seen = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  terminal.stdin.write('stty size\n');
  await until(() => seen.includes('10 40'), { deadlineMs: 10_000, what: () => seen });
  terminal.resize({ rows: 11, columns: 41 });
  terminal.stdin.write('stty size; exit 4\n');
  expect(await terminal.exited).toBe(4);
  expect(seen).toContain('11 41');

  const plain = await execStream('ada', ['cat']);
  plain.stderr.resume();
  plain.stdin.end(Buffer.from([0, 255, 10, 13, 0]));
  expect(await buffer(plain.stdout)).toEqual(Buffer.from([0, 255, 10, 13, 0]));
  const asleep = await execStream('ada', ['sleep', '987']);
  for (const output of [asleep.stdout, asleep.stderr]) output.resume();
  asleep.signal('SIGINT');
  expect(await asleep.exited).toBe(130);
});

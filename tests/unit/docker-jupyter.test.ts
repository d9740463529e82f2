import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readBeneath, socketBeneath } from '../../src/runtime/docker/signals/beneath.ts';
import { ownAddresses } from '../../src/runtime/docker/signals/dial.ts';
import { countKernels } from '../../src/runtime/docker/signals/jupyter-ask.ts';
import { mayServe, servesKernels } from '../../src/runtime/docker/signals/jupyter-command.ts';
import { parseServer, runtimeFolder } from '../../src/runtime/docker/signals/jupyter-file.ts';
import { innerPid, statOf } from '../../src/runtime/docker/signals/processes.ts';
import { makeReadSoon } from '../../src/runtime/docker/signals/soon.ts';
import { recordedTree } from '../support/tree.ts';

test.each([
  ['/usr/bin/python3 /usr/local/bin/jupyter-lab --no-browser', true],
  ['/usr/bin/python3.11 -u -X dev /opt/bin/jupyter-notebook', true],
  ['/opt/conda/bin/python /opt/conda/bin/jupyterhub-singleuser --port=8888', true],
  ['python -m jupyterlab --ip 0.0.0.0', true],
  ['python3 -I -m notebook', true],
  ['jupyter-server', true],
  ['python3 /usr/local/bin/jupyter-lab list', false],
  ['python3 -m jupyterlab build', false],
  ['python3 train.py jupyter-lab', false],
  ['python3 train.py -m jupyterlab', false],
  ['python3 -m ipykernel_launcher -f /home/user/.local/share/jupyter/runtime/kernel-1.json', false],
  ['python3 /usr/local/bin/jupyter-nbconvert --execute a.ipynb', false],
  ['python3', false],
  ['', false],
])('%s serves kernels: %s', (line, serves) => {
  expect(servesKernels(`${line.split(' ').join('\0')}\0`)).toBe(serves);
});

test('names that may be a server', () => {
  expect(['jupyter-lab', 'jupyterhub-sing', 'python3.11', 'pypy3'].filter(mayServe)).toHaveLength(4);
  expect(['bash', 'sleep', 'node', 'sshd', 'ipython'].filter(mayServe)).toEqual([]);
});

test.each([
  ['HOME=/home/user', '/home/user/.local/share/jupyter/runtime'],
  ['HOME=/home/user\0XDG_DATA_HOME=/x', '/x/jupyter/runtime'],
  ['XDG_DATA_HOME=/x\0JUPYTER_DATA_DIR=/d', '/d/runtime'],
  ['JUPYTER_DATA_DIR=/d\0JUPYTER_RUNTIME_DIR=/run/j', '/run/j'],
  ['HOME=/home/user\0JUPYTER_RUNTIME_DIR=', '/home/user/.local/share/jupyter/runtime'],
])('the runtime folder under %j', (environ, folder) => {
  expect(runtimeFolder(`${environ}\0`)).toBe(folder);
});

test('what a server wrote about itself', () => {
  const text = '{"base_url": "/user/ada", "hostname": "localhost", "pid": 9, "port": 8888, "sock": "", "token": "t"}';
  expect(parseServer(text, 'f')).toMatchObject({ pid: 9, port: 8888, baseUrl: '/user/ada/', secure: false, sock: '' });
  for (const bad of ['null', '[]', '{}', '{"port": 0}', '{"port": 70000}', '{"port": "1; rm"}', '{"port": 1.5}']) {
    expect(() => parseServer(bad, 'f'), bad).toThrow('f: it names no port');
  }
});

test('only a kernel that is busy counts as busy', () => {
  const states = ['idle', 'busy', 'starting', 'restarting', 'dead', 'busy'];
  const text = JSON.stringify(states.map((execution_state) => ({ execution_state })));
  expect(countKernels(text)).toEqual({ kernels: 6, busy: 2 });
  expect(countKernels('[]')).toEqual({ kernels: 0, busy: 0 });
  for (const bad of ['{}', '[null]', '[{}]', '[{"execution_state": 1}]', 'x'])
    expect(() => countKernels(bad)).toThrow();
});

test("the container's addresses are those of its own interfaces", () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        |-- 127.0.0.1
           /32 host LOCAL
           |-- 172.18.0.2
              /32 host LOCAL
        |-- 172.18.255.255
           /32 link BROADCAST
Local:
           |-- 172.18.0.2
              /32 host LOCAL
`;
  expect(ownAddresses(trie)).toEqual(['172.18.0.2']);
});

test('a process whose name is chosen to confuse', () => {
  const rest = ['S', 7, 8, 9, 34_817, ...Array.from({ length: 45 }, (_, i) => i + 8)].join(' ');
  expect(statOf(`12 (a) R 1 (b) ${rest}\n`)).toEqual({
    ...{ pid: 12, comm: 'a) R 1 (b', state: 'S', parent: 7, terminal: 34_817, program: '12:22:48:49' },
  });
  expect(innerPid('Name:\tx\nNSpid:\t4242\t17\t9\nNSpgid:\t1\n', 4242)).toBe(9);
  expect(innerPid('Name:\tx\n', 4242)).toBe(4242);
});

test('below a root: files and sockets, never through a link, never past a limit', async () => {
  const { procRoot: root } = recordedTree({
    'proc/top/a/file': 'text',
    'proc/top/long': 'x'.repeat(101),
    'cgroup/out': 's',
  });
  symlinkSync(join(dirname(root), 'cgroup'), join(root, 'top/away'));
  symlinkSync('a/file', join(root, 'top/near'));
  mkdirSync(join(root, 'top/folder'));
  execFileSync('mkfifo', [join(root, 'top/pipe')]);
  const read = (path: string) => readBeneath(root, path, 100);
  expect(await read('/top/a/file')).toBe('text');
  expect(await read('//top/./a//file')).toBe('text');
  const refused: [string, RegExp][] = [
    ['/top/away/out', /\/top\/away: a link or no folder/],
    ['/top/near', /not a regular file/],
    ['/top/pipe', /not a regular file/],
    ['/top/folder', /not a regular file/],
    ['/top/long', /larger than 100 bytes/],
    ['/top/a/../a/file', /not a path/],
    ['top/a/file', /not a path/],
    ['/', /not a path/],
    ['/top/none', /\/top\/none: it is not there/],
  ];
  for (const [path, why] of refused) await expect(read(path), path).rejects.toThrow(why);

  const server = createServer().listen(join(root, 'top/socket'));
  onTestFinished(() => void server.close());
  await socketBeneath(root, '/top/socket', async (exact) => expect(exact).toMatch(/^\/proc\/self\/fd\/\d+$/));
  await expect(socketBeneath(root, '/top/near', async () => undefined)).rejects.toThrow(/not a socket/);
});

test('a file that does not come is given up, and is not begun twice', async () => {
  const { procRoot } = recordedTree({ 'proc/1/comm': 'x' });
  const pipe = join(procRoot, '1/cmdline');
  execFileSync('mkfifo', [pipe]);
  const readSoon = makeReadSoon();
  const [first, second] = [readSoon(pipe), readSoon(pipe)];
  await expect(second).rejects.toThrow(`${pipe}: the process is stuck`);
  await expect(first).rejects.toThrow(`${pipe}: the process is stuck`);
  writeFileSync(pipe, 'there');
  expect(await readSoon(join(procRoot, '1/comm'))).toBe('x');
});

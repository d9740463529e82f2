import { isDeepStrictEqual } from 'node:util';
import type { Fitted } from '../../src/model/fitted.ts';
import type { KernelReading } from '../../src/model/idle.ts';
import type { TestEngine } from './engine.ts';
import { makeSeen } from './seen.ts';
import { until } from './until.ts';

/** What a notebook does, without a browser: requests with the token, cells, a websocket that stays open. */
const client = `
import glob, json, sys, time, asyncio, urllib.request
from tornado import websocket, httpclient
files = glob.glob('/home/user/.local/share/jupyter/runtime/jpserver-*.json')
info = json.load(open(files[0]))
base = info['url'].replace('0.0.0.0', '127.0.0.1') + 'api/'
auth = {'Authorization': 'token ' + info['token']}
def api(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(base + path, data, auth, method=method), timeout=10) as answer:
        return json.load(answer)
def channels(kernel):
    url = base.replace('http', 'ws', 1) + 'kernels/' + kernel + '/channels'
    return websocket.websocket_connect(httpclient.HTTPRequest(url, headers=auth))
def cell(code):
    header = {'msg_id': 'm1', 'username': '', 'session': 's1', 'msg_type': 'execute_request', 'version': '5.3'}
    content = {'code': code, 'silent': False, 'store_history': False, 'allow_stdin': False}
    return json.dumps({'header': header, 'parent_header': {}, 'metadata': {}, 'content': content, 'channel': 'shell'})
async def stay(kernel, seconds):
    socket = await channels(kernel)
    await asyncio.sleep(seconds)
    socket.close()
async def run(code):
    socket = await channels(api('GET', 'kernels')[0]['id'])
    await socket.write_message(cell(code))
    while json.loads(await socket.read_message())['msg_type'] != 'status': pass
    socket.close()
`;

/** A workspace of the big image in which Jupyter servers can be started. */
export async function openJupyter(engine: TestEngine, more: Partial<Fitted> = {}) {
  const limits = { nanoCpus: 1e9, memoryBytes: 1024 * 2 ** 20, pids: 256 };
  const { id, wanted } = await engine.up({
    image: { ref: 'workdock-workspace:latest', pullPolicy: 'Never' },
    limits,
    ...more,
  });
  const seen = await makeSeen(engine, id);
  const inside = (script: string) => engine.inside(id, script);
  const python = async (body: string): Promise<string> => {
    const { code, stdout, stderr } = await inside(`python3 - <<'END'\n${client}\n${body}\nEND`);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  const serve = (args = '', env = '') => {
    const program = env.startsWith('AS_MODULE') ? 'python3 -m jupyter_server' : 'jupyter server';
    return inside(`${env} ${program} --no-browser ${args} >>~/server.log 2>&1 &`);
  };
  const kernels = async () => (await seen.look(true)).kernels;
  const untilSays = async (value: KernelReading) => {
    let last: unknown;
    const same = async () => {
      last = await kernels();
      return isDeepStrictEqual(last, { ok: true, value });
    };
    await until(same, { deadlineMs: 60_000, everyMs: 250, what: () => JSON.stringify(last) });
  };
  /** Waits until so many servers can be asked; none of them has a kernel. */
  const untilServers = (servers: number) => untilSays({ servers, kernels: 0, busy: 0 });
  /** Waits until the one server says this. */
  const untilKernels = (of: { kernels: number; busy: number }) => untilSays({ servers: 1, ...of });
  /** Asks these paths of the API from the host for ever, four a second; the returned function ends it and counts. */
  const poll = async (paths: string[]) => {
    const file = await inside('cat ~/.local/share/jupyter/runtime/jpserver-*.json');
    const { token, port } = JSON.parse(file.stdout) as { token: string; port: number };
    const headers = { Authorization: `token ${token}` };
    let count = 0;
    const one = async () => {
      const path = paths[count % paths.length];
      const answer = await fetch(`http://${wanted.address}:${port}/api/${path}`, { headers });
      await answer.text();
      if (answer.ok) count += 1;
    };
    const timer = setInterval(() => void one().catch(() => undefined), 250);
    return async () => {
      clearInterval(timer);
      return count;
    };
  };
  return { ...seen, ...{ id, python, serve, kernels, untilServers, untilKernels, poll, inside } };
}

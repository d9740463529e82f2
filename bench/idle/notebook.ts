import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { until } from '../../tests/support/until.ts';
import type { Stage } from './situation.ts';

const SOON = { deadlineMs: 90_000, everyMs: 500 };
const DEADLINE_MS = 5_000;
const PORT = 8888;

type Kernel = { id: string; execution_state: string; last_activity: string };

const message = (code: string) => ({
  header: { msg_id: randomUUID(), username: '', session: randomUUID(), msg_type: 'execute_request', version: '5.3' },
  ...{ parent_header: {}, metadata: {}, channel: 'shell' },
  content: { code, silent: false, store_history: false, allow_stdin: false },
});

/** A Jupyter server in a workspace, and a browser on this side. `lock`: options for another way in than a token. */
export async function openNotebook({ lab, name, leave, recorder, afterwards }: Stage, lock?: string) {
  const token = randomUUID();
  const entry = lock ?? `--IdentityProvider.token=${token}`;
  await leave(`jupyter server --no-browser --ip 0.0.0.0 --port ${PORT} ${entry}`);
  const address = Object.values((await lab.inspect(name)).NetworkSettings.Networks)[0]?.IPAddress;
  const headers = { Authorization: `token ${token}` };
  const ask = async (path: string, method = 'GET'): Promise<unknown> => {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const answer = await fetch(`http://${address}:${PORT}/api/${path}`, { method, headers, signal });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  await until(async () => {
    await fetch(`http://${address}:${PORT}/api`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    return true;
  }, SOON);
  const kernels = async () => (await ask('kernels?no_track_activity=1')) as Kernel[];
  const notebook = {
    /** What JupyterHub and Kubeflow ask. */
    asked: async () => {
      const [status, all] = [(await ask('status?no_track_activity=1')) as { last_activity: string }, await kernels()];
      const seen = all.map((one) => ({ state: one.execution_state, lastActivityMs: Date.parse(one.last_activity) }));
      return { lastActivityMs: Date.parse(status.last_activity), kernels: seen };
    },
    /** A kernel that is ready. One that no tab ever spoke to may say `starting` for ever (jupyter_server 2.21). */
    kernel: async (): Promise<string> => {
      const { id } = (await ask('kernels', 'POST')) as Kernel;
      const socket = await notebook.socket(id);
      await until(async () => (await kernels()).every(({ execution_state }) => execution_state === 'idle'), SOON);
      socket.close();
      return id;
    },
    /** A websocket to a kernel, as a tab with a notebook has it. */
    socket: async (kernel: string): Promise<WebSocket> => {
      const socket = new WebSocket(`ws://${address}:${PORT}/api/kernels/${kernel}/channels`, { headers });
      socket.on('error', () => undefined);
      afterwards(() => socket.terminate());
      await new Promise<void>((open) => socket.once('open', open));
      recorder.browser();
      return socket;
    },
    /** Runs a cell and closes the tab once it runs. */
    run: async (kernel: string, code: string): Promise<void> => {
      const socket = await notebook.socket(kernel);
      socket.send(JSON.stringify(message(code)));
      await until(async () => (await kernels()).some(({ execution_state }) => execution_state === 'busy'), SOON);
      socket.close();
    },
    /** What a tab of JupyterLab asks by itself, in turns, once a second (it does so every ten, with four tabs open). */
    poll: (): void => {
      const paths = ['kernels', 'sessions', 'terminals', 'contents?content=1', 'me'];
      let count = 0;
      const timer = setInterval(() => {
        recorder.browser();
        void ask(paths[count++ % paths.length]!).catch(() => undefined);
      }, 1_000);
      afterwards(() => clearInterval(timer));
    },
  };
  recorder.notebook(notebook);
  return notebook;
}

export type Notebook = Awaited<ReturnType<typeof openNotebook>>;

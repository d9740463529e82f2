import type { TestEngine } from './engine.ts';
import { makeSeen } from './seen.ts';
import { until } from './until.ts';

/** Looks like a Jupyter server to whoever lists processes, and answers with what it is given as its first argument. */
const script = `#!/usr/bin/python3
import os, socket, sys, time
folder = os.environ['HOME'] + '/.local/share/jupyter/runtime'
listener = socket.socket()
listener.bind(('0.0.0.0', 0))
listener.listen()
answer, text, hostname = sys.argv[1:4]
port = listener.getsockname()[1]
text = text or '{"pid": PID, "port": PORT, "hostname": "' + hostname + '", "token": "secret"}'
text = text.replace('PORT', str(port)).replace('PID', str(os.getpid()))
os.makedirs(folder, exist_ok=True)
open(os.environ['HOME'] + '/plain.json', 'w').write(text)
place = folder + '/jpserver-' + str(os.getpid()) + '.json'
if text != 'nothing': open(place, 'w').write(text)
open(os.environ['HOME'] + '/place', 'w').write(place)
while True:
    client, _ = listener.accept()
    if answer == 'hang': time.sleep(1000)
    client.recv(65536)
    try:
        client.sendall(('HTTP/1.1 ' + answer).encode())
        while answer.endswith('endless'): client.sendall(b'x' * 65536)
    except OSError: pass
    client.close()
`;

const OK = '200 OK\r\nContent-Type: application/json\r\n\r\n';
export const answers = {
  ...{ quiet: `${OK}[{"execution_state": "idle"}]`, busy: `${OK}[{"execution_state": "busy"}]`, hang: 'hang' },
  ...{ endless: `${OK}endless`, garbage: `${OK}<html>`, otherJson: `${OK}{"kernels": []}`, noState: `${OK}[{}]` },
  forbidden: '403 Forbidden\r\nContent-Length: 0\r\n\r\n',
  elsewhere: '302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
  noHttp: '…',
};

/** A small workspace in which a user plays Jupyter. */
export async function openFakeJupyter(engine: TestEngine) {
  const { id } = await engine.up();
  const seen = await makeSeen(engine, id);
  const inside = (text: string) => engine.inside(id, text);
  await inside(`mkdir ~/bin; cat > ~/bin/jupyter-lab <<'END'\n${script}\nEND\nchmod +x ~/bin/jupyter-lab`);
  return {
    ...{ id, inside },
    /** Starts one and returns the path of its runtime file, which holds `text` or what a real one would. */
    serve: async (answer: keyof typeof answers, text = '', hostname = '0.0.0.0'): Promise<string> => {
      const quoted = [answers[answer], text, hostname].map((word) => `'${word}'`).join(' ');
      await inside(`rm -f ~/place; ~/bin/jupyter-lab ${quoted} >~/log 2>&1 &`);
      await until(async () => (await inside('cat ~/place')).stdout !== '');
      return (await inside('cat ~/place')).stdout;
    },
    end: () => inside('kill -9 $(pgrep jupyter-lab); while pgrep jupyter-lab; do sleep 0.05; done'),
    kernels: async () => (await seen.look(true)).kernels,
  };
}

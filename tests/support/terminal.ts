import type { TestEngine } from './engine.ts';

/** Somebody's terminal in a container, with what it has shown so far. */
export async function openTerminal({ runtime, fitted }: TestEngine, id: string, command = 'exec sh') {
  const { uid, gid } = fitted().identity;
  const session = await runtime.exec(id, {
    argv: ['sh', '-c', command],
    ...{ env: {}, workingDir: '/home/user', user: `${uid}:${gid}`, stdin: true },
    terminal: { rows: 24, columns: 80 },
  });
  let shown = '';
  session.stdout.on('data', (part: Buffer) => {
    shown += part.toString('utf8');
  });
  session.stderr.resume();
  return {
    shown: () => shown,
    type: (text: string) => void session.stdin.write(text),
    exited: session.exited,
    hangUp: session.hangUp,
  };
}

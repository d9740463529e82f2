import type { Readable, Writable } from 'node:stream';
import type { RemoteExec } from '../client/exec.ts';
import type { TerminalSize } from '../model/stream.ts';
import type { Streams } from './streams.ts';

/** Of terminals that do not know theirs, such as one that `script` makes without a terminal of its own. */
const DEFAULT_SIZE: TerminalSize = { rows: 24, columns: 80 };

/** Of the terminal that stdout is; 0 and nothing both mean that it has none. */
export const sizeOf = ({ rows, columns }: Partial<Streams['stdout']>): TerminalSize => ({
  rows: rows || DEFAULT_SIZE.rows,
  columns: columns || DEFAULT_SIZE.columns,
});

/** Waits for a slow reader. One that has gone gets nothing more and stops nobody: the command and its code go on. */
export async function copy(from: Readable, to: Writable): Promise<void> {
  const gone = () => to.destroyed || to.errored !== null;
  for await (const chunk of from) {
    if (gone() || to.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'error', 'close'] as const;
      const done = () => {
        for (const event of events) to.off(event, done);
        resolve();
      };
      for (const event of events) to.on(event, done);
    });
  }
}

/**
 * Node leaves the terminal to put a carriage return before every line feed (libuv's `UV_TTY_MODE_RAW`). The far
 * terminal does that already, and an editor that moves down by a bare line feed would land in the first column.
 * Node's way back restores this too.
 */
function makeRaw(stdin: Streams['stdin']): void {
  stdin.setRawMode(true);
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  spawnSync('stty', ['-onlcr'], { stdio: ['inherit', 'ignore', 'ignore'], timeout: 2_000 });
}

/** stdin, size and signals of this process to the command, until the returned function is called. */
export function attach(remote: RemoteExec, { stdin, stdout }: Streams, terminal: boolean): () => void {
  const raw = terminal && stdin.isTTY === true;
  const onResize = () => remote.resize(sizeOf(stdout));
  let over = false;
  const restore = () => {
    if (over) return;
    over = true;
    stdin.unpipe(remote.stdin);
    if (raw) stdin.setRawMode(false);
    stdout.off('resize', onResize);
    for (const signal of signals) process.off(signal, onSignal);
    // What nobody typed yet would keep this process alive.
    stdin.destroy();
    remote.close();
  };
  // In a terminal keys are the signals, and what comes from elsewhere means this end of the line, which may drop.
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT', ...(terminal ? (['SIGHUP'] as const) : [])];
  const onSignal = (signal: NodeJS.Signals) => {
    if (!terminal) return remote.signal(signal);
    restore();
    process.kill(process.pid, signal);
  };
  if (raw) {
    makeRaw(stdin);
    stdout.on('resize', onResize);
    onResize(); // it may have changed while the workspace started
  }
  for (const signal of signals) process.on(signal, onSignal);
  remote.stdin.on('error', () => undefined); // the command has ended: its code tells
  stdin.on('error', () => remote.stdin.end());
  stdin.pipe(remote.stdin);
  return restore;
}

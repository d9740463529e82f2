type Options = { terminal: boolean; now: () => number; write: (text: string) => void };

/** A pipe gets a sign of life this often; a terminal one line that is written over, at most ten times a second. */
const PIPE_MS = 5_000;
const TERMINAL_MS = 100;
const WIDTH = 110;

/** Progress of a long job for people: a line per step with the time so far, and between them what it says last. */
export function makeProgress({ terminal, now, write }: Options) {
  const start = now();
  let last = -Infinity; // so that a step never waits for its first sign of life on a terminal
  let open = false;
  const clean = () => (open ? '\r\u001b[K' : '');
  const line = (text: string) => `${elapsed(now() - start)}  ${text}`.slice(0, WIDTH);
  return {
    step(text: string) {
      write(`${clean()}${line(text)}\n`);
      open = false;
      last = now();
    },
    output(text: string) {
      if (now() - last < (terminal ? TERMINAL_MS : PIPE_MS)) return;
      last = now();
      write(terminal ? `${clean()}${line(`  ${text}`)}` : `${line(`  ${text}`)}\n`);
      open = terminal;
    },
    done() {
      if (open) write(clean());
      open = false;
    },
  };
}

/** Milliseconds as `0:07`, minutes and seconds. */
const elapsed = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

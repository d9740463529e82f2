type Options = { terminal: boolean; now: () => number; write: (text: string) => void };

/** A pipe gets a sign of life this often; on a terminal one line is written over. */
const PIPE_MS = 5_000;
const TERMINAL_MS = 200;
const WIDTH = 110;

/** Progress of a long job for people: a line per step with the time so far, and between them what it says last. */
export function makeProgress({ terminal, now, write }: Options) {
  const start = now();
  const quietMs = terminal ? TERMINAL_MS : PIPE_MS;
  let said = '';
  let written = start;
  let open = false; // a line on the terminal that the next one replaces
  const clean = () => (open ? '\r\u001b[K' : '');
  const line = (text: string) => `${elapsed(now() - start)}  ${text}`.slice(0, WIDTH);

  /** A silent command still shows that time passes: the last thing it said is told again. */
  const tick = setInterval(() => {
    if (said === '' || now() - written < quietMs) return;
    written = now();
    write(terminal ? `${clean()}${line(`  ${said}`)}` : `${line(`  ${said}`)}\n`);
    open = terminal;
  }, TERMINAL_MS);
  tick.unref();

  return {
    step(text: string) {
      write(`${clean()}${line(text)}\n`);
      written = now();
      said = '';
      open = false;
    },
    output(text: string) {
      said = text;
    },
    done() {
      clearInterval(tick);
      if (open) write(clean());
      open = false;
    },
  };
}

/** Milliseconds as `0:07`, minutes and seconds. */
const elapsed = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;

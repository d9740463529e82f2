import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { ExecRequest, TerminalSize } from '../../model/stream.ts';

/** What a program of the fake sees of the world. */
export type Process = {
  request: ExecRequest;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  size: () => TerminalSize | null;
  /** A signal that ends it, as `$$` would get it. */
  kill: (name: string) => void;
};

/** Waits for the reader like a pipe; a reader that has gone swallows it. */
async function put(to: Writable, bytes: Buffer | string): Promise<void> {
  if (to.destroyed || to.write(bytes)) return;
  await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => {});
}

/** Bytes of stdin up to and with a line's end; null at the end. What follows goes back. */
async function line(stdin: Readable): Promise<string | null> {
  let text = '';
  for (;;) {
    const chunk = stdin.read() as Buffer | null;
    if (chunk === null) {
      if (stdin.readableEnded || stdin.destroyed) return text === '' ? null : text;
      await Promise.race(['readable', 'end', 'close'].map((event) => once(stdin, event)));
      continue;
    }
    const at = chunk.indexOf('\n');
    text += chunk.subarray(0, at + 1 || chunk.length).toString();
    if (at < 0) continue;
    if (at + 1 < chunk.length) stdin.unshift(chunk.subarray(at + 1));
    return text;
  }
}

async function copy({ stdin }: Process, ...to: Writable[]): Promise<number> {
  for await (const chunk of stdin) for (const each of to) await put(each, chunk as Buffer);
  return 0;
}

type Program = (words: string[], process: Process) => Promise<number>;
const say = async ({ stdout }: Process, text: string) => {
  await put(stdout, `${text}\n`);
  return 0;
};

/** Just enough of a Unix for the contract suite and for tests of what leans on `exec`. */
const programs: Record<string, Program> = {
  true: async () => 0,
  false: async () => 1,
  exit: async ([code = '0']) => Number(code),
  echo: (words, process) => say(process, words.join(' ')),
  pwd: (_, process) => say(process, process.request.workingDir ?? '/home/user'),
  printenv: ([name = ''], process) => say(process, process.request.env[name] ?? ''),
  id: ([flag], process) => say(process, process.request.user.split(':')[flag === '-u' ? 0 : 1] ?? ''),
  cat: (_, process) => copy(process, process.stdout),
  tee: (_, process) => copy(process, process.stdout, process.stderr),
  read: async (_, { stdin }) => ((await line(stdin)) === null ? 1 : 0),
  sleep: ([seconds = '0']) => new Promise((done) => setTimeout(() => done(0), Number(seconds) * 1000).unref()),
  kill: async ([signal = '-TERM'], { kill }) => {
    kill(`SIG${signal.slice(1)}`);
    return 0;
  },
  stty: (_, process) => {
    const { rows, columns } = process.size() ?? { rows: 0, columns: 0 };
    return say(process, `${rows} ${columns}`);
  },
};

/** Runs one program, or `sh -c` with a few of them between semicolons; `>&2` sends one's output to stderr. */
export async function runProgram(argv: readonly string[], process: Process): Promise<number> {
  const [name = '', ...words] = argv;
  if (name === 'nohup') return runProgram(words, process);
  if (name === 'sh' && words[0] === '-c') return runScript(words[1] ?? '', process);
  if (words.at(-1) === '>&2') return runProgram([name, ...words.slice(0, -1)], { ...process, stdout: process.stderr });
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (program) return program(words, process);
  await put(process.request.terminal ? process.stdout : process.stderr, `${name}: not found\n`);
  return 127;
}

async function runScript(script: string, process: Process): Promise<number> {
  let code = 0;
  for (const command of script.split(/;\s*/)) {
    code = await runProgram(command.split(/\s+/), process);
    if (command.startsWith('exit')) break;
  }
  return code;
}

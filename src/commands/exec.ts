import { Command, Option } from 'commander';
import type { ExecAsk } from '../model/stream.ts';
import { sizeOf } from './attach.ts';
import { type StreamVerb, useStreams } from './streams.ts';

type Flags = { tty?: boolean; workdir?: string; env?: Record<string, string>; start: boolean };

const examples = `
Runs as the workspace's user, in its home, with the limits of now. A workspace at rest is started first, one that was
stopped by a person, by its spec or a suspend is not. stdin is always passed on; there is a terminal when stdin and
stdout are ones. The exit code is the command's, 125 when it was not run (the words on stderr end with an error code),
7 for --no-start on one that rests. In a loop over lines give it </dev/null.

Examples:
  workdock exec ada -- python train.py
  workdock exec ada -- sh -c 'wc -l < data.csv'
  tar c src | workdock exec ada -- tar x
  workdock exec ada -e DEBUG=1 -w /data -- make`;

/** `NAME=VALUE` pairs, collected. A name alone takes its value from `here`, and is left out when there is none. */
const pairs =
  (here: NodeJS.ProcessEnv) =>
  (text: string, before: Record<string, string> = {}): Record<string, string> => {
    const at = text.indexOf('=');
    if (at >= 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
    const value = here[text];
    return value === undefined ? before : { ...before, [text]: value };
  };

/** `exec`: one command. */
export function execCommand(verb: StreamVerb): Command {
  return new Command('exec')
    .description('run a command in a workspace, as its user')
    .argument('<name>', 'workspace')
    .argument('<command...>', 'program and arguments, best after --')
    .option('-t, --tty', 'with a terminal, whatever stdin and stdout are')
    .option('-T, --no-tty', 'without one')
    .option('-w, --workdir <dir>', 'folder in the workspace (the home)')
    .option('-e, --env <NAME=VALUE>', 'a variable; NAME alone takes it from here', pairs(verb.io.env))
    .option('--no-start', 'do not start a workspace at rest: exit code 7')
    .addOption(new Option('-i, --interactive', 'as it always is; for hands used to `docker exec -it`').hideHelp())
    .addHelpText('after', examples)
    .action(async (name: string, argv: string[], { tty, workdir, env = {}, start }: Flags) => {
      const ask = { argv, env, start, ...(workdir !== undefined && { workingDir: workdir }) };
      await runStreams(verb, name, ask, tty);
    });
}

const shellHelp = `
The login shell of the workspace, in a terminal. A workspace at rest is started first. When the connection ends, the
shell and its jobs get HUP, as with ssh; tmux, nohup and setsid outlive it.

Examples:
  workdock shell ada
  workdock shell ada --no-start     only where it runs already`;

/** `shell`: the login shell. */
export function shellCommand(verb: StreamVerb): Command {
  return new Command('shell')
    .description('open a shell in a workspace')
    .argument('<name>', 'workspace')
    .option('-t, --tty', 'with a terminal, whatever stdin and stdout are')
    .option('-T, --no-tty', 'without one')
    .option('--no-start', 'do not start a workspace at rest: exit code 7')
    .addHelpText('after', shellHelp)
    .action(async (name: string, { tty, start }: Flags) => {
      // Every container of ours has SHELL, and every image /bin/sh.
      const argv = ['/bin/sh', '-c', 'exec "$SHELL" -l'];
      await runStreams(verb, name, { argv, env: {}, start }, tty);
    });
}

type Asked = Omit<ExecAsk, 'terminal' | 'stdin'>;

async function runStreams(verb: StreamVerb, name: string, asked: Asked, tty: boolean | undefined) {
  const { io, streams } = verb;
  const terminal = tty ?? (streams.stdin.isTTY === true && streams.stdout.isTTY === true);
  const env = { ...fromHere(io.env), ...asked.env };
  const ask: ExecAsk = { ...asked, env, stdin: true, terminal: terminal ? sizeOf(streams.stdout) : null };
  io.exitWith(await useStreams(verb, { name, ask }));
}

/** What of the client's environment means something there: its terminal and its language, and nothing else. */
function fromHere(env: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = (name: string) => name === 'LANG' || name.startsWith('LC_') || name === 'TERM';
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (wanted(name) && value !== undefined ? [[name, value]] : [])),
  );
}

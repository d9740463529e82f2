import { CommanderError } from 'commander';
import { withDashes } from './commands/exec-words.ts';
import type { Io } from './commands/io.ts';
import { withCode } from './commands/own-failure.ts';
import { printError } from './commands/several.ts';
import { WorkdockError } from './lib/errors.ts';
import { failsWith, makeProgram } from './program.ts';

const { stdout, stderr, env } = process;
const io: Io = {
  out: (line) => void stdout.write(`${line}\n`),
  err: (line) => void stderr.write(`${line}\n`),
  env,
  cwd: process.cwd(),
  ...(stdout.isTTY ? { width: stdout.columns } : {}),
  colour: stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  now: () => Date.now(),
  exitWith: (code) => {
    process.exitCode = code;
  },
};

const argv = process.argv.slice(2).map((word, at) => (at === 0 && /^(-V|--version)$/.test(word) ? 'version' : word));
const all = failsWith(argv);

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `workdock get | head -1`: whoever reads has enough, which is no failure of ours.
  if (error.code === 'EPIPE') process.exit(0);
  io.err(`workdock: cannot write the output: ${error.code}`);
  process.exit(all ?? 8);
});
stderr.on('error', () => {}); // nobody listens: the exit code still tells

try {
  const program = await makeProgram(argv, io);
  await program.parseAsync(argv.length === 0 ? ['--help'] : withDashes(argv), { from: 'user' });
} catch (error) {
  const code = failed(error);
  process.exitCode = code === 0 ? 0 : (all ?? code);
}

function tell(error: WorkdockError): void {
  printError(io, all === undefined ? error : withCode(error));
}

/** Prints what went wrong and says the exit code (design 6). Commander has printed its own errors already. */
function failed(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof WorkdockError) {
    tell(error);
    return error.policy.exit;
  }
  const hint = 'a bug of workdock: please report it with these lines';
  tell(new WorkdockError('INTERNAL', error instanceof Error ? error.message : String(error), { hint }));
  if (error instanceof Error && error.stack !== undefined) io.err(error.stack);
  return 70;
}

import { Command, CommanderError } from 'commander';
import { imageCommand } from './commands/image.ts';
import { WorkdockError } from './lib/errors.ts';

const program = new Command('workdock').exitOverride();

program.addCommand(
  imageCommand({
    buildImage: async (options, on) => (await import('./runtime/docker/image-builder.ts')).buildHere(options, on),
    out: (line) => console.log(line),
    write: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true,
    now: () => performance.now(),
    environment: process.env,
  }),
);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof WorkdockError) {
    process.stderr.write(`workdock: ${error.message}; ${error.hint}\n`);
    process.exitCode = error.policy.exit;
  } else throw error;
}

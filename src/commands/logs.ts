import type { Readable } from 'node:stream';
import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import type { LogOptions } from '../model/runtime.ts';
import type { Io } from './io.ts';
import type { Streams } from './streams.ts';

type Flags = { follow?: true; tail?: number };
type Deps = {
  io: Io;
  streams: Pick<Streams, 'stdout'>;
  open: (name: string, options: LogOptions) => Promise<Readable>;
};

const help = `
What the command of the workspace has printed: the program's words with \`command: Image\` or a list, none with Keep.

Examples:
  workdock logs ada
  workdock logs ada --tail 100 -f`;

const lines = (text: string): number => {
  if (/^(0|[1-9][0-9]{0,6})$/.test(text)) return Number(text);
  throw new WorkdockError('USAGE', `--tail takes a number of lines, not "${text}"`, { hint: '--tail 100' });
};

/** `logs`: output of the workspace's own command. */
export function logsCommand({ streams, open }: Deps): Command {
  return new Command('logs')
    .description('show what the command of a workspace printed')
    .argument('<name>', 'workspace')
    .option('-f, --follow', 'go on until it stops')
    .option('--tail <lines>', 'the last lines only', lines)
    .addHelpText('after', help)
    .action(async (name: string, { follow, tail }: Flags) => {
      const source = await open(name, { follow: follow === true, ...(tail !== undefined && { tail }) });
      for await (const chunk of source) {
        if (!streams.stdout.write(chunk)) await new Promise<void>((resolve) => streams.stdout.once('drain', resolve));
      }
    });
}

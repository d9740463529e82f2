import { Command } from 'commander';
import { describeLines } from './describe-text.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

const examples = `
Examples:
  workdock describe ada
  workdock describe ada -o json | jq .origins      where each setting came from`;

/** `describe`: everything about one workspace. */
export function describeCommand({ io, client }: VerbDeps): Command {
  return new Command('describe')
    .description('everything about one workspace: settings and where each came from, conditions, changes, events')
    .argument('<name>', 'workspace')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', examples)
    .action(async (name: string, { output }: { output: Format }) => {
      const description = await (await client()).describe(name);
      if (!printData(io, output, description)) for (const line of describeLines(description, io.now())) io.out(line);
    });
}

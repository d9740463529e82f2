import { Command } from 'commander';
import { plain } from '../lib/plain-text.ts';
import type { PlanRow } from '../model/service.ts';
import { changeText } from './change-text.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

type Flags = { output: Format; exitCode?: true };

const examples = `
Examples:
  workdock plan                    what differs, what would be done and what it costs the user
  workdock plan ada -o json
  workdock plan --exit-code        exits with 1 when anything differs`;

/** `plan`: what the controller would do now, and why it does not. Changes nothing. */
export function planCommand({ io, client }: VerbDeps): Command {
  return new Command('plan')
    .description('show what would change, and what that costs')
    .argument('[name]', 'only this workspace')
    .addOption(outputOption('text', 'json', 'yaml'))
    .option('--exit-code', 'exit with 1 when there is a difference')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, { output, exitCode }: Flags) => {
      const rows = await (await client()).plan(name);
      const different = rows.filter(({ steps, changes }) => steps.length + changes.length > 0);
      if (!printData(io, output, rows)) {
        for (const row of different) for (const line of rowLines(row)) io.out(line);
        if (different.length === 0) io.out('no difference');
      }
      if (exitCode && different.length > 0) io.exitWith(1);
    });
}

const rowLines = ({ name, steps, changes, waitsFor }: PlanRow): string[] => [
  name,
  ...changes.map((change) => `  ${changeText(change)}`),
  ...steps.map(({ op, why }) => `  will ${op}: ${plain(why)}`),
  ...(waitsFor === undefined ? [] : [`  waits: ${plain(waitsFor)}`]),
];

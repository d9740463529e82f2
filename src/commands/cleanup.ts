import { Command } from 'commander';
import { shortSpan } from '../lib/age.ts';
import { type Row, table } from '../lib/table.ts';
import type { CleanupRow } from '../model/service.ts';
import type { Io, VerbDeps } from './io.ts';
import { minutes } from './minutes-option.ts';
import { type Format, outputOption, printData } from './output.ts';

type Flags = { idleMinutes: number; dryRun?: boolean; output: Format };

const more = `
Judges by the evidence of \`workdock idle\`, with a last look at each before its stop, and prints a decision for every
workspace. One with idle.mode Observe is stopped too: you asked for it. One with a lease, with idle.enabled false,
suspended, or whose signals cannot be read is kept, and so is one that was not watched for so long. Who is stopped
rests: entering or starting it brings it back.

Examples:
  workdock cleanup --idle-minutes 60 --dry-run
  workdock cleanup --idle-minutes 60 -o json | jq -r '.[] | select(.decision == "stopped") | .name'`;

/** `cleanup`: puts to rest what has been idle for so long, and says why, or why not. */
export function cleanupCommand({ io, client }: VerbDeps): Command {
  return new Command('cleanup')
    .description('stop what has been idle for so long, and say of each workspace why or why not')
    .requiredOption('--idle-minutes <n>', 'quiet for at least so long', minutes)
    .option('--dry-run', 'say what would be done')
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', more)
    .action(async ({ idleMinutes, dryRun = false, output }: Flags) => {
      const rows = await (await client()).cleanup({ idleMinutes, dryRun });
      if (printData(io, output, rows)) return;
      if (rows.length > 0) for (const line of lines(rows, io)) io.out(line);
      io.err(`workdock: ${summary(rows, dryRun)}`);
    });
}

const words: Record<CleanupRow['decision'], string> = { stopped: 'stopped', wouldStop: 'would stop', kept: 'kept' };

function lines(rows: CleanupRow[], { width }: Io): string[] {
  const cells = rows.map(({ name, decision, quietMs, reason }): Row => {
    const quiet = quietMs === undefined ? '-' : shortSpan(quietMs / 1_000);
    return [name, words[decision], quiet, reason];
  });
  return table(['NAME', 'DECISION', 'QUIET', 'REASON'], cells, width === undefined ? {} : { width });
}

function summary(rows: CleanupRow[], dryRun: boolean): string {
  const stopped = rows.filter(({ decision }) => decision !== 'kept').length;
  return `${stopped} of ${rows.length} ${dryRun ? 'would be stopped' : 'stopped'}`;
}

import { Command } from 'commander';
import { bytesText } from '../lib/bytes.ts';
import { type Row, table } from '../lib/table.ts';
import type { TopRow } from '../model/service.ts';
import { chosenRows } from './chosen-rows.ts';
import type { Io, VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

type Flags = { output: Format; selector?: string };

const more = `
CPU is in percent of one core, of the time between the last two looks (idle.interval, 30s unless configured); memory is
what a workspace cannot give back. PROCESSES are those of its user.

Examples:
  workdock top
  workdock top -l lab=neuro -o json`;

/** `top`: what running workspaces use. */
export function topCommand({ io, client }: VerbDeps): Command {
  return new Command('top')
    .description('CPU, memory and processes of running workspaces, the busiest first')
    .argument('[names...]', 'only these')
    .addOption(outputOption('table', 'json', 'yaml'))
    .option('-l, --selector <labels>', 'only those with these labels: lab=neuro')
    .addHelpText('after', more)
    .action(async (names: string[], { output, selector }: Flags) => {
      const all = await (await client()).top();
      const { rows, check } = chosenRows(all, { names, selector }, ({ phase }) => phase === 'Running');
      const sorted = rows.sort((a, b) => (b.cpuCores ?? -1) - (a.cpuCores ?? -1) || (a.name < b.name ? -1 : 1));
      if (!printData(io, output, sorted) && sorted.length > 0) for (const line of lines(sorted, io)) io.out(line);
      if (rows.length === 0 && names.length === 0) io.err('workdock: nobody of that kind runs');
      check(io);
    });
}

const HEAD = ['NAME', 'OWNER', 'CPU', 'CPU LIMIT', 'MEMORY', 'MEM LIMIT', 'MEM', 'PROCESSES', 'PID LIMIT'];

function lines(rows: TopRow[], { width }: Io): string[] {
  const cells = rows.map((row): Row => {
    const { name, owner, cpuCores, cpuLimit, memoryBytes, memoryLimitBytes, processes, pidsLimit } = row;
    const share = memoryBytes !== undefined && memoryLimitBytes ? memoryBytes / memoryLimitBytes : undefined;
    return [
      ...[name, owner, percent(cpuCores), percent(cpuLimit), bytes(memoryBytes), bytes(memoryLimitBytes)],
      ...[percent(share), text(processes), text(pidsLimit)],
    ];
  });
  return table(HEAD, cells, width === undefined ? {} : { width });
}

const text = (value: number | undefined) => (value === undefined ? '-' : String(value));
const bytes = (value: number | undefined) => (value === undefined ? '-' : bytesText(value));
const percent = (share: number | undefined) =>
  share === undefined ? '-' : `${share < 0.0995 ? Math.round(share * 1_000) / 10 : Math.round(share * 100)}%`;

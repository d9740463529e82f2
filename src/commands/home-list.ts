import { Command } from 'commander';
import { age } from '../lib/age.ts';
import { bytesText } from '../lib/bytes.ts';
import { type Row, table } from '../lib/table.ts';
import type { HomeRow } from '../model/homes.ts';
import { chosenRows } from './chosen-rows.ts';
import type { Io, VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

type Flags = { output: Format; selector?: string };

const more = `
STATE is "in use" (a container that is up has it mounted), "at rest" (a workspace has it, or a container that is down)
or "nobody's". SIZE is counted now and then, - until it was. Homes that are paths or volumes of their own are not
listed: workdock never moves them.

Examples:
  workdock home list
  workdock home list -o json | jq -r '.[] | select(.state == "Nobodys") | .home'`;

/** `home list`: every home of the data folder. */
export const homeListCommand = ({ io, client }: VerbDeps): Command =>
  new Command('list')
    .alias('ls')
    .description('homes, whose they are and what they take')
    .argument('[homes...]', 'only these')
    .addOption(outputOption('table', 'json', 'yaml', 'name'))
    .option('-l, --selector <labels>', 'only those of workspaces with these labels: lab=neuro')
    .addHelpText('after', more)
    .action(async (names: string[], { output, selector }: Flags) => {
      const all = (await (await client()).homes.list()).map((row) => ({ ...row, name: row.home }));
      const { rows, check } = chosenRows(all, { names, selector, what: 'home' }, () => true);
      print(
        rows.map(({ name: _name, ...row }) => row),
        output,
        io,
      );
      if (rows.length === 0 && names.length === 0) io.err('workdock: no homes');
      check(io);
    });

const states: Record<HomeRow['state'], string> = { InUse: 'in use', AtRest: 'at rest', Nobodys: "nobody's" };

function print(rows: HomeRow[], format: Format, io: Io): void {
  if (printData(io, format, rows)) return;
  if (format === 'name') for (const { home } of rows) io.out(home);
  else if (rows.length > 0) for (const line of lines(rows, io)) io.out(line);
}

/** `20001` for a uid that nobody has. */
export const ownerText = ({ owner, uid }: Pick<HomeRow, 'owner' | 'uid'>): string => owner ?? `uid ${uid}`;
export const lastUsedText = ({ state, lastUsedAt }: HomeRow, nowMs: number): string =>
  state === 'InUse' ? 'now' : lastUsedAt === undefined ? '-' : `${age(lastUsedAt, nowMs)} ago`;

const lines = (rows: HomeRow[], { now, width }: Io): string[] =>
  table(
    ['HOME', 'OWNER', 'WORKSPACE', 'SIZE', 'LAST USED', 'STATE'],
    rows.map((row): Row => {
      const size = row.bytes === undefined ? '-' : bytesText(row.bytes);
      const workspaces = row.workspaces.join(',') || '-';
      return [row.home, ownerText(row), workspaces, size, lastUsedText(row, now()), states[row.state]];
    }),
    width === undefined ? {} : { width },
  );

import { Command } from 'commander';
import { age } from '../lib/age.ts';
import { bytesText } from '../lib/bytes.ts';
import { WorkdockError } from '../lib/errors.ts';
import { type Row, table } from '../lib/table.ts';
import { parseEntry, type TrashRow } from '../model/homes.ts';
import { confirmed } from './confirm.ts';
import { durationMs } from './duration-option.ts';
import { orGivenUp } from './given-up.ts';
import { type HomeDeps, restoreHome } from './home.ts';
import type { Io } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';
import { report } from './several.ts';

const help = `
Homes come here by \`deletionPolicy: Trash\` when their workspace is removed, by \`home archive\` and by --swap. They
stay until a person empties the trash.

Examples:
  workdock trash list
  workdock trash restore ada@20261124T153000Z
  workdock trash empty --older-than 30d`;

/** `trash`: homes that were moved away. */
export const trashCommand = (deps: HomeDeps): Command =>
  new Command('trash')
    .description('homes that were moved away: list, restore, delete')
    .addHelpText('after', help)
    .addCommand(listCommand(deps))
    .addCommand(restoreCommand(deps))
    .addCommand(emptyCommand(deps));

const listCommand = ({ io, client }: HomeDeps): Command =>
  new Command('list')
    .alias('ls')
    .description('what is in the trash, the newest first')
    .addOption(outputOption('table', 'json', 'yaml', 'name'))
    .addHelpText('after', '\nAn entry that begins with a dot was left half done; `trash empty` takes it away.')
    .action(async ({ output }: { output: Format }) => {
      const rows = await (await client()).homes.trash();
      if (printData(io, output, rows)) return;
      if (output === 'name') for (const { entry } of rows) io.out(entry);
      else if (rows.length > 0) for (const line of lines(rows, io)) io.out(line);
      else io.err('workdock: the trash is empty');
    });

const left = { purge: 'half deleted: trash empty goes on', restore: 'half unpacked: trash empty takes it away' };
const noteOf = ({ unfinished, wantedBy }: TrashRow): string =>
  unfinished ? left[unfinished] : wantedBy ? `${wantedBy.join(', ')} waits for home restore` : '';

function lines(rows: TrashRow[], { now, width }: Pick<Io, 'now' | 'width'>): string[] {
  const cells = rows.map((row): Row => {
    const { entry, home, bytes, trashedAt } = row;
    const size = bytes === undefined ? '-' : bytesText(bytes);
    return [entry, home, size, trashedAt.replace('.000Z', 'Z'), age(trashedAt, now()), noteOf(row)];
  });
  const noted = rows.some((row) => noteOf(row) !== '');
  const head = ['ENTRY', 'HOME', 'SIZE', 'TRASHED', 'AGE', ...(noted ? ['NOTE'] : [])];
  return table(head, noted ? cells : cells.map((row) => row.slice(0, -1)), width === undefined ? {} : { width });
}

const restoreCommand = (deps: HomeDeps): Command =>
  new Command('restore')
    .description('bring an entry back as the home that it was')
    .argument('<entry>', 'as `workdock trash list` names it')
    .addHelpText('after', '\nThe same as `workdock home restore HOME --from ENTRY`.')
    .action(async (entry: string) => {
      const parsed = parseEntry(entry);
      if (parsed) return restoreHome(deps, parsed.home, { from: entry, swap: false });
      if (entry.startsWith('.') && !entry.includes('/')) {
        throw new WorkdockError('REFUSED', `${entry} is not a whole home any more`, {
          hint: 'trash empty takes it away',
        });
      }
      throw new WorkdockError('NOT_FOUND', `no ${entry} in the trash`, { hint: '`workdock trash list` lists it' });
    });

const emptyHelp = `
Without entries all of the trash is meant; --older-than is by the time in the name. It lists what will be lost, and
asks: one entry is confirmed by its name, several by how many they are. Without a terminal that has to be given with
--confirm, so that a script deletes only what it has counted itself.

Examples:
  workdock trash empty ada@20261124T153000Z
  workdock trash empty --older-than 30d
  workdock trash empty ada@20261124T153000Z --confirm ada@20261124T153000Z`;

type EmptyFlags = { olderThan?: number; confirm?: string };

const emptyCommand = (deps: HomeDeps): Command =>
  new Command('empty')
    .description('delete entries for good')
    .argument('[entries...]', 'as `workdock trash list` names them')
    .option('--older-than <duration>', 'only those that are in the trash for longer: 30d', durationMs)
    .option('--confirm <word>', 'the name of the one entry, or how many they are, instead of being asked')
    .addHelpText('after', emptyHelp)
    .action(async (names: string[], { olderThan, confirm }: EmptyFlags) => {
      const { io } = deps;
      const { homes } = await deps.client();
      const chosen = chosenOf(await homes.trash(), names, olderThan === undefined ? undefined : io.now() - olderThan);
      if (chosen.length === 0) {
        const older = olderThan === undefined ? '' : ' so old';
        return io.err(`workdock: nothing${older} is in the trash: nothing was deleted`);
      }
      const entries = chosen.map(({ entry }) => entry);
      const [what, word] = entries.length === 1 ? ['it', entries[0]!] : ['them', `${entries.length}`];
      const confirmWith = { word, lost: lines(chosen, { now: io.now }), what };
      const typed = await confirmed(deps, confirmWith, confirm);
      const rest = 'what is left is in workdock trash list';
      const done = await orGivenUp(deps, rest, (following) => homes.empty({ entries, confirm: typed }, following));
      if (!done) return;
      for (const { entry, emptied } of done) if (emptied) io.out(`${entry} is deleted`);
      const failures = done.flatMap(({ entry, message }) =>
        message === undefined ? [] : [new WorkdockError('PARTIAL_FAILURE', `${entry}: ${message}`, { hint: '' })],
      );
      report(failures, done.length, io);
    });

function chosenOf(all: TrashRow[], names: string[], beforeMs: number | undefined): TrashRow[] {
  const missing = names.find((name) => !all.some(({ entry }) => entry === name));
  if (missing !== undefined) {
    throw new WorkdockError('NOT_FOUND', `no ${missing} in the trash`, { hint: '`workdock trash list` lists it' });
  }
  const isMeant = ({ entry, trashedAt }: TrashRow) =>
    (names.length === 0 || names.includes(entry)) && (beforeMs === undefined || Date.parse(trashedAt) < beforeMs);
  return all.filter(isMeant);
}

import { resolve } from 'node:path';
import { Command } from 'commander';
import { sizeText } from '../lib/bytes.ts';
import { WorkdockError } from '../lib/errors.ts';
import { parseEntry, withoutEnding } from '../model/homes.ts';
import { type AskPerson, confirmed } from './confirm.ts';
import { type OnInterrupt, orGivenUp } from './given-up.ts';
import { homeListCommand, lastUsedText, ownerText } from './home-list.ts';
import type { VerbDeps } from './io.ts';

export type HomeDeps = VerbDeps & { onInterrupt: OnInterrupt; askPerson: AskPerson };

const help = `
A home is a folder users/NAME of the data folder; it stays when its workspace goes. What a verb moves away lies in
\`workdock trash list\`. Only \`home purge\` and \`trash empty\` delete anything, and only with the name confirmed.

Examples:
  workdock home list
  workdock home archive ada --keep
  workdock home restore ada
  workdock home purge ada`;

/** `home`: what becomes of homes. */
export const homeCommand = (deps: HomeDeps): Command =>
  new Command('home')
    .description('homes: list, archive, restore, delete')
    .addHelpText('after', help)
    .addCommand(homeListCommand(deps))
    .addCommand(archiveCommand(deps))
    .addCommand(restoreCommand(deps))
    .addCommand(purgeCommand(deps));

const archiveHelp = `
Packs it with owners, modes, links and extended attributes, reads the archive back and compares it, and then moves the
home to the trash; with --keep it stays. Without --keep no workspace may have it: remove its file first. With --keep it
only has to be at rest. Without --to the archive is archives/NAME@TIME.tar.gz in the data folder. Sockets and what is
mounted in it are left out. Ctrl-C gives it up and leaves no archive.

Examples:
  workdock home archive ada
  workdock stop ada --wait && workdock home archive ada --keep --to /backup/ada.tar.gz`;

const archiveCommand = (deps: HomeDeps): Command =>
  new Command('archive')
    .description('pack a home into a compressed tar, and move it to the trash')
    .argument('<home>', 'as `workdock home list` names it')
    .option('--to <file>', 'a file of its own that is not there yet')
    .option('--keep', 'only a copy: the home stays where it is')
    .addHelpText('after', archiveHelp)
    .action(async (home: string, { to, keep = false }: { to?: string; keep?: boolean }) => {
      const { io } = deps;
      const { homes } = await deps.client();
      const ask = { keep, ...(to !== undefined && { to: resolve(io.cwd, to) }) };
      const left = `no archive was left, and home ${home} is where it was`;
      const done = await orGivenUp(deps, left, (following) => homes.archive(home, ask, following));
      if (!done) return;
      const { archive, bytes, changed, moreChanged, notes, entry } = done;
      for (const note of notes) io.err(`workdock: ${note}`);
      for (const path of changed) io.err(`workdock: changed while it was read: ${path}`);
      if (moreChanged) io.err('workdock: and others changed as well');
      io.out(archive);
      io.err(`workdock: home ${home} is packed in ${sizeText(bytes)}, read back and compared`);
      if (entry !== null) io.err(`workdock: the home is in the trash as ${entry}`);
    });

const restoreHelp = `
Without --from the newest that the home left is taken, be it in the trash or an archive. An archive stays where it is.
Nothing is ever restored over a home that is there; --swap moves that one to the trash first, when it is at rest.

Examples:
  workdock home restore ada
  workdock home restore ada --from ada@20261124T153000Z
  workdock home restore ada --from /backup/ada.tar.gz
  workdock stop ada --wait && workdock home restore ada --swap`;

/** The name of an entry or archive; anything else is a path from here. */
const fromOf = (from: string, cwd: string): string =>
  parseEntry(withoutEnding(from)) === undefined ? resolve(cwd, from) : from;

const restoreCommand = (deps: HomeDeps): Command =>
  new Command('restore')
    .description('bring a home back from the trash or an archive')
    .argument('<home>', 'its name')
    .option('--from <what>', 'an entry of the trash, an archive of the data folder, or a file')
    .option('--swap', 'the home that is there now goes to the trash')
    .addHelpText('after', restoreHelp)
    .action(async (home: string, { from, swap = false }: { from?: string; swap?: boolean }) => {
      const { io } = deps;
      const ask = { swap, ...(from !== undefined && { from: fromOf(from, io.cwd) }) };
      await restoreHome(deps, home, ask);
    });

export async function restoreHome(deps: HomeDeps, home: string, ask: { from?: string; swap: boolean }): Promise<void> {
  const { io } = deps;
  const { homes } = await deps.client();
  const left = `nothing was restored as home ${home}; see workdock home list`;
  const done = await orGivenUp(deps, left, (following) => homes.restore(home, ask, following));
  if (!done) return;
  io.out(`home ${home} is back from ${done.from}, of ${ownerText(done)}`);
  if (done.swapped !== null) io.err(`workdock: the one before is in the trash as ${done.swapped}`);
}

const purgeHelp = `
Only a home that no workspace and no container has. It says what will be lost, and asks for the name; without a
terminal the name has to be given with --confirm.

Examples:
  workdock home purge ada
  workdock home purge ada --confirm ada`;

const purgeCommand = (deps: HomeDeps): Command =>
  new Command('purge')
    .description('delete a home for good')
    .argument('<home>', 'as `workdock home list` names it')
    .option('--confirm <home>', 'its name once more, instead of being asked')
    .addHelpText('after', purgeHelp)
    .action(async (home: string, { confirm }: { confirm?: string }) => {
      const { io } = deps;
      const { homes } = await deps.client();
      const row = await homes.size(home);
      if (row.refusal) throw new WorkdockError('REFUSED', row.refusal.message, { hint: row.refusal.hint });
      const size = row.bytes === undefined ? 'of unknown size' : sizeText(row.bytes);
      const files = row.files === undefined ? 'files not counted' : `${row.files} file${row.files === 1 ? '' : 's'}`;
      const lost = [`home ${home} of ${ownerText(row)}: ${size}, ${files}, last used ${lastUsedText(row, io.now())}`];
      const word = await confirmed(deps, { word: home, lost, what: `home ${home}` }, confirm);
      const left = 'what is left of it is in workdock trash list, and trash empty goes on';
      const done = await orGivenUp(deps, left, (following) => homes.purge(home, word, following));
      if (done) io.out(`home ${home} is deleted`);
    });

import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { durationWithin } from './duration-option.ts';
import type { VerbDeps } from './io.ts';
import { tryEach } from './several.ts';

const SECOND_MS = 1_000;
const YEAR_MS = 366 * 24 * 3_600_000;

type Flags = { all?: true; for?: number };

const suspendHelp = `
Nothing is done to a suspended workspace: no start, no stop, no repair, no update. What runs goes on running.

Examples:
  workdock suspend ada --for 1h    hands off ada for an hour
  workdock suspend --all           hands off everything, until \`workdock resume --all\``;

/** `suspend`: the brake without a commit. */
export function suspendCommand({ io, client }: VerbDeps): Command {
  return new Command('suspend')
    .description('leave workspaces alone until resumed')
    .argument('[names...]', 'workspaces')
    .option('--all', 'the whole controller')
    .option('--for <duration>', 'resume by itself after this long', durationWithin(SECOND_MS, YEAR_MS))
    .addHelpText('after', suspendHelp)
    .action(async (names: string[], { all, for: forMs }: Flags) => {
      const api = await client();
      await tryEach(targets(names, all), io, async (name) => {
        await api.suspend(name === ALL ? null : name, forMs);
        io.out(`${name === ALL ? 'everything' : name} suspended`);
      });
    });
}

/** `resume`: ends `suspend`, but not `spec.suspend: true`. */
export function resumeCommand({ io, client }: VerbDeps): Command {
  return new Command('resume')
    .description('end a suspend')
    .argument('[names...]', 'workspaces')
    .option('--all', 'the whole controller')
    .addHelpText('after', '\nExamples:\n  workdock resume ada\n  workdock resume --all')
    .action(async (names: string[], { all }: Flags) => {
      const api = await client();
      await tryEach(targets(names, all), io, async (name) => {
        await api.resume(name === ALL ? null : name);
        io.out(`${name === ALL ? 'everything' : name} resumed`);
      });
    });
}

/** No workspace can have this name. */
const ALL = '';

function targets(names: string[], all: true | undefined): string[] {
  if (names.length > 0 !== (all === true)) return all === true ? [ALL] : [...new Set(names)];
  throw new WorkdockError('USAGE', 'give names or --all, one of the two', { hint: '`workdock suspend --help`' });
}

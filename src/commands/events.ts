import { Command, InvalidArgumentError } from 'commander';
import { age } from '../lib/age.ts';
import { plain } from '../lib/plain-text.ts';
import type { WorkspaceEvent } from '../model/status.ts';
import { becauseLines } from './because-text.ts';
import type { Io, VerbDeps } from './io.ts';
import { type Format, outputOption } from './output.ts';

/** Of what led to an event, below it. */
const INDENT = 14;

type Flags = { watch?: true; number: number; output: Format };

const examples = `
Examples:
  workdock events                  the last 50 of all workspaces
  workdock events ada -n 10
  workdock events ada -o wide      and below each what led to it, nearest first
  workdock events -w               and every new one, until interrupted
  workdock events ada -o json | jq -r '.reason'     one JSON object a line
  workdock events ada -o json | jq -c '[.reason, .because[]?.reason, .trigger]'`;

/** `events`: what was done, when, why. */
export function eventsCommand({ io, client }: VerbDeps): Command {
  return new Command('events')
    .description('what happened to workspaces, oldest first')
    .argument('[name]', 'only this workspace')
    .option('-w, --watch', 'stay and print new ones')
    .option('-n, --number <count>', 'how many of the past', count, 50)
    .addOption(outputOption('text', 'wide', 'json'))
    .addHelpText('after', examples)
    .action(async (name: string | undefined, { watch, number: limit, output }: Flags) => {
      const filter = { limit, ...(name === undefined ? {} : { name }) };
      const print = (event: WorkspaceEvent) => {
        io.out(output === 'json' ? JSON.stringify(event) : line(event, io));
        if (output === 'wide') for (const text of becauseLines(event)) io.out(`${' '.repeat(INDENT)}${text}`);
      };
      const api = await client();
      const past = watch && name === undefined ? [] : await api.events(filter);
      // An unknown name is an error and not an empty list; that of a home without a workspace has events as well.
      if (name !== undefined && past.length === 0) await api.describe(name);
      if (watch) await api.follow(filter, print, new AbortController().signal);
      else for (const event of past) print(event);
    });
}

function line({ at, name, type, reason, message, count }: WorkspaceEvent, { now, width }: Io): string {
  const when = width === undefined ? at : `${age(at, now())} ago`.padStart(10);
  const times = count > 1 ? ` (${count} times)` : '';
  return `${when}  ${type === 'Warning' ? '!' : ' '} ${name}  ${reason}  ${plain(message)}${times}`;
}

function count(text: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number from 0 to 99999.');
}

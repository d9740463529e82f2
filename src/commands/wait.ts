import { Command, Option } from 'commander';
import { parseGoal } from '../client/goal.ts';
import { waitFor } from '../client/wait-for.ts';
import { WorkdockError } from '../lib/errors.ts';
import { durationMs } from './duration-option.ts';
import type { Io, VerbDeps } from './io.ts';
import { chosenNames } from './selection.ts';
import { printError, report } from './several.ts';

type Flags = { for: string; timeout: number; selector?: string };

const examples = `
Examples:
  workdock wait ada
  workdock wait -l lab=neuro --for=Stopped --timeout 2m
  workdock wait ada --for=Condition=UpdatePending=False
Exits with 6 when the time is up and with 5 for a name that is not there. A condition that a workspace does not have
counts as Unknown. Never true for a status of an older generation of the spec.`;

/** `wait`: until workspaces are as asked. */
export function waitCommand({ io, client }: VerbDeps): Command {
  return new Command('wait')
    .description('wait until workspaces are ready, stopped, or have a condition')
    .argument('[names...]', 'workspaces to wait for')
    .option('-l, --selector <labels>', 'those with these labels')
    .option('--for <goal>', 'Ready, Stopped or Condition=Type[=Status]', 'Ready')
    .addOption(new Option('--timeout <duration>', 'how long at most').argParser(durationMs).default(60_000, '1m'))
    .addHelpText('after', examples)
    .action(async (names: string[], { for: text, timeout: timeoutMs, selector }: Flags) => {
      const goal = parseGoal(text);
      const api = await client();
      const chosen = await chosenNames(api, names, selector);
      const onMet = (name: string) => io.out(`${name} ${goal.text}`);
      reportWaits(await waitFor(api, chosen, { goalOf: () => goal, timeoutMs, onMet }), chosen.length, io);
    });
}

/** As `report`, but several that all ran out of time end as WAIT_TIMEOUT. */
export function reportWaits(failures: WorkdockError[], total: number, io: Io): void {
  if (failures.length > 1 && failures.every(({ code }) => code === 'WAIT_TIMEOUT')) {
    for (const failure of failures) printError(io, failure);
    throw new WorkdockError('WAIT_TIMEOUT', `${failures.length} of ${total} are not there yet`, { hint: '' });
  }
  report(failures, total, io);
}

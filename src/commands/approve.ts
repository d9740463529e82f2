import { Command } from 'commander';
import type { ApiClient } from '../client/client.ts';
import { WorkdockError } from '../lib/errors.ts';
import { heldLines } from './held-text.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

const help = `
One change of the specs that would stop, shrink or recreate more running workspaces than guard.disruptions allows, and
removals above guard.removals, wait here. A hash stands for one list: when anything in it changes it is another one,
and the old hash is refused (exit 7). Its first 6 digits are enough. New workspaces start meanwhile.

Examples:
  workdock approve                 what is held, and the command for each list
  workdock approve 1a2b3c4d5e6f    lets exactly that list through
  workdock approve -o json | jq -r '.[].hash'`;

/** `approve`: what is held, or a person's word for one list of it. */
export function approveCommand({ io, client }: VerbDeps): Command {
  return new Command('approve')
    .description('list what is held, or let one held list through')
    .argument('[hash]', 'of a held list')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', help)
    .action(async (hash: string | undefined, { output }: { output: Format }) => {
      const api = await client();
      if (hash === '')
        throw new WorkdockError('USAGE', 'the hash is empty', { hint: '`workdock approve` lists what is held' });
      if (hash === undefined) {
        const lists = await api.held();
        if (printData(io, output, lists)) return;
        if (lists.length === 0) io.out('nothing is held');
        for (const [at, list] of lists.entries()) {
          for (const line of [...(at === 0 ? [] : ['']), ...heldLines(list, io.now())]) io.out(line);
        }
        return;
      }
      const done = await api.approve(hash).catch(async (error: unknown) => {
        if (error instanceof WorkdockError && error.code === 'REFUSED') await tellHeld(api, io);
        throw error;
      });
      if (printData(io, output, done)) return;
      const { outcome, kind, names } = done;
      const what = kind === 'removals' ? 'removal' : 'change';
      const count = `${names.length} ${what}${names.length === 1 ? '' : 's'}`;
      const was = outcome === 'already' ? 'was approved before' : 'approved';
      io.out(`${done.hash} ${was}: ${count} let through: ${names.join(' ')}`);
    });
}

async function tellHeld(api: ApiClient, io: VerbDeps['io']): Promise<void> {
  for (const list of await api.held()) for (const line of heldLines(list, io.now())) io.err(line);
}

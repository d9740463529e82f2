import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import { isName } from '../model/name.ts';
import type { PlanRow } from '../model/service.ts';
import { changeText } from './change-text.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';
import { type PlanDeps, planOffline } from './plan-offline.ts';

type Flags = { output: Format; exitCode?: true };

const examples = `
A path is compared with what was last accepted; so is everything when no controller answers. Neither asks the engine.

Examples:
  workdock plan                    what differs, what would be done and what it costs the user
  workdock plan ada -o json
  workdock plan review/workspaces  what these files would change
  workdock plan --exit-code        exits with 1 when anything differs`;

/** `plan`: what the controller would do now, and why it does not. Changes nothing. */
export function planCommand({ client, ...deps }: VerbDeps & PlanDeps): Command {
  const { io } = deps;
  const asked = async (target: string | undefined): Promise<PlanRow[]> => {
    if (target !== undefined && !isName(target)) return (await planOffline(deps, target)) ?? [];
    try {
      return await (await client()).plan(target);
    } catch (error) {
      if (!(error instanceof WorkdockError) || error.code !== 'CONTROLLER_UNREACHABLE') throw error;
      const rows = await planOffline(deps);
      if (rows === undefined) throw error;
      io.err('workdock: no controller answers; compared with what it last accepted');
      const found = rows.filter(({ name }) => target === undefined || name === target);
      if (found.length > 0 || target === undefined) return found;
      throw new WorkdockError('NOT_FOUND', `no workspace ${target}`, {
        hint: `for a folder of specs write ./${target}`,
      });
    }
  };
  return new Command('plan')
    .description('show what would change, and what that costs')
    .argument('[target]', 'only this workspace, or the specs of this file or folder')
    .addOption(outputOption('text', 'json', 'yaml'))
    .option('--exit-code', 'exit with 1 when there is a difference')
    .addHelpText('after', examples)
    .action(async (target: string | undefined, { output, exitCode }: Flags) => {
      const rows = await asked(target);
      const different = rows.filter(({ steps, changes }) => steps.length + changes.length > 0);
      const told = rows.filter(
        (row) => different.includes(row) || (target !== undefined && row.waitsFor !== undefined),
      );
      if (!printData(io, output, rows)) {
        for (const row of told) for (const line of rowLines(row)) io.out(line);
        if (told.length === 0) io.out('no difference');
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

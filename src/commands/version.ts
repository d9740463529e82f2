import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { ownVersion } from '../lib/version.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';

/** `version`: ours and, when it answers, the controller's. */
export function versionCommand({ io, client }: VerbDeps): Command {
  return new Command('version')
    .description('versions of this client, of Node and of the controller')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', '\nExamples:\n  workdock version\n  workdock version -o json')
    .action(async ({ output }: { output: Format }) => {
      const controller = await (await client()).summary().then(
        (summary) => summary.controller.version,
        (error: unknown) => {
          if (error instanceof WorkdockError) return null;
          throw error;
        },
      );
      const versions = { client: ownVersion(), node: process.versions.node, controller };
      if (printData(io, output, versions)) return;
      io.out(`client      ${versions.client}`);
      io.out(`node        ${versions.node}`);
      io.out(`controller  ${controller ?? 'does not answer'}`);
    });
}

import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { idleNote, initFiles } from './init-files.ts';
import type { Io } from './io.ts';
import { shown, wouldWrite, writeNew } from './offline.ts';

const examples = `
Examples:
  workdock init
  workdock init /srv/lab --dry-run`;

/** `workdock init`: a config, an example and a .gitignore; files that are there stay as they are. */
export function initCommand({ io }: { io: Io }): Command {
  return new Command('init')
    .description('write a commented config and an example')
    .argument('[dir]', 'folder', '.')
    .option('--dry-run', 'say what would be written')
    .addHelpText('after', examples)
    .action(async (dir: string, { dryRun }: { dryRun?: boolean }) => {
      let observes = false;
      for (const [name, text] of Object.entries(initFiles)) {
        const path = join(resolve(io.cwd, dir), name);
        const outcome = await (dryRun ? wouldWrite : writeNew)(path, text);
        const word = outcome === 'written' ? (dryRun ? 'would write' : 'written') : 'kept';
        io.out(`${word}  ${shown(path, io.cwd)}`);
        if (name === 'workdock.yaml' && outcome === 'written') observes = true;
      }
      if (observes) for (const line of idleNote) io.err(line);
    });
}

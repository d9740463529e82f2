import { Command } from 'commander';

/** What was asked for; absent = as the config says, or built in. */
export type UpOptions = { specs: string[]; data?: string; instance?: string; state?: string; config?: string };

const examples = `
Runs in the foreground and says one line when it is ready. TERM or Ctrl-C ends it and leaves the workspaces running.

Examples:
  workdock up                      the specs in ./workspaces
  workdock up specs more-specs --data /srv/workdock`;

/** `up`: the controller. */
export function upCommand({ runUp }: { runUp: (options: UpOptions) => Promise<void> }): Command {
  return new Command('up')
    .description('run the controller over folders of specs')
    .argument('[specs...]', 'folders of specs (the config, else ./workspaces)')
    .option('--data <dir>', 'data folder: homes and durable decisions (the config, else ./data)')
    .option('--instance <name>', 'name of this controller, for specs that name one')
    .addHelpText('after', examples)
    .action(async (specs: string[], _flags: unknown, command: Command) => {
      await runUp({ ...command.optsWithGlobals<Omit<UpOptions, 'specs'>>(), specs });
    });
}

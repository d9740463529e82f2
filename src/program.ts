import { Command } from 'commander';
import { makeClient } from './client/client.ts';
import type { Io, VerbDeps } from './commands/io.ts';
import { stateFolder } from './commands/state-folder.ts';
import { installedConfig } from './spec/find-config.ts';
import { type Verb, verbs } from './verbs.ts';

type Flags = { state?: string; config?: string };

const footer = `
Files that every verb looks for: --state DIR or WORKDOCK_STATE (the config's, else ./state beside it), and
--config FILE or WORKDOCK_CONFIG (./workdock.yaml when there is one, else that of the installed service).

Examples:
  workdock up                      run the controller over ./workspaces
  workdock get                     what runs, problems first
  workdock why ada                 why ada is as it is
  workdock stop ada && workdock start ada --wait

Exit codes: 0 ok, 1 difference (plan --exit-code), 2 usage, 3 invalid spec or config, 4 controller or engine
unreachable, 5 not found, 6 wait timed out, 7 refused, 8 some failed, 70 a bug of ours. exec and shell: the command's,
125 for every failure of ours, 7 for --no-start.`;

/**
 * The command line as far as `argv` speaks of it: the verb that is asked for, loaded; without one, every verb as its
 * name and summary, which is all that help and suggestions need. Loading all would cost each verb more than it takes.
 */
export async function makeProgram(argv: readonly string[], io: Io): Promise<Command> {
  const program = new Command('workdock')
    .description('Keeps container workspaces as their YAML files say.')
    .option('--state <dir>', 'state folder of the controller')
    .option('--config <file>', 'config file')
    .option('-V, --version', 'same as `workdock version`')
    .addHelpText('after', footer)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => io.width ?? 80,
      getErrHelpWidth: () => io.width ?? 80,
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      outputError: (text, write) => {
        const told = text.replace(/^error: /, 'workdock: ');
        write(failsWith(argv) === undefined ? told : told.replace('\n', ' (USAGE)\n'));
      },
    });
  const flags = () => program.opts<Flags>();
  const place = { env: io.env, cwd: io.cwd, installed: installedConfig };
  const config = async (file?: string) => {
    const { loadConfig } = await import('./spec/config.ts');
    const flagFile = file ?? flags().config;
    return loadConfig({ ...(flagFile === undefined ? {} : { flagFile }), ...place });
  };
  const state = () => stateFolder({ flags: flags(), ...place, loadConfig: config });
  const deps: VerbDeps = { io, client: async () => makeClient({ state: await state() }) };
  const spoken = spokenOf(argv);
  const asked = verbs.filter(({ name, aliases }) => spoken.some((word) => word === name || aliases.includes(word)));
  for (const verb of asked) program.addCommand(await loaded(verb, program, { ...deps, config, state }));
  if (asked.length === 0) for (const verb of verbs) program.addCommand(stub(verb));
  return program;
}

/** Exit code of a failure of the verb that is asked for, when it has one for all. */
export const failsWith = (argv: readonly string[]): number | undefined =>
  verbs.find(({ name }) => name === spokenOf(argv)[0])?.failsWith;

/** The first words that are not a global flag or its value: a verb, or `help` and a verb. */
function spokenOf(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length && words.length < 2; at += 1) {
    const word = argv[at]!;
    if (word === '--state' || word === '--config') at += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  return words[0] === 'help' ? words : words.slice(0, 1);
}

const stub = ({ name, aliases, summary, group }: Verb) =>
  new Command(name).aliases(aliases).summary(summary).helpGroup(group).allowUnknownOption();

async function loaded(verb: Verb, program: Command, deps: Parameters<Verb['load']>[0]): Promise<Command> {
  const command = await verb.load(deps);
  inherit(command, program);
  return command.aliases(verb.aliases).summary(verb.summary).helpGroup(verb.group);
}

/** `addCommand` does not hand down settings such as exitOverride; without them a usage error would end the process. */
function inherit(command: Command, from: Command): void {
  command.copyInheritedSettings(from);
  for (const child of command.commands) inherit(child, command);
}

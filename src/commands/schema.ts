import { Argument, Command } from 'commander';
import { configJsonSchema, workspaceJsonSchema } from '../spec/emit-schema.ts';
import type { Io } from './io.ts';

const examples = `
Examples:
  workdock schema > workspace.v1.json    then, as the first line of a spec:
                                         # yaml-language-server: $schema=workspace.v1.json
  workdock schema config`;

/** `workdock schema`: the JSON schema (draft-07) of spec files or of the config, for editors. */
export function schemaCommand({ io }: { io: Io }): Command {
  return new Command('schema')
    .description('print the JSON schema of spec files, or of the config')
    .addArgument(new Argument('[of]', 'whose').choices(['workspace', 'config']).default('workspace'))
    .addHelpText('after', examples)
    .action((of: 'workspace' | 'config') => {
      io.out(JSON.stringify(of === 'config' ? configJsonSchema() : workspaceJsonSchema(), null, 2));
    });
}

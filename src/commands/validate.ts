import { Command, Option } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { problemsText } from '../spec/problem-text.ts';
import { catalogOf, neighbours, type OfflineDeps, shown } from './offline.ts';

const examples = `
Examples:
  workdock validate                     all specs folders of the config
  workdock validate workspaces/ada.yaml
  workdock validate -o json | jq .problems`;

/** `workdock validate`: every problem as file:line:col with a caret and what to write instead. Exit 0 or 3. */
export function validateCommand(deps: OfflineDeps): Command {
  return new Command('validate')
    .description('check spec files without a controller')
    .argument('[path...]', 'files or folders (the specs folders of the config)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples)
    .action((paths: string[], { output }: { output: 'text' | 'json' }) => validate(paths, output, deps));
}

async function validate(paths: string[], output: 'text' | 'json', deps: OfflineDeps): Promise<void> {
  const { io, readSpecs } = deps;
  const config = await deps.config();
  const given = paths.length > 0 ? paths : config.specs.map((folder) => shown(folder, io.cwd));
  const read = (await Promise.all(given.map(readSpecs))).flat();
  const files = [...new Map(read.map((file) => [file.path, file])).values()];
  const around = await neighbours(deps, files, config.specs);
  const asked = new Set(files.map(({ path }) => path));
  const catalog = await catalogOf([...files, ...around], config);
  const problems = catalog.problems.filter(({ file }) => asked.has(file));
  const workspaces = [...catalog.declarations.values()].filter(({ source }) => asked.has(source.path)).length;
  const { templates } = around.length === 0 ? catalog : await catalogOf(files, config);
  if (output === 'json') {
    io.out(
      JSON.stringify({ ok: problems.length === 0, files: files.length, workspaces, templates, problems }, null, 2),
    );
    if (problems.length > 0) io.exitWith(new WorkdockError('SPEC_INVALID', '', { hint: '' }).policy.exit);
    return;
  }
  if (problems.length === 0) return io.err(`${count(workspaces, 'workspace')}, ${count(templates, 'template')}: ok`);
  io.err(problemsText(problems));
  const broken = new Set(problems.map(({ file }) => file)).size;
  const message = `${count(problems.length, 'problem')} in ${broken} of ${count(files.length, 'file')}`;
  throw new WorkdockError('SPEC_INVALID', message, { hint: '' });
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import type { Config } from '../model/config.ts';
import { problemsText } from '../spec/problem-text.ts';
import { catalogOf, knownFrom, neighbours, type OfflineDeps, shown } from './offline.ts';
import type { RevisionDeps } from './plan-git.ts';
import type { PlanDeps } from './plan-offline.ts';

const examples = `
Examples:
  workdock validate                     all specs folders of the config
  workdock validate workspaces/ada.yaml
  workdock validate --git HEAD          the files as this commit has them
  workdock validate -o json | jq .problems`;

type ValidateDeps = OfflineDeps & RevisionDeps & Pick<PlanDeps, 'accepted'>;

/** `workdock validate`: every problem as file:line:col with a caret and what to write instead. Exit 0 or 3. */
export function validateCommand(deps: ValidateDeps): Command {
  return new Command('validate')
    .description('check spec files without a controller')
    .argument('[path...]', 'files or folders (the specs folders of the config)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--git <revision>', 'the files of this commit: of the checkout here, or at the path')
    .addHelpText('after', examples)
    .action((paths: string[], flags: Flags) => validate(paths, flags, deps));
}

type Flags = { output: 'text' | 'json'; git?: string };

/** What is to be checked, and what stands around it. */
async function filesOf(paths: string[], git: string | undefined, deps: OfflineDeps & RevisionDeps, config: Config) {
  if (git !== undefined) {
    const [folder = '.', second] = paths;
    if (second !== undefined)
      throw new WorkdockError('USAGE', 'a commit is of one checkout', { hint: 'name one path, or none' });
    return { files: (await (await deps.openRevisions(folder, config))(git)).files, around: [] };
  }
  if (paths.length === 0 && config.source !== null && !config.specs.some((folder) => existsSync(folder))) {
    // No checkout here: what the controller fetched last.
    return { files: (await (await deps.openRevisions('.', config))('HEAD')).files, around: [] };
  }
  const given = paths.length > 0 ? paths : config.specs.map((folder) => shown(folder, deps.io.cwd));
  const read = (await Promise.all(given.map(deps.readSpecs))).flat();
  const files = [...new Map(read.map((file) => [file.path, file])).values()];
  return { files, around: await neighbours(deps, files, config.specs) };
}

async function validate(paths: string[], { output, git }: Flags, deps: ValidateDeps): Promise<void> {
  const { io } = deps;
  const config = await deps.config();
  const { files, around } = await filesOf(paths, git, deps, config);
  const asked = new Set(files.map(({ path }) => path));
  // Beside a controller its records tell a rename that is asked for from one that was seen to.
  const accepted = await deps.accepted(config.data).catch(() => undefined);
  const known = accepted && { known: knownFrom(accepted) };
  const catalog = await catalogOf([...files, ...around], config, known);
  const problems = catalog.problems.filter(({ file }) => asked.has(file));
  const workspaces = [...catalog.declarations.values()].filter(({ source }) => asked.has(source.path)).length;
  const { templates } = around.length === 0 ? catalog : await catalogOf(files, config);
  const renames = [...catalog.declarations.values()].flatMap((each) => {
    const from = each.kind === 'valid' && asked.has(each.source.path) ? each.renamedFrom : undefined;
    const isAsked = from !== undefined && (!accepted || catalog.renames.get(from) === each.name);
    return isAsked ? [{ name: each.name, renamedFrom: from, file: each.source.path, line: each.source.line }] : [];
  });
  if (output === 'json') {
    const counts = { files: files.length, workspaces, templates };
    io.out(JSON.stringify({ ok: problems.length === 0, ...counts, renames, problems }, null, 2));
    if (problems.length > 0) io.exitWith(new WorkdockError('SPEC_INVALID', '', { hint: '' }).policy.exit);
    return;
  }
  for (const { name, renamedFrom, file, line } of renames) {
    io.err(`${file}:${line}: ${name} is renamed from ${renamedFrom}: its home and container go on`);
  }
  if (problems.length === 0) return io.err(`${count(workspaces, 'workspace')}, ${count(templates, 'template')}: ok`);
  io.err(problemsText(problems));
  const broken = new Set(problems.map(({ file }) => file)).size;
  const message = `${count(problems.length, 'problem')} in ${broken} of ${count(files.length, 'file')}`;
  throw new WorkdockError('SPEC_INVALID', message, { hint: '' });
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { problemsText } from '../spec/problem-text.ts';
import { catalogOf, existingSpecs, type OfflineDeps, problemsOf, shown, tellToPush, writeNew } from './offline.ts';
import { endOf, specComments, specText } from './spec-text.ts';

type Flags = { owner?: string; template?: string; file?: string; dryRun?: boolean };

const examples = `
Examples:
  workdock new ada
  workdock new ada-gpu --owner ada --template gpu --file workspaces/gpu/ada.yaml`;

/** `workdock new`: a spec of five lines, checked together with those that are there. Overwrites nothing. */
export function newCommand(deps: OfflineDeps): Command {
  return new Command('new')
    .description('write a spec for one workspace')
    .argument('<name>', 'name of the workspace')
    .option('--owner <owner>', 'whose it is (the name)')
    .option('--template <template>', 'template to build on')
    .option('--file <file>', 'where to write it (NAME.yaml in the first specs folder)')
    .option('--dry-run', 'print it and write nothing')
    .addHelpText('after', examples)
    .action((name: string, flags: Flags) => writeSpec(name, flags, deps));
}

async function writeSpec(
  name: string,
  { owner = name, template, file, dryRun }: Flags,
  deps: OfflineDeps,
): Promise<void> {
  const { io } = deps;
  const config = await deps.config();
  if (file !== undefined && !/(^|\/)[^./][^/]*\.ya?ml$/.test(file)) {
    const hint = 'a spec file is named *.yaml or *.yml, without a dot in front; nothing was written';
    throw new WorkdockError('USAGE', `${file} would not be read as a spec`, { hint });
  }
  const path = file === undefined ? join(config.specs[0]!, `${name}.yaml`) : resolve(io.cwd, file);
  const text = `${specText({ name, owner, template })}${template === undefined ? specComments : ''}${endOf(config)}`;
  const spec = { path: shown(path, io.cwd), text, sha256: '' };
  const others = (await existingSpecs(deps, config.specs)).filter(({ path: other }) => other !== spec.path);
  const problems = problemsOf(await catalogOf([...others, spec], config), name, spec.path);
  if (problems.length > 0) {
    throw new WorkdockError('SPEC_INVALID', `${name} would not be valid\n${problemsText(problems)}`, {
      hint: 'nothing was written',
    });
  }
  if (dryRun) return io.out(text.trimEnd());
  if ((await writeNew(path, text)) !== 'written') {
    const hint = 'edit it, or name another with --file; nothing was written';
    throw new WorkdockError('REFUSED', `${spec.path} exists`, { hint });
  }
  io.out(spec.path);
  tellToPush(config, io);
}

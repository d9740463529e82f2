import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import type { Problem } from '../model/problem.ts';
import {
  catalogOf,
  existingSpecs,
  type OfflineDeps,
  problemsOf,
  shown,
  tellToPush,
  wouldWrite,
  writeNew,
} from './offline.ts';
import { type Person, readPeople } from './people.ts';
import { endOf, specText } from './spec-text.ts';

type Flags = { out?: string; template?: string; dryRun?: boolean };

const details = `
The first line names the columns: name, owner, email (at least one of them), lab, cpu, memory, template and
labels.KEY. Names are made of e-mails and of "First Last"; accents are folded.

Examples:
  workdock import people.csv --dry-run
  workdock import people.csv --template neuro --out workspaces/neuro`;

/** `workdock import`: one spec per person of a list, checked with all others. Overwrites nothing; 8 = some failed. */
export function importCommand(deps: OfflineDeps): Command {
  return new Command('import')
    .description('write specs for a list of people')
    .argument('<people.csv>', 'comma or semicolon separated list, as spreadsheets write it')
    .option('--out <dir>', 'where to write them (the first specs folder)')
    .option('--template <template>', 'template for those whose row names none')
    .option('--dry-run', 'say what would be written')
    .addHelpText('after', details)
    .action((csv: string, flags: Flags) => importPeople(csv, flags, deps));
}

async function importPeople(csv: string, { out, template, dryRun }: Flags, deps: OfflineDeps): Promise<void> {
  const { io } = deps;
  const config = await deps.config();
  const read = readPeople(await readList(resolve(io.cwd, csv), csv), template);
  if ('error' in read)
    throw new WorkdockError('USAGE', `${csv}: ${read.error}`, { hint: 'see `workdock import --help`' });
  for (const note of read.notes) io.err(`${csv}: ${note}`);

  const folder = out === undefined ? config.specs[0]! : resolve(io.cwd, out);
  const specs = read.people.flatMap((person) => {
    if (!person.ok) return [];
    const path = join(folder, `${person.spec.name}.yaml`);
    return [
      {
        line: person.line,
        name: person.spec.name,
        path,
        shown: shown(path, io.cwd),
        text: `${specText(person.spec)}${endOf(config)}`,
      },
    ];
  });
  const written = new Set(specs.map((spec) => spec.shown));
  const folders = out === undefined ? config.specs : [...config.specs, folder];
  const others = (await existingSpecs(deps, folders)).filter(({ path }) => !written.has(path));
  const files = specs.map(({ shown: path, text }) => ({ path, text, sha256: '' }));
  const catalog = await catalogOf(
    [...new Map([...others, ...files].map((file) => [file.path, file])).values()],
    config,
  );

  const failures = read.people.filter((person) => !person.ok).map(toFailure);
  for (const spec of specs) {
    const problems = problemsOf(catalog, spec.name, spec.shown);
    const there = others.find(({ path }) => problems.some((problem) => problem.file === path));
    if (there) failures.push({ line: spec.line, message: `${spec.name} is declared already, in ${there.path}` });
    else if (problems.length > 0) failures.push({ line: spec.line, message: problems.map(oneLine).join('; ') });
    else {
      const outcome = await (dryRun ? wouldWrite : writeNew)(spec.path, spec.text);
      if (outcome === 'exists')
        failures.push({ line: spec.line, message: `${spec.shown} exists and says something else` });
      else io.out(`${outcome === 'same' ? 'kept' : dryRun ? 'would write' : 'written'}  ${spec.shown}`);
    }
  }
  if (specs.length > 0 && !dryRun) tellToPush(config, io);
  if (failures.length === 0) return;
  for (const { line, message } of failures.sort((a, b) => a.line - b.line)) io.err(`${csv}:${line}: ${message}`);
  const hint = dryRun ? 'nothing was written' : 'the others are done; mend these rows and import again';
  throw new WorkdockError('PARTIAL_FAILURE', `${failures.length} of ${read.people.length} people failed`, { hint });
}

const toFailure = ({ line, message }: Extract<Person, { ok: false }>) => ({ line, message });

const oneLine = ({ message, suggestion }: Problem): string =>
  suggestion === undefined ? message : `${message} (${suggestion})`;

/** Spreadsheets on Windows still write Latin-1; guessing would put wrong letters into names. */
async function readList(path: string, csv: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new WorkdockError('NOT_FOUND', `there is no ${csv}`, { hint: 'name a CSV file', cause: error });
    const hint = 'save it as UTF-8 (in a spreadsheet: "CSV UTF-8")';
    throw new WorkdockError('USAGE', `${csv} cannot be read as UTF-8 text`, { hint, cause: error });
  }
}

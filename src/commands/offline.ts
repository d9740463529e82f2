import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import type { Config } from '../model/config.ts';
import type { Accepted } from '../model/intent.ts';
import type { Problem } from '../model/problem.ts';
import type { SpecFile } from '../model/source.ts';
import { type Catalog, makeCatalog } from '../spec/catalog.ts';
import type { HeldHome } from '../spec/homes.ts';
import { makeParser } from '../spec/parse-pool.ts';
import { isSamePlace, type KnownNames, nobodyKnown } from '../spec/renames.ts';
import { isWithin } from '../spec/rules/paths.ts';
import type { Io } from './io.ts';

/** What the verbs that need no controller are made from. */
export type OfflineDeps = {
  io: Io;
  config: () => Promise<Config>;
  /**
   * The spec files of a folder, or one file, by the rules of the controller; paths as given, joined.
   * @throws WorkdockError NOT_FOUND when there is no such path.
   */
  readSpecs: (path: string) => Promise<SpecFile[]>;
};

/** With a repository as the source a file on this host is not in force by being written. */
export function tellToPush({ source }: Config, io: Io): void {
  if (source !== null) io.err(`workdock: specs come from ${source.git}: commit it and push it to ${source.branch}`);
}

/** A path for people: relative when it is below where the command runs. */
export const shown = (path: string, cwd: string): string => {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.startsWith('..') ? path : short;
};

/** What was accepted before, as the rules about names ask for it. */
export const knownFrom = (before: ReadonlyMap<string, Accepted>): KnownNames => ({
  has: (name) => before.has(name),
  made: (name) => before.has(name),
  renamedFrom: (name) => before.get(name)?.renamedFrom,
  nowNamed: (desired) =>
    [...before].find(([, was]) => was.renamedFrom === desired.name && isSamePlace(was.desired, desired))?.[0],
});

/** `held`: homes in use, whatever the files say. `known`: of names, likewise. */
type Besides = { held?: HeldHome[]; known?: KnownNames };

/** What these files say together, as the controller would see it. */
export async function catalogOf(
  files: SpecFile[],
  config: Config,
  { held = [], known = nobodyKnown }: Besides = {},
): Promise<Catalog> {
  const parser = makeParser();
  const knowing = { knownSources: () => new Map<string, string>(), heldHomes: () => held, known };
  try {
    return await makeCatalog({ parse: parser.parse, config, ...knowing })(files);
  } finally {
    await parser.close();
  }
}

/** All files of the specs folders that are there; a folder that is not there yet has none. */
export async function existingSpecs({ readSpecs, io }: OfflineDeps, folders: string[]): Promise<SpecFile[]> {
  const read = folders.map((folder) =>
    readSpecs(shown(folder, io.cwd)).catch((error: unknown) => {
      if (error instanceof WorkdockError && error.code === 'NOT_FOUND') return [];
      throw error;
    }),
  );
  return (await Promise.all(read)).flat();
}

/** Other files of the specs folders these lie in: a template may be in one of them, or the same name once more. */
export async function neighbours(deps: OfflineDeps, files: SpecFile[], specs: string[]): Promise<SpecFile[]> {
  const full = ({ path }: SpecFile) => resolve(deps.io.cwd, path);
  const known = new Set(files.map(full));
  const folders = specs.filter((folder) => files.some((file) => isWithin(full(file), folder)));
  return (await existingSpecs(deps, folders)).filter((file) => !known.has(full(file)));
}

/** What is wrong with one name of a catalog; nothing when it is valid. */
export function problemsOf({ declarations, problems }: Catalog, name: string, file: string): Problem[] {
  const declaration = declarations.get(name);
  if (declaration?.kind === 'valid') return [];
  return declaration?.problems ?? problems.filter((problem) => problem.file === file);
}

/**
 * Writes a file that is not there yet. `same` = it is there with this very text. Never overwrites.
 * @throws WorkdockError REFUSED where nothing can be written.
 */
export async function writeNew(path: string, text: string): Promise<'written' | 'same' | 'exists'> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
    return 'written';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return (await readFile(path, 'utf8').catch(() => null)) === text ? 'same' : 'exists';
    const hint = 'choose a folder that you may write in';
    throw new WorkdockError('REFUSED', `cannot write ${path} (${code})`, { hint, cause: error });
  }
}

/** What `writeNew` would do. */
export async function wouldWrite(path: string, text: string): Promise<'written' | 'same' | 'exists'> {
  try {
    return (await readFile(path, 'utf8')) === text ? 'same' : 'exists';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'written' : 'exists';
  }
}

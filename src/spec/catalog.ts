import type { Config } from '../model/config.ts';
import type { Declaration, SourceRef } from '../model/desired.ts';
import type { Problem } from '../model/problem.ts';
import type { SpecFile } from '../model/source.ts';
import {
  type CheckedTemplate,
  type CheckedWorkspace,
  type Entry,
  placeOf,
  problemAt,
  type SpecDocument,
  whole,
} from './document.ts';
import { endMissing } from './end-marker.ts';
import { claimHomes } from './home-claims.ts';
import type { HeldHome } from './homes.ts';
import type { Parser } from './parse-pool.ts';
import { claimNames, type KnownNames, nobodyKnown, spareFormer } from './renames.ts';
import { type Resolved, resolve } from './resolve.ts';
import type { Site } from './rules/rule.ts';
import { makeSlices } from './slices.ts';
import { collectTemplates, type Templates } from './templates.ts';
import { unnamedIn } from './unnamed.ts';

export type CatalogDeps = {
  parse: Parser['parse'];
  config: Site & { instance: string; endMarker?: Config['endMarker'] };
  /** Name to the file it was last read from: the names a file had before it broke. */
  knownSources: () => Map<string, string>;
  /** Homes that are in use, whatever the files say now. Without it two newcomers still never share one. */
  heldHomes?: () => HeldHome[];
  /** What is known of names that no file has, or has no more. */
  known?: KnownNames;
  /** Files whose workspaces give way to another file that has the name: those that programs had written. */
  yields?: (path: string) => boolean;
};

/**
 * What all files together say: one declaration per name, and every problem in order of file and line. `unnamed`: where
 * a name may stand that cannot be read, as `file:line`; while there is one, nobody can say that a name is in no file.
 */
export type Catalog = {
  declarations: Map<string, Declaration>;
  /** Old name to the new one that takes its home and container over. No file has the old ones. */
  renames: Map<string, string>;
  problems: Problem[];
  templates: number;
  unnamed: string[];
};

type Read = { file: SpecFile; documents: SpecDocument[]; problems: Problem[] };

/**
 * Files of one settled scan to declarations. Identity is metadata.name wherever the file is. Never throws: what is
 * wrong is a declaration of kind `invalid` or `conflict`, for which the last good spec stays in force.
 */
export function makeCatalog(deps: CatalogDeps) {
  const { parse, config, knownSources, heldHomes, known = nobodyKnown, yields = () => false } = deps;
  const resolved = new WeakMap<CheckedWorkspace, { template: CheckedTemplate | undefined; result: Resolved }>();
  const resolveOnce = (document: CheckedWorkspace, template: CheckedTemplate | undefined): Resolved => {
    const known = resolved.get(document);
    if (known && known.template === template) return known.result;
    const result = resolve(document, template, config);
    resolved.set(document, { template, result });
    return result;
  };

  const read = async (file: SpecFile): Promise<Read> => {
    if (file.text === undefined) return { file, documents: [], problems: [whole(file.path, file.error)] };
    // What programs had written is whole: it is ours, and replaced as a whole.
    const cut = config.endMarker === 'Required' && !yields(file.path) ? endMissing(file.path, file.text) : undefined;
    if (cut) return { file, documents: [], problems: [cut] };
    return { file, ...(await parse(file.path, file.text)) };
  };

  function declare(name: string, entries: Entry[], templates: Templates): Declaration {
    const [{ file, document }, ...more] = entries as [Entry, ...Entry[]];
    const source = sourceOf(file, document.line);
    if (more.length > 0)
      return { kind: 'conflict', name, source, problems: entries.map((entry) => duplicate(name, entry, entries)) };
    if (!document.ok) return { kind: 'invalid', name, source, problems: document.problems };
    if (document.kind !== 'Workspace') throw new TypeError('a template is not declared');
    const found = templates.find(document);
    if (!found.ok) return { kind: 'invalid', name, source, problems: [found.problem] };
    const result = resolveOnce(document, found.template);
    if (!result.ok) return { kind: 'invalid', name, source, problems: result.problems };
    const { renamedFrom } = document.body.metadata;
    const former = renamedFrom !== undefined && { renamedFrom };
    return { kind: 'valid', name, source, desired: result.desired, origins: result.origins, ...former };
  }

  return async (files: SpecFile[]): Promise<Catalog> => {
    const pause = makeSlices();
    const all = await Promise.all(files.map(read));
    const entries = all.flatMap(({ file, documents }) => documents.map((document) => ({ file, document })));
    const templateEntries = entries.filter(({ document }) => document.kind === 'WorkspaceTemplate');
    const workspaceEntries = entries.filter(({ document }) => document.kind === 'Workspace');
    const templates = collectTemplates(templateEntries, config);
    const groups = Map.groupBy(workspaceEntries, ({ document }) => document.name ?? '');
    groups.delete('');
    // A person who writes a file for a name that a program declared takes it over: no conflict, nobody stops.
    const inForce = (same: Entry[]): Entry[] => {
      const firm = same.filter(({ file }) => !yields(file.path));
      return firm.length > 0 ? firm : same;
    };
    const named = new Map([...groups].map(([name, same]) => [name, inForce(same)]));
    const declarations = new Map<string, Declaration>();
    for (const [name, same] of named) {
      declarations.set(name, declare(name, same, templates));
      await pause();
    }
    forgotten(all, knownSources(), declarations);
    const unnamed = all.flatMap(unnamedIn);
    const rules = { instance: config.instance, known, unnamed };
    const renames = claimNames(declarations, named, rules);
    const held = (heldHomes?.() ?? []).map((home) => ({ ...home, name: renames.get(home.name) ?? home.name }));
    claimHomes(declarations, [...named.values()].flat(), { ...rules, held });
    spareFormer(declarations, named, { claims: renames, deps: rules });
    const problems = [...all.flatMap((each) => each.problems), ...templates.problems];
    for (const declaration of declarations.values()) {
      if (declaration.kind !== 'valid') problems.push(...declaration.problems);
    }
    return { declarations, renames, problems: inOrder(problems), templates: templateEntries.length, unnamed };
  };
}

const sourceOf = ({ path, sha256, commit, author }: SpecFile, line: number): SourceRef => ({
  path,
  line,
  sha256,
  ...(commit === undefined ? {} : { commit }),
  ...(author === undefined ? {} : { author }),
});

function duplicate(name: string, entry: Entry, entries: Entry[]): Problem {
  const others = entries.filter((other) => other !== entry).map(placeOf);
  const message = `${name} is also declared in ${others.join(' and ')}`;
  const suggestion = 'rename or remove one of them; until then nothing changes for either';
  if (entry.document.ok) return problemAt(entry.document, 'metadata.name', { message, suggestion });
  return { ...whole(entry.file.path, message, suggestion), line: entry.document.line };
}

/** Names that a file had when it could be read, and that nobody else declares: broken with their file. */
function forgotten(all: Read[], known: Map<string, string>, declarations: Map<string, Declaration>): void {
  const broken = new Map(all.filter(({ problems }) => problems.length > 0).map((each) => [each.file.path, each]));
  for (const [name, path] of known) {
    const found = broken.get(path);
    if (!found || declarations.has(name)) continue;
    declarations.set(name, { kind: 'invalid', name, problems: found.problems, source: sourceOf(found.file, 1) });
  }
}

function inOrder(problems: Problem[]): Problem[] {
  const once = new Map(
    problems.map((problem) => [
      `${problem.file}\0${problem.line}:${problem.column} ${problem.path} ${problem.message}`,
      problem,
    ]),
  );
  return [...once.values()].sort((a, b) =>
    a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column,
  );
}

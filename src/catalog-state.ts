import { sameJson } from './lib/json.ts';
import type { Declaration } from './model/desired.ts';
import type { Problem } from './model/problem.ts';
import { type Scan, type SourceTrouble, type SpecFile, troubleOf } from './model/source.ts';

type Said = {
  declarations: Map<string, Declaration>;
  renames: Map<string, string>;
  problems: Problem[];
  unnamed: string[];
};
type Read = (files: SpecFile[]) => Promise<Said>;

const meaning = (declaration: Declaration | undefined) =>
  declaration?.kind === 'valid' ? { desired: declaration.desired, source: declaration.source } : declaration;

/** The last settled snapshot. Only another settled one replaces it: unsettled, unreadable and gone change nothing. */
export function makeCatalogState(read: Read) {
  let declarations = new Map<string, Declaration>();
  let renames = new Map<string, string>();
  let problems: Problem[] = [];
  let unnamed: string[] = [];
  let files: SpecFile[] = [];
  let settled = false;
  let from: string | undefined;
  let trouble: SourceTrouble | undefined;
  const firstScan = Promise.withResolvers<void>();
  return {
    /** Resolves when it is known what the files say. */
    firstScan: firstScan.promise,
    /** Takes a scan; returns the names whose declaration is another one now. */
    take: async (scan: Scan): Promise<string[]> => {
      trouble = troubleOf(scan);
      if (scan.kind !== 'settled') return [];
      const next = await read(scan.files);
      ({ files, from } = scan);
      const names = new Set([...declarations.keys(), ...next.declarations.keys()]);
      const first = !settled;
      const changed = [...names].filter(
        (name) => first || !sameJson(meaning(declarations.get(name)), meaning(next.declarations.get(name))),
      );
      ({ declarations, renames, problems, unnamed } = next);
      settled = true;
      firstScan.resolve();
      return changed;
    },
    settled: () => settled,
    /** Why the source cannot be read at the moment; undefined when it can. */
    trouble: () => trouble,
    /** What the last settled scan was of, when it is not what lies in folders: a commit. */
    from: () => from,
    get: (name: string) => declarations.get(name),
    all: () => [...declarations.values()],
    /** The name under which a workspace is to go on whose own no file has any more. */
    renamedTo: (name: string) => renames.get(name),
    /** Old names to new ones. */
    renames: (): ReadonlyMap<string, string> => renames,
    names: () => [...declarations.keys()],
    desired: () => [...declarations.values()].flatMap((d) => (d.kind === 'valid' ? [d.desired] : [])),
    problems: () => problems,
    /** Where a name may stand that cannot be read, as `file:line`; see Catalog. */
    unnamed: () => unnamed,
    /** What the last settled scan found. */
    files: () => files,
    hasConflict: () => [...declarations.values()].some(({ kind }) => kind === 'conflict'),
  };
}
export type CatalogState = ReturnType<typeof makeCatalogState>;

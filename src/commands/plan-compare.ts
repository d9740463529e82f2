import type { Config } from '../model/config.ts';
import type { Declaration, Desired } from '../model/desired.ts';
import type { Accepted } from '../model/intent.ts';
import type { Problem } from '../model/problem.ts';
import type { PlannedChange, PlanRow } from '../model/service.ts';
import type { SpecFile } from '../model/source.ts';
import { catalogOf, knownFrom } from './offline.ts';
import { problemLine } from './problem-line.ts';
import { settingRows } from './settings-text.ts';

/** By name. `gone`: whether a name that no file has any more is worth telling. */
export type Before = Map<string, Accepted>;

type Asked = {
  config: Config;
  before: Before;
  /** Files that are read along, and not told of. */
  around?: SpecFile[];
  /** All files there are: a name that none of them has is declared by nobody. */
  whole: boolean;
};

export type Compared = { rows: PlanRow[]; problems: Problem[] };

/** What files would change against what was in force before. Pure, but for the parsing: asks nobody. */
export async function compare(files: SpecFile[], { config, before, around = [], whole }: Asked): Promise<Compared> {
  const held = [...before.values()].map(({ desired: { name, home } }) => ({
    name,
    place: home.place,
    shared: home.shared,
  }));
  const asked = new Set(files.map((file) => file.path));
  const known = knownFrom(before);
  const { declarations, renames, problems } = await catalogOf([...files, ...around], config, { held, known });
  const former = new Map([...renames].map(([from, to]) => [to, from]));
  const rows = [...declarations.values()]
    .filter(({ source }) => asked.has(source.path))
    .map((declaration) => {
      const from = former.get(declaration.name);
      const row = rowOf(declaration, before.get(from ?? declaration.name)?.desired, config);
      return from === undefined ? row : renamed(row, from, declaration);
    });
  const gone = [...before].filter(
    ([name, { byProgram }]) => whole && !byProgram && !declarations.has(name) && !renames.has(name),
  );
  const absent = gone.map(([name]): PlanRow => ({ ...nothing(name), waitsFor: 'no file declares it' }));
  return {
    rows: [...rows, ...absent].sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: problems.filter(({ file }) => asked.has(file)),
  };
}

/** A rename is one workspace before and after, whatever else its file changes. */
const renamed = (row: PlanRow, from: string, { name, source }: Declaration): PlanRow => {
  const origin = `${source.path}:${source.line}`;
  const change: PlannedChange = { field: 'name', from, to: name, cost: 'live', drift: false, origin };
  return { ...row, renamedFrom: from, changes: [change, ...row.changes] };
};

const nothing = (name: string): PlanRow => ({ name, steps: [], changes: [] });

function rowOf(declaration: Declaration, before: Desired | undefined, { instance }: Config): PlanRow {
  const { name } = declaration;
  if (declaration.kind !== 'valid')
    return { ...nothing(name), waitsFor: declaration.problems.map(problemLine).join('; ') };
  const { desired, source } = declaration;
  if (before) return { name, steps: [], changes: changesOf(before, desired, declaration) };
  if (desired.state !== 'Running' || (desired.instance ?? instance) !== instance) return nothing(name);
  const origin = `${source.path}:${source.line}`;
  const what = { field: 'container', from: 'absent', to: 'Running' };
  const made: PlannedChange = { ...what, cost: 'recreate', drift: false, origin };
  return { name, steps: [], changes: [made] };
}

/** Settings that a new container is needed for (the spec hash, and the place of the home). */
const revision = /^(owner|image(\.ref)?|command|env(From|\..*)?|user\..*|resources\.shm|storage\..*|security\..*)$/;
const untouched = /^storage\.home\.shared$/;

type Valid = Extract<Declaration, { kind: 'valid' }>;
type Written = Pick<Valid, 'origins' | 'source'>;

function changesOf(before: Desired, after: Desired, { origins, source }: Written): PlannedChange[] {
  // Variables and labels that are gone have no origin any more.
  const gone = [
    ...Object.keys(before.env).map((key) => `spec.env.${key}`),
    ...Object.keys(before.labels).map((key) => `metadata.labels.${key}`),
  ];
  const all = { ...Object.fromEntries(gone.map((path) => [path, ''])), ...origins };
  const was = new Map(settingRows(before, all).map(([field, value]) => [String(field), String(value)]));
  const later = after.updatePolicy === 'OnStop' && before.state === 'Running';
  return settingRows(after, all).flatMap(([setting, value, where]): PlannedChange[] => {
    const [field, from, to] = [String(setting), was.get(String(setting)) ?? '', String(value)];
    if (from === to) return [];
    const anew = revision.test(field) && !untouched.test(field);
    const cost = !anew ? 'live' : later ? 'nextStop' : 'recreate';
    return [{ field, from, to, cost, drift: false, origin: String(where) || `${source.path}:${source.line}` }];
  });
}

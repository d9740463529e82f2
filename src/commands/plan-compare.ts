import { durationText } from '../lib/duration.ts';
import type { Config } from '../model/config.ts';
import type { Declaration, Desired } from '../model/desired.ts';
import type { HeldList } from '../model/held.ts';
import { isTakenBy } from '../model/instance.ts';
import type { Accepted } from '../model/intent.ts';
import type { Problem } from '../model/problem.ts';
import { unreadText } from '../model/removal.ts';
import type { PlannedChange, PlanRow } from '../model/service.ts';
import type { SpecFile } from '../model/source.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { catalogOf, knownFrom } from './offline.ts';
import { type Foresee, runningBy, withHeld } from './plan-held.ts';
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
  statuses?: readonly WorkspaceStatus[] | undefined;
  foresee: Foresee;
};

/** `held`: what of it would wait for a person. */
export type Compared = { rows: PlanRow[]; problems: Problem[]; held: HeldList[] };

/** What files would change against what was in force before. Pure, but for the parsing: asks nobody. */
export async function compare(files: SpecFile[], asking: Asked): Promise<Compared> {
  const { config, before, around = [], whole, statuses, foresee } = asking;
  const homes = [...before.values()].map(({ desired: { name, home } }) => ({
    name,
    place: home.place,
    shared: home.shared,
  }));
  const asked = new Set(files.map((file) => file.path));
  const known = knownFrom(before);
  const read = await catalogOf([...files, ...around], config, { held: homes, known });
  const { declarations, renames, problems, unnamed } = read;
  const former = new Map([...renames].map(([from, to]) => [to, from]));
  const wasOf = (name: string) => before.get(former.get(name) ?? name)?.desired;
  const told = [...declarations.values()].filter(({ source }) => asked.has(source.path));
  const rows = told.map((declaration) => {
    const row = rowOf(declaration, wasOf(declaration.name), config);
    const from = former.get(declaration.name);
    return from === undefined ? row : renamed(row, from, declaration);
  });
  const gone = [...before].filter(
    ([name, { byProgram }]) => whole && !byProgram && !declarations.has(name) && !renames.has(name),
  );
  const absent = gone.map(([, { desired }]) => goneRow(desired, config, unnamed));
  // While a name cannot be read nobody is missed, so there is nothing to hold either.
  const missed = unnamed.length > 0 ? [] : gone.map(([, { desired }]) => desired);
  const held = foresee({
    changes: told.flatMap((each) => {
      const was = wasOf(each.name);
      if (!was || each.kind !== 'valid') return [];
      return [{ name: each.name, before: was, after: each.desired, source: each.source }];
    }),
    ...{ config, declared: [...declarations.values()].filter(isOurs(config)).length },
    ...{ running: runningBy(statuses, before, { config, former }) },
    gone: missed.filter((each) => isTakenBy(each, config.instance)),
  });
  return {
    rows: withHeld(
      [...rows, ...absent].sort((a, b) => (a.name < b.name ? -1 : 1)),
      held,
    ),
    held,
    problems: problems.filter(({ file }) => asked.has(file)),
  };
}

/** A rename is one workspace before and after, whatever else its file changes. */
const renamed = (row: PlanRow, from: string, { name, source }: Declaration): PlanRow => {
  const origin = `${source.path}:${source.line}`;
  const change: PlannedChange = { field: 'name', from, to: name, cost: 'live', drift: false, origin };
  return { ...row, renamedFrom: from, changes: [change, ...row.changes] };
};

const isOurs =
  ({ instance }: Config) =>
  (each: Declaration): boolean =>
    each.kind !== 'valid' || isTakenBy(each.desired, instance);

/** What becomes of it, when nothing holds that. */
function goneRow(desired: Desired, { deletion }: Config, unnamed: readonly string[]): PlanRow {
  const { name, state, deletionProtection, deletionPolicy, home } = desired;
  if (deletionProtection) {
    return { ...nothing(name), waitsFor: 'no file declares it; deletionProtection keeps it as it is' };
  }
  if (unnamed.length > 0) {
    return {
      ...nothing(name),
      waitsFor: `no file declares it; nothing is stopped or removed while ${unreadText(unnamed)}`,
    };
  }
  const trash = deletionPolicy === 'Trash' && home.place.kind === 'folder';
  const [grace, after] = [deletion.graceMs, deletion.removeAfterMs].map(durationText);
  const then = `its home ${trash ? 'goes to the trash' : 'stays'}`;
  const removed: PlannedChange = { field: 'container', from: state, to: 'absent', cost: 'recreate', drift: false };
  const waitsFor = `no file declares it: stopped after ${grace}, its container removed ${after} later; ${then}`;
  return { ...nothing(name), changes: [removed], waitsFor };
}

const nothing = (name: string): PlanRow => ({ name, steps: [], changes: [] });

function rowOf(declaration: Declaration, before: Desired | undefined, { instance }: Config): PlanRow {
  const { name } = declaration;
  if (declaration.kind !== 'valid')
    return { ...nothing(name), waitsFor: declaration.problems.map(problemLine).join('; ') };
  const { desired, source } = declaration;
  if (before) return { name, steps: [], changes: changesOf(before, desired, declaration) };
  if (desired.state !== 'Running' || !isTakenBy(desired, instance)) return nothing(name);
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
  // What is taken out of a file and has no default has no origin any more.
  const gone = [
    ...Object.keys(before.env).map((key) => `spec.env.${key}`),
    ...Object.keys(before.labels).map((key) => `metadata.labels.${key}`),
    ...(before.driftIgnore ? ['spec.drift.ignore'] : []),
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

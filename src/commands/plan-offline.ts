import { WorkdockError } from '../lib/errors.ts';
import type { Declaration, Desired, Origins } from '../model/desired.ts';
import type { PlanRow } from '../model/service.ts';
import type { FieldChange } from '../model/step.ts';
import { catalogOf, existingSpecs, neighbours, type OfflineDeps } from './offline.ts';
import { problemLine } from './problem-line.ts';
import { settingRows } from './settings-text.ts';

export type PlanDeps = OfflineDeps & {
  /** The specs last accepted, by name; undefined when there is no record of any. */
  accepted: (dataDir: string) => Promise<Map<string, Desired> | undefined>;
};

/**
 * What spec files would change against what was last accepted: those of a path, or all that the config names. Asks
 * neither controller nor engine, so drift and what already waits are not in it.
 * @returns undefined when nothing was ever accepted, and no path is given.
 */
export async function planOffline(deps: PlanDeps, path?: string): Promise<PlanRow[] | undefined> {
  const config = await deps.config();
  const accepted = await deps.accepted(config.data);
  if (accepted === undefined && path === undefined) return undefined;
  const files = path === undefined ? await existingSpecs(deps, config.specs) : await deps.readSpecs(path);
  const around = path === undefined ? [] : await neighbours(deps, files, config.specs);
  const held = [...(accepted?.values() ?? [])].map(({ name, home: { place, shared } }) => ({ name, place, shared }));
  const asked = new Set(files.map((file) => file.path));
  const { declarations, problems } = await catalogOf([...files, ...around], config, held);
  const rows = [...declarations.values()]
    .filter(({ source }) => asked.has(source.path))
    .map((declaration) => rowOf(declaration, accepted?.get(declaration.name)));
  const gone = path === undefined ? [...(accepted?.keys() ?? [])].filter((name) => !declarations.has(name)) : [];
  const absent = gone.map((name): PlanRow => ({ ...nothing(name), waitsFor: 'no file declares it' }));
  const nameless = problems.filter(({ file }) => asked.has(file) && ![...declarations.values()].some(sourceIs(file)));
  if (rows.length === 0 && nameless[0]) {
    throw new WorkdockError('SPEC_INVALID', problemLine(nameless[0]), { hint: '`workdock validate` shows the place' });
  }
  return [...rows, ...absent].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const sourceIs = (file: string) => (declaration: Declaration) => declaration.source.path === file;
const nothing = (name: string): PlanRow => ({ name, steps: [], changes: [] });

function rowOf(declaration: Declaration, before: Desired | undefined): PlanRow {
  const { name } = declaration;
  if (declaration.kind !== 'valid')
    return { ...nothing(name), waitsFor: declaration.problems.map(problemLine).join('; ') };
  const { desired, origins } = declaration;
  if (before) return { name, steps: [], changes: changesOf(before, desired, origins) };
  if (desired.state !== 'Running') return nothing(name);
  const made: FieldChange = { field: 'container', from: 'absent', to: 'Running', cost: 'recreate', drift: false };
  return { name, steps: [], changes: [made] };
}

/** Settings that a new container is needed for (the spec hash, and the place of the home). */
const revision = /^(owner|image(\.ref)?|command|env(From|\..*)?|user\..*|resources\.shm|storage\..*|security\..*)$/;
const untouched = /^storage\.home\.shared$/;

function changesOf(before: Desired, after: Desired, origins: Origins): FieldChange[] {
  // Variables and labels that are gone have no origin any more.
  const gone = [
    ...Object.keys(before.env).map((key) => `spec.env.${key}`),
    ...Object.keys(before.labels).map((key) => `metadata.labels.${key}`),
  ];
  const all = { ...Object.fromEntries(gone.map((path) => [path, ''])), ...origins };
  const was = new Map(settingRows(before, all).map(([field, value]) => [String(field), String(value)]));
  const later = after.updatePolicy === 'OnStop' && before.state === 'Running';
  return settingRows(after, all).flatMap(([setting, value]): FieldChange[] => {
    const [field, from, to] = [String(setting), was.get(String(setting)) ?? '', String(value)];
    if (from === to) return [];
    const anew = revision.test(field) && !untouched.test(field);
    return [{ field, from, to, cost: !anew ? 'live' : later ? 'nextStop' : 'recreate', drift: false }];
  });
}

import { WorkdockError } from '../lib/errors.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { existingSpecs, neighbours, type OfflineDeps } from './offline.ts';
import { type Before, type Compared, compare } from './plan-compare.ts';
import type { Foresee } from './plan-held.ts';
import { problemLine } from './problem-line.ts';

export type PlanDeps = OfflineDeps & {
  /** What was last accepted, by name; undefined when there is no record of any. */
  accepted: (dataDir: string) => Promise<Before | undefined>;
  state: () => Promise<string>;
  /** The last status of every workspace; undefined when there is none. */
  statuses: (stateDir: string) => Promise<WorkspaceStatus[] | undefined>;
  foresee: Foresee;
};

/**
 * What spec files would change against what was last accepted: those of a path, or all that the config names. Asks
 * neither controller nor engine, so drift and what already waits are not in it.
 * @returns undefined when nothing was ever accepted, and no path is given.
 */
export async function planOffline(deps: PlanDeps, path?: string): Promise<Compared | undefined> {
  const config = await deps.config();
  const accepted = await deps.accepted(config.data);
  if (accepted === undefined && path === undefined) return undefined;
  const files = path === undefined ? await existingSpecs(deps, config.specs) : await deps.readSpecs(path);
  const around = path === undefined ? [] : await neighbours(deps, files, config.specs);
  const before = accepted ?? new Map();
  const statuses = await deps.statuses(await deps.state());
  const { foresee } = deps;
  const compared = await compare(files, { config, before, around, whole: path === undefined, statuses, foresee });
  const { rows, problems } = compared;
  if (rows.length === 0 && problems[0]) {
    throw new WorkdockError('SPEC_INVALID', problemLine(problems[0]), { hint: '`workdock validate` shows the place' });
  }
  return compared;
}

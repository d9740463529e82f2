import { WorkdockError } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import type { Config } from '../model/config.ts';
import type { Declaration } from '../model/desired.ts';
import type { Accepted } from '../model/intent.ts';
import type { PlanRow } from '../model/service.ts';
import type { SpecFile } from '../model/source.ts';
import { isDown, type WorkspaceStatus } from '../model/status.ts';
import { catalogOf } from './offline.ts';
import { type Before, type Compared, compare } from './plan-compare.ts';
import type { PlanHead } from './plan-markdown.ts';
import type { PlanDeps } from './plan-offline.ts';

/**
 * The spec files of one commit; with `mayLack` also of one from before there was a folder of specs.
 * @throws WorkdockError NOT_FOUND when no repository here has it.
 */
export type ReadRevision = (
  revision: string,
  mayLack?: boolean,
) => Promise<{ id: string; author: string; files: SpecFile[]; lacks?: string[] }>;

export type RevisionDeps = {
  /** `folder` lies in the checkout to read from; the mirror of the controller is the second choice. */
  openRevisions: (folder: string, config: Config) => Promise<ReadRevision>;
};

export type PlanGitDeps = PlanDeps & RevisionDeps & {};

type Asked = { folder: string; revision: string; base?: string };
type From = { config: Config; read: ReadRevision };
type Base = { before: Before; words: string; unknown: string[] };

/**
 * What a commit would do. It is compared with `base` when that is given, else with what the controller last accepted,
 * else with the commits that the last status names: on a machine without the controller's data, such as a CI.
 */
export async function planRevision(deps: PlanGitDeps, { folder, revision, base }: Asked): Promise<Compared & PlanHead> {
  const config = await deps.config();
  const read = await deps.openRevisions(folder, config);
  const { id, author, files } = await read(revision);
  const statuses = await deps.statuses(await deps.state());
  const { before, words, unknown } = await baseOf(deps, { config, read, base, statuses });
  const { foresee } = deps;
  const { rows, problems, held } = await compare(files, { config, before, whole: true, statuses, foresee });
  const phases = new Map(statuses?.map(({ name, phase }) => [name, phase]));
  const known = rows.map((row): PlanRow => {
    if (unknown.includes(row.name))
      return { ...row, changes: [], waitsFor: 'its last status names no commit: not compared' };
    if (!isDown({ phase: phases.get(row.name) ?? 'Unknown' })) return row;
    return { ...row, changes: row.changes.map((change) => ({ ...change, cost: 'whileDown' })) };
  });
  const title = `${revision === id ? '' : `${plain(revision)}, `}commit ${id.slice(0, 12)} by ${author}`;
  return { rows: known, problems, held, title, comparedWith: words };
}

async function baseOf(
  deps: PlanGitDeps,
  { config, read, base, statuses }: From & { base: string | undefined; statuses: WorkspaceStatus[] | undefined },
): Promise<Base> {
  if (base !== undefined) {
    const { id, files, lacks } = await read(base, true);
    const without = lacks === undefined ? '' : ` (it has no folder ${lacks.join(', ')})`;
    const words = `${plain(base)}, commit ${id.slice(0, 12)}${without}`;
    return { before: await beforeOf(files, config), words, unknown: [] };
  }
  const accepted = await deps.accepted(config.data);
  if (accepted !== undefined) return { before: accepted, words: 'what the controller last accepted', unknown: [] };
  if (statuses !== undefined) return fromStatus(statuses, { config, read });
  const hint = 'name a commit to compare with (--base), or give the state folder of the controller (--state)';
  throw new WorkdockError('REFUSED', 'nothing is known of what is in force: there is no record and no status', {
    hint,
  });
}

/** What is in force, as the commits have it that the last status of each workspace is from. */
async function fromStatus(statuses: readonly WorkspaceStatus[], { config, read }: From): Promise<Base> {
  const commits = Map.groupBy(statuses, ({ source }) => source?.commit?.replace(/\+dirty$/, '') ?? '');
  const unknown = (commits.get('') ?? []).map(({ name }) => name);
  commits.delete('');
  const before: Before = new Map();
  for (const [commit, of] of commits) {
    const then = await beforeOf((await read(commit)).files, config);
    for (const { name } of of) {
      const found = then.get(name);
      if (found) before.set(name, found);
      else unknown.push(name);
    }
  }
  const ids = [...commits.keys()].map((commit) => commit.slice(0, 12));
  const shown = ids.length <= 3 ? ids.join(', ') : `${ids.length} commits`;
  return { before, words: `the last status (${shown || 'no commit'})`, unknown };
}

const acceptedOf = ({ desired, renamedFrom }: Extract<Declaration, { kind: 'valid' }>): Accepted => ({
  ...{ desired, byProgram: false },
  ...(renamedFrom !== undefined && { renamedFrom }),
});

async function beforeOf(files: SpecFile[], config: Config): Promise<Before> {
  const { declarations } = await catalogOf(files, config);
  return new Map(
    [...declarations.values()].flatMap((each) =>
      each.kind === 'valid' ? [[each.name, acceptedOf(each)] as const] : [],
    ),
  );
}

import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import { isName } from '../model/name.ts';
import type { PlanRow } from '../model/service.ts';
import { changeText, ignoredText } from './change-text.ts';
import { heldLines } from './held-text.ts';
import type { VerbDeps } from './io.ts';
import { lossLines } from './loss-text.ts';
import { type Format, outputOption, printData } from './output.ts';
import type { Compared } from './plan-compare.ts';
import { type PlanGitDeps, planRevision } from './plan-git.ts';
import { foreseenLines } from './plan-held.ts';
import { type PlanHead, planMarkdown } from './plan-markdown.ts';
import { planOffline } from './plan-offline.ts';
import { problemLine } from './problem-line.ts';

type Flags = { output: Format; exitCode?: true; git?: string; base?: string };
/** `live`: what is held is held now; else it would be. */
type Plan = Compared & PlanHead & { live?: true };

const examples = `
A path is compared with what was last accepted; so is everything when no controller answers, and every commit. None of
these asks the engine.

Examples:
  workdock plan                    what differs, what would be done and what it costs the user
  workdock plan ada -o json
  workdock plan review/workspaces  what these files would change
  workdock plan --git HEAD -o markdown               a commit of this checkout, as a comment on a pull request
  workdock plan --git HEAD --base origin/main        ... against another commit
  workdock plan --exit-code        exits with 1 when anything differs`;

/** `plan`: what the controller would do now, and why it does not; or what files or a commit would change. */
export function planCommand({ client, ...deps }: VerbDeps & PlanGitDeps): Command {
  const { io } = deps;
  const asked = async (target: string | undefined): Promise<Plan> => {
    const plan = (found: Partial<Compared>, title: string, comparedWith: string): Plan => ({
      ...{ rows: [], held: [], ...found, problems: [] },
      ...{ title, comparedWith },
    });
    const last = 'what the controller last accepted';
    if (target !== undefined && !isName(target)) return plan((await planOffline(deps, target)) ?? {}, target, last);
    try {
      const api = await client();
      const [rows, lists] = await Promise.all([api.plan(target), api.held()]);
      const shown = new Set(rows.map(({ name }) => name));
      const held = lists.filter(({ items, along = [] }) =>
        [...items.map(({ name }) => name), ...along].some((name) => shown.has(name)),
      );
      return { ...plan({ rows, held }, target ?? 'what is in force', 'what runs'), live: true };
    } catch (error) {
      if (!(error instanceof WorkdockError) || error.code !== 'CONTROLLER_UNREACHABLE') throw error;
      if ((await deps.config()).source !== null) return ofCommit(target, 'HEAD');
      const found = await planOffline(deps);
      if (found === undefined) throw error;
      io.err('workdock: no controller answers; compared with what it last accepted');
      const told = { ...found, rows: only(found.rows, target) };
      return plan(told, target ?? 'the specs as they are', last);
    }
  };
  const ofCommit = async (target: string | undefined, revision: string, base?: string): Promise<Plan> => {
    const name = target !== undefined && isName(target) ? target : undefined;
    const folder = name === undefined ? (target ?? '.') : '.';
    const found = await planRevision(deps, { folder, revision, ...(base !== undefined && { base }) });
    return { ...found, rows: only(found.rows, name) };
  };
  return new Command('plan')
    .description('show what would change, and what that costs')
    .argument('[target]', 'only this workspace, or the specs of this file or folder; with --git a checkout')
    .option('--git <revision>', 'what this commit would do: of the checkout here, else of the mirror of the controller')
    .option('--base <revision>', 'compare with this commit, and not with what is in force')
    .addOption(outputOption('text', 'json', 'yaml', 'markdown'))
    .option('--exit-code', 'exit with 1 when there is a difference')
    .addHelpText('after', examples)
    .action(async (target: string | undefined, flags: Flags) => {
      const { git, base, output, exitCode } = flags;
      if (git === undefined && base !== undefined)
        throw new WorkdockError('USAGE', '--base needs --git', { hint: 'name the commit that is to be compared' });
      const plan = await (git === undefined ? asked(target) : ofCommit(target, git, base));
      const { rows, problems } = plan;
      const different = rows.filter(({ steps, changes }) => steps.length + changes.length > 0);
      const waits = target !== undefined || git !== undefined;
      const told = rows.filter(
        (row) => different.includes(row) || row.ignored || (waits && (row.waitsFor ?? row.available) !== undefined),
      );
      if (output === 'markdown') io.out(planMarkdown(plan, plan));
      else if (!printData(io, output, rows)) {
        if (git !== undefined) io.err(`workdock: ${plan.title}; compared with ${plan.comparedWith}`);
        for (const row of told) for (const line of rowLines(row)) io.out(line);
        if (told.length === 0) io.out('no difference');
        for (const list of plan.held) {
          io.out('');
          for (const line of plan.live ? heldLines(list, io.now()) : foreseenLines(list)) io.out(line);
        }
      }
      if (output !== 'markdown') for (const problem of problems) io.err(`workdock: ${problemLine(problem)}`);
      if (exitCode && different.length > 0) io.exitWith(1);
    });
}

function only(rows: PlanRow[], name: string | undefined): PlanRow[] {
  const found = rows.filter((row) => name === undefined || row.name === name);
  if (found.length > 0 || name === undefined) return found;
  throw new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: `for a folder of specs write ./${name}` });
}

const rowLines = ({
  name,
  renamedFrom,
  steps,
  changes,
  ignored = [],
  loses,
  available,
  waitsFor,
}: PlanRow): string[] => [
  renamedFrom === undefined ? name : `${name}, renamed from ${renamedFrom}`,
  ...changes.map((change) => `  ${changeText(change)}`),
  ...ignored.map((change) => `  ${ignoredText(change)}`),
  ...(loses ? lossLines(loses) : []).map((line) => `  ${line}`),
  ...(available === undefined ? [] : [`  available: ${plain(available)}`]),
  ...steps.map(({ op, why }) => `  will ${op}: ${plain(why)}`),
  ...(waitsFor === undefined ? [] : [`  waits: ${plain(waitsFor)}`]),
];

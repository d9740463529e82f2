import { Command } from 'commander';
import { age } from '../lib/age.ts';
import { bytesText } from '../lib/bytes.ts';
import { WorkdockError } from '../lib/errors.ts';
import { plain } from '../lib/plain-text.ts';
import { type Row, table } from '../lib/table.ts';
import type { Condition, WorkspaceConditionType } from '../model/conditions.ts';
import type { Problem } from '../model/problem.ts';
import { phases, type Summary, type WorkspaceStatus } from '../model/status.ts';
import { conditionCheck } from './doctor-checks.ts';
import { idleCell, restsCell } from './idle-text.ts';
import type { Io, VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';
import { phaseCell } from './phase-text.ts';
import { problemLine } from './problem-line.ts';
import { parseSelector } from './selection.ts';
import { report } from './several.ts';
import { updateCell } from './update-text.ts';

type Flags = { output: Format; selector?: string };

const examples = `
Examples:
  workdock get                     all workspaces, problems first
  workdock get ada bob -o wide     two of them, with updates, image, container and home
  workdock get -l lab=neuro        those with a label
  workdock get -o json | jq -r '.[] | select(.phase == "Failed") | .name'
  workdock get -o name -l lab=neuro | xargs workdock stop`;

/** `get`: one line for each workspace. */
export function getCommand({ io, client }: VerbDeps): Command {
  return new Command('get')
    .description('list workspaces, problems first (also: ls, status)')
    .argument('[names...]', 'only these')
    .addOption(outputOption('table', 'wide', 'json', 'yaml', 'name'))
    .option('-l, --selector <labels>', 'only those with these labels: lab=neuro,course!=stats')
    .addHelpText('after', examples)
    .action(async (names: string[], { output, selector }: Flags) => {
      const matches = selector === undefined ? () => true : parseSelector(selector);
      const wanted = [...new Set(names)];
      const api = await client();
      // A new file with a broken name is no workspace: without this line its author would see nothing.
      const people = output === 'table' && wanted.length === 0;
      const [found, problems, host] = await Promise.all([
        api.list(wanted),
        people ? api.problems() : [],
        wanted.length === 0 ? api.health() : { conditions: [] },
      ]);
      print(found.filter(({ labels }) => matches(labels)).sort(problemsFirst), output, io);
      if (found.length + wanted.length === 0) io.err(`workdock: ${nobodyText(host)}`);
      if (problems.length > 0) io.err(problemsText(problems));
      // What holds everybody up is in nobody's line.
      for (const { result, name, message } of host.conditions.map(conditionCheck)) {
        if (people && result === 'bad') io.err(`workdock: ${name}: ${plain(message)}; \`workdock doctor\` says more`);
      }
      const there = new Set(found.map(({ name }) => name));
      report(wanted.filter((name) => !there.has(name)).map(notFound), wanted.length, io);
    });
}

/** Of specs that were not read nobody knows that there are none. */
function nobodyText({ conditions }: Summary['host']): string {
  const { status = 'True' } = conditions.find(({ type }) => type === 'SourceReady') ?? {};
  if (status === 'True') return 'no workspaces; `workdock new NAME` writes the first';
  return `no workspace is known${status === 'Unknown' ? ': the specs were not read yet' : ''}`;
}

function problemsText(problems: Problem[]): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  const [first] = problems;
  const many = `${counted(problems.length, 'problem')} in ${counted(files, 'spec file')}`;
  return `workdock: ${many}: \`workdock validate\`; first ${problemLine(first!)}`;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function print(statuses: WorkspaceStatus[], format: Format, io: Io): void {
  if (printData(io, format, statuses)) return;
  if (format === 'name') for (const { name } of statuses) io.out(name);
  else if (statuses.length > 0) for (const line of lines(statuses, format === 'wide', io)) io.out(line);
}

const HEAD = ['NAME', 'OWNER', 'PHASE', 'SINCE', 'CPU', 'MEM/LIMIT', 'IDLE', 'RESTS'];
const WIDE = ['GENERATION', 'UPDATE', 'CONTAINER', 'IMAGE', 'HOME'];

function lines(statuses: WorkspaceStatus[], wide: boolean, { now, colour, width }: Io): string[] {
  const at = now();
  const rows = statuses.map((status): Row => {
    const { name, owner, phase, since, limits, generation, observedGeneration, container, home, message } = status;
    const seen = generation === observedGeneration ? `${generation}` : `${observedGeneration} of ${generation}`;
    const more = wide
      ? [seen, updateCell(status), container?.id.slice(0, 12) ?? '-', container?.image ?? '-', home ?? '-']
      : [];
    const cpus = limits === undefined ? '-' : String(limits.cpus);
    const usual = [name, owner, phaseCell(phase, colour), age(since, at), cpus, memory(status)];
    return [...usual, idleCell(status, at), restsCell(status, at), ...more, message];
  });
  const cutAt = wide || width === undefined ? {} : { width };
  return table([...HEAD, ...(wide ? WIDE : []), 'MESSAGE'], rows, cutAt);
}

const memory = ({ memoryInUseBytes, limits }: WorkspaceStatus) =>
  limits === undefined
    ? '-'
    : `${memoryInUseBytes === undefined ? '-' : bytesText(memoryInUseBytes)}/${bytesText(limits.memoryBytes)}`;

/** Conditions that somebody has to mend although the workspace may run, and the status they have then. */
const troubles: Partial<Record<WorkspaceConditionType, Condition['status']>> = {
  ...{ SpecValid: 'False', Degraded: 'True', MountMissing: 'True' },
  ...{ NameTaken: 'True', Conflict: 'True', SourceAbsent: 'True', DeletionHeld: 'True', DisruptionHeld: 'True' },
};

/** Failed and Unknown, then what has a trouble in any other phase, then by phase. */
const rank = ({ phase, conditions }: WorkspaceStatus): number => {
  const troubled = conditions.some(({ type, status }) => troubles[type] === status);
  const byPhase = phases.indexOf(phase);
  return troubled ? Math.min(byPhase, phases.indexOf('Unknown') + 0.5) : byPhase;
};

const problemsFirst = (a: WorkspaceStatus, b: WorkspaceStatus) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1);

const notFound = (name: string) =>
  new WorkdockError('NOT_FOUND', `no workspace ${name}`, { hint: '`workdock get` lists them' });

import { Command } from 'commander';
import { WorkdockError } from '../lib/errors.ts';
import { table } from '../lib/table.ts';
import type { Config } from '../model/config.ts';
import type { Capabilities } from '../model/fitted.ts';
import type { HeldList } from '../model/held.ts';
import type { Problem } from '../model/problem.ts';
import type { Summary } from '../model/status.ts';
import { type Check, conditionCheck, diskCheck, jupyterCheck, nodeCheck, specsCheck } from './doctor-checks.ts';
import { engineChecks } from './doctor-engine.ts';
import { gitCheck } from './doctor-git.ts';
import type { VerbDeps } from './io.ts';
import { type Format, outputOption, printData } from './output.ts';
import { problemLine } from './problem-line.ts';

export type DoctorDeps = VerbDeps & {
  config: () => Promise<Config>;
  state: () => Promise<string>;
  /** Asks the engine itself, so that doctor has an answer when the controller is down. */
  probe: () => Promise<Capabilities>;
  /** Null without git. */
  gitVersion: () => Promise<string | null>;
};

const examples = `
Exits with 8 when something needs mending; what is only worth knowing does not count.

Examples:
  workdock doctor
  workdock doctor -o json | jq -r '.[] | select(.result == "bad") | .mend'`;

/** `doctor`: what the host, the engine and the controller are like, and how to mend each. */
export function doctorCommand(deps: DoctorDeps): Command {
  return new Command('doctor')
    .description('check engine, host and controller, and say how to mend them; works without a controller')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', examples)
    .action(async ({ output }: { output: Format }) => {
      const checks = await allChecks(deps);
      if (!printData(deps.io, output, checks)) for (const line of lines(checks)) deps.io.out(line);
      if (checks.some(({ result }) => result === 'bad')) deps.io.exitWith(8);
    });
}

async function allChecks({ client, config, state, probe, gitVersion }: DoctorDeps): Promise<Check[]> {
  const [summary, problems, engine, site, folder, git] = await Promise.all([
    attempt('controller', async () => (await client()).summary()),
    attempt('spec files', async () => (await client()).problems()),
    attempt('engine', probe),
    attempt('config', config),
    attempt('state', state),
    gitVersion(),
  ]);
  const up = summary.ok ? summary.value : undefined;
  const isGit = site.ok && site.value.source !== null;
  const specs = isGit ? [] : (up?.controller.specs ?? (site.ok ? site.value.specs : []));
  const data = up?.controller.data ?? (site.ok ? site.value.data : undefined);
  return [
    nodeCheck(process.versions.node),
    jupyterCheck(),
    gitCheck(git, isGit),
    ...(site.ok ? [] : [site.check]),
    up === undefined ? (summary as Failed).check : controllerCheck(up),
    ...(engine.ok ? engineChecks(engine.value) : [engine.check]),
    subnetCheck(up),
    ...hostChecks(up),
    ...specs.map(specsCheck),
    ...(up?.held ?? []).map(heldCheck),
    ...(problems.ok ? problems.value.map(problemCheck) : []),
    ...(data === undefined ? [] : [diskCheck('data disk', data)]),
    ...(folder.ok ? [diskCheck('state disk', folder.value)] : []),
  ];
}

type Failed = { ok: false; check: Check };

async function attempt<T>(name: string, call: () => Promise<T>): Promise<{ ok: true; value: T } | Failed> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (!(error instanceof WorkdockError)) throw error;
    return { ok: false, check: { name, result: 'bad', message: error.message, mend: error.hint } };
  }
}

const controllerCheck = ({ controller: { pid, version, instance, startedAt } }: Summary): Check => ({
  name: 'controller',
  result: 'ok',
  message: `${instance}, version ${version}, process ${pid}, since ${startedAt}`,
});

function subnetCheck(up: Summary | undefined): Check {
  const subnet = up?.host.engine?.['subnet'];
  if (subnet !== undefined) return { name: 'subnet', result: 'ok', message: String(subnet) };
  return { name: 'subnet', result: 'unknown', message: up ? 'not chosen yet' : 'only the controller knows it' };
}

function hostChecks(up: Summary | undefined): Check[] {
  if (up) return up.host.conditions.map(conditionCheck);
  return [{ name: 'NetworkGuarded', result: 'unknown', message: 'only the controller knows it' }];
}

const heldCheck = ({ kind, hash, reason }: HeldList): Check => ({
  ...{ name: `held ${kind}`, result: 'warn', message: reason },
  mend: `look at it and let it through: workdock approve ${hash}; or take it back in the files`,
});

const problemCheck = (problem: Problem): Check => ({
  name: 'spec file',
  result: 'warn',
  message: problemLine(problem),
});

function lines(checks: Check[]): string[] {
  const mark = { ok: 'ok', warn: 'warn', bad: 'BAD', unknown: '?' } as const;
  const rows = checks.flatMap(({ name, result, message, mend }) => [
    [mark[result], name, message],
    ...(mend === undefined ? [] : [['', '', `mend: ${mend}`]]),
  ]);
  return table(['', 'CHECK', 'FINDING'], rows);
}

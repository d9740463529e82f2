import { Command } from 'commander';
import { type Goal, ready, restarted, stopped } from '../client/goal.ts';
import { waitFor } from '../client/wait-for.ts';
import { WorkdockError } from '../lib/errors.ts';
import { durationMs } from './duration-option.ts';
import { newerHeld } from './held-text.ts';
import type { VerbDeps } from './io.ts';
import { type PendingDeps, restartPending } from './restart-pending.ts';
import { chosenNames } from './selection.ts';
import { tryEach } from './several.ts';
import { reportWaits } from './wait.ts';

type Flags = { selector?: string; wait?: number | true; pending?: true; dryRun?: true };
type Verb = { name: 'start' | 'stop' | 'restart'; about: string; more: string; waitsFor: string };

const DEFAULT_WAIT_MS = 30_000;
/** An image may have to be fetched first. */
const DEFAULT_UPDATE_MS = 120_000;

const verbs: Record<Verb['name'], Verb> = {
  start: {
    name: 'start',
    about: 'start workspaces, and keep them running',
    more: 'Holds until `stop` or until spec.state changes in the file.',
    waitsFor: 'Ready',
  },
  stop: {
    name: 'stop',
    about: 'stop workspaces, and keep them stopped',
    more: 'Processes get TERM and the grace of the spec. Holds until `start` or until spec.state changes in the file.',
    waitsFor: 'Stopped',
  },
  restart: {
    name: 'restart',
    about: 'restart workspaces, applying updates that wait for the next stop',
    more: 'A workspace whose new image or settings would not start goes back to its old container.',
    waitsFor: 'Ready again',
  },
};

/** `start`, `stop`, `restart`: stores the wish and returns; `--wait` stays until it is true. */
function actCommand({ name, about, more, waitsFor }: Verb, deps: VerbDeps & Partial<PendingDeps>): Command {
  const { io, client, onInterrupt } = deps;
  return new Command(name)
    .description(about)
    .argument('[names...]', 'workspaces')
    .option('-l, --selector <labels>', 'those with these labels: lab=neuro')
    .option('--wait [duration]', `stay until ${waitsFor} (30s at most, or this long)`, durationMs)
    .addHelpText('after', `\n${more}\n\nExamples:\n  workdock ${name} ada\n  workdock ${name} -l lab=neuro --wait 1m`)
    .action(async (names: string[], flags: Flags) => {
      const { selector, wait } = flags;
      if (flags.dryRun && !flags.pending) {
        throw new WorkdockError('USAGE', '--dry-run goes with --pending', { hint: `workdock help ${name}` });
      }
      if (flags.pending && onInterrupt) return pendingOnes({ io, client, onInterrupt }, names, flags);
      const api = await client();
      const chosen = await chosenNames(api, names, selector);
      const goals = new Map<string, Goal>();
      const act = async (workspace: string) => {
        const before = name === 'restart' && wait !== undefined ? (await api.list([workspace]))[0] : undefined;
        const status = await api[name](workspace);
        goals.set(workspace, name === 'stop' ? stopped : name === 'start' ? ready : restarted(before));
        io.out(`${workspace} ${name} accepted (${status.phase} now)`);
        for (const line of name === 'stop' ? [] : newerHeld(status)) io.err(line);
      };
      const failure = await tryEach(chosen, io, act).catch((error: unknown) => ({ error }));
      if (wait !== undefined && goals.size > 0) {
        const timeoutMs = wait === true ? DEFAULT_WAIT_MS : wait;
        const onMet = (workspace: string, goal: Goal) => io.out(`${workspace} ${goal.text}`);
        const plan = { goalOf: (workspace: string) => goals.get(workspace)!, timeoutMs, onMet };
        reportWaits(await waitFor(api, [...goals.keys()], plan), goals.size, io);
      }
      if (failure) throw failure.error;
    });
}

export const startCommand = (deps: VerbDeps) => actCommand(verbs.start, deps);
export const stopCommand = (deps: VerbDeps) => actCommand(verbs.stop, deps);

/** `restart` has one form more: those that have something to take along, in turn. */
export function restartCommand(deps: PendingDeps): Command {
  const command = actCommand(verbs.restart, deps);
  return command
    .option('--pending', 'only those with an update to take along, in turn: see below')
    .option('--dry-run', 'with --pending: only list who would be restarted, in which order')
    .addHelpText('after', pendingHelp);
}

const pendingHelp = `
--pending restarts those of the selection that have an update pending or available, limits.disruptions at a time, and
waits until each runs again and has stayed up (2m each, or --wait). At the first that does not it stops: that one goes
back to its old container (exit 8; 6 when it was not begun in time). Who is down takes the update at the next start and
is not woken. Ctrl-C begins no further one, waits for those on their way, and says who is left (exit 130).

  workdock restart -l lab=neuro --pending --dry-run
  workdock restart -l lab=neuro --pending --wait 5m`;

async function pendingOnes(deps: PendingDeps, names: string[], { selector, wait, dryRun }: Flags): Promise<void> {
  const chosen = await chosenNames(await deps.client(), names, selector);
  const withinMs = typeof wait === 'number' ? wait : DEFAULT_UPDATE_MS;
  await restartPending(deps, { names: chosen, withinMs, dryRun: dryRun === true });
}

import { Command } from 'commander';
import { type Goal, ready, restarted, stopped } from '../client/goal.ts';
import { waitFor } from '../client/wait-for.ts';
import { durationMs } from './duration-option.ts';
import type { VerbDeps } from './io.ts';
import { chosenNames } from './selection.ts';
import { tryEach } from './several.ts';
import { reportWaits } from './wait.ts';

type Flags = { selector?: string; wait?: number | true };
type Verb = { name: 'start' | 'stop' | 'restart'; about: string; more: string; waitsFor: string };

const DEFAULT_WAIT_MS = 30_000;

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
function actCommand({ name, about, more, waitsFor }: Verb, { io, client }: VerbDeps): Command {
  return new Command(name)
    .description(about)
    .argument('[names...]', 'workspaces')
    .option('-l, --selector <labels>', 'those with these labels: lab=neuro')
    .option('--wait [duration]', `stay until ${waitsFor} (30s at most, or this long)`, durationMs)
    .addHelpText('after', `\n${more}\n\nExamples:\n  workdock ${name} ada\n  workdock ${name} -l lab=neuro --wait 1m`)
    .action(async (names: string[], { selector, wait }: Flags) => {
      const api = await client();
      const chosen = await chosenNames(api, names, selector);
      const goals = new Map<string, Goal>();
      const act = async (workspace: string) => {
        const before = name === 'restart' && wait !== undefined ? (await api.list([workspace]))[0] : undefined;
        const { phase } = await api[name](workspace);
        goals.set(workspace, name === 'stop' ? stopped : name === 'start' ? ready : restarted(before));
        io.out(`${workspace} ${name} accepted (${phase} now)`);
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
export const restartCommand = (deps: VerbDeps) => actCommand(verbs.restart, deps);

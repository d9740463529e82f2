import type { ApiClient } from '../client/client.ts';
import { type Goal, parseGoal, ready, restarted, stopped } from '../client/goal.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { IdleRow } from '../model/service.ts';
import type { WorkspaceStatus } from '../model/status.ts';
import { exec, execStream } from './exec.ts';
import { getOrCreate } from './get-or-create.ts';
import { until } from './obeyed.ts';
import type { WaitOptions, Workspaces } from './types.ts';

async function listIdle(client: ApiClient, minutes: number): Promise<IdleRow[]> {
  if (!(minutes >= 0)) {
    throw new WorkdockError('USAGE', `${minutes} is no number of minutes`, { hint: 'listIdle(30)' });
  }
  const running = (await client.idle()).filter(({ phase }) => phase === 'Running');
  return running.filter(({ verdict }) => verdict !== undefined && verdict.quietMs >= minutes * 60_000);
}

/** `socket`: of the same controller, for streams. `close` ends what belongs to the library. */
type Deps = { client: ApiClient; socket: string; close: () => Promise<void> };

export function makeWorkspaces({ client, socket, close }: Deps): Workspaces {
  const status = async (name: string): Promise<WorkspaceStatus | undefined> => (await client.list([name]))[0];

  /** Asks for it, and waits until it is so. */
  const obeyed = async (name: string, verb: 'start' | 'stop' | 'restart', goal: Goal, options: WaitOptions = {}) => {
    const accepted = await client[verb](name);
    return options.wait === false ? accepted : until(client, name, { goal, timeoutMs: options.timeoutMs });
  };

  return {
    getOrCreate: (owner, spec, options = {}) => getOrCreate(client, { owner, spec }, options),
    exec: (name, argv, options = {}) => exec({ socket, name }, argv, options),
    execStream: (name, argv, options = {}) => execStream({ socket, name }, { ...options, argv, stdin: true }),
    listIdle: (minutes) => listIdle(client, minutes),
    cleanupIdle: (idleMinutes, { dryRun = false } = {}) => client.cleanup({ idleMinutes, dryRun }),
    keep: (name, forMs) => client.keep(name, forMs),
    status,
    list: () => client.list(),
    start: (name, options) => obeyed(name, 'start', ready, options),
    stop: (name, options) => obeyed(name, 'stop', stopped, options),
    restart: async (name, options) => obeyed(name, 'restart', restarted(await status(name)), options),
    wait: async (name, goal, { timeoutMs } = {}) => until(client, name, { goal: parseGoal(goal), timeoutMs }),
    events: (filter = {}) => client.events(filter),
    follow: async (onEvent, { signal = new AbortController().signal, limit = 0, ...filter } = {}) =>
      client.follow({ ...filter, limit }, onEvent, signal),
    close,
  };
}

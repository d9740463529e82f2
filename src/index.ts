import { resolve } from 'node:path';
import { makeClient } from './client/client.ts';
import { stateFolder } from './commands/state-folder.ts';
import type { LogLevel } from './lib/log.ts';
import { socketPath } from './lib/socket-path.ts';
import type { Workspaces } from './library/types.ts';
import { makeWorkspaces } from './library/workspaces.ts';
import type { Config } from './model/config.ts';
import type { ConfigV1 } from './spec/config-schema.ts';
import type { ConfigOverrides } from './spec/config-values.ts';
import { installedConfig } from './spec/find-config.ts';

export { type ErrorCode, WorkdockError } from './lib/errors.ts';
export type {
  CreateOptions,
  ExecOptions,
  ExecResult,
  ExecStream,
  ExecStreamOptions,
  FollowOptions,
  GotOrCreated,
  WaitOptions,
  WorkspaceSpec,
  Workspaces,
} from './library/types.ts';
export type { Condition } from './model/conditions.ts';
export type { Evidence, Verdict } from './model/idle.ts';
export type { CleanupRow, IdleRow, Kept } from './model/service.ts';
export type { Phase, WorkspaceEvent, WorkspaceStatus } from './model/status.ts';

/** What an administrator writes in `workdock.yaml`. */
export type WorkdockConfig = ConfigV1;

type Common = {
  /** State folder, where the controller's socket is. Default: WORKDOCK_STATE, the config's, `./state` beside it. */
  state?: string;
  /**
   * Config file, or its values; paths in values are relative to the working directory. Default: WORKDOCK_CONFIG, then
   * `./workdock.yaml` when there is one, then what is built in.
   */
  config?: string | WorkdockConfig;
  /** Milliseconds that one answer of the controller may take. Default 10,000. */
  deadlineMs?: number;
};

export type OpenOptions =
  | (Common & { embed?: false })
  | (Common & {
      /** Runs the controller in this process. Needs root, as `workdock up` does. */
      embed: true;
      /** Folders of spec files beside what `getOrCreate` writes. Default: the config's, else none. */
      specs?: string[];
      /** Data folder: homes, and the specs that `getOrCreate` wrote. Default: the config's, else `./data`. */
      data?: string;
      /** Name of this controller, for specs that name one. */
      instance?: string;
      /** Of the JSON lines on stderr. Default `warn`. */
      log?: LogLevel;
    });

/**
 * Opens the workspaces of a controller: of the one that runs over `state`, or with `embed: true` of one in this
 * process, which `close` ends while the workspaces go on running. The CLI works beside either.
 *
 * @throws CONTROLLER_UNREACHABLE  no controller answers there, or this account may not open its socket.
 * @throws CONTROLLER_LOCKED  embedded: another controller has the data folder or the socket.
 * @throws DATA_FOLDER_MISSING  embedded: the disk of the data folder is not mounted.
 * @throws CONFIG_INVALID, USAGE (a named config file is not there), NOT_PERSISTED, STATE_NEWER
 */
export async function openWorkspaces(options: OpenOptions = {}): Promise<Workspaces> {
  const { deadlineMs } = options;
  if (options.embed) {
    const { state, data, instance, specs, log = 'warn' } = options;
    const config = await configOf(options.config, {
      ...(state !== undefined && { state }),
      ...(data !== undefined && { data }),
      ...(instance !== undefined && { instance }),
      ...(specs && { specs }),
    });
    // Loaded here: a client needs none of what a controller is made of.
    const { embed } = await import('./embed.ts');
    return over(config.state, deadlineMs, await embed(config, log));
  }
  const state = await stateOf(options);
  await clientOf(state, deadlineMs).summary();
  return over(state, deadlineMs, async () => undefined);
}

const clientOf = (state: string, deadlineMs: number | undefined) =>
  makeClient({ state, ...(deadlineMs !== undefined && { deadlineMs }) });

const over = (state: string, deadlineMs: number | undefined, close: () => Promise<void>): Workspaces =>
  makeWorkspaces({ client: clientOf(state, deadlineMs), socket: socketPath(state).path, close });

const here = () => ({ env: process.env, cwd: process.cwd() });

async function configOf(given: Common['config'], overrides: ConfigOverrides): Promise<Config> {
  const { loadConfig, configFromValues } = await import('./spec/config.ts');
  // A program that embeds a controller may live without spec files; `workdock up` without any is a mistake.
  const asked = { ...here(), overrides, builtIn: { specs: [] } };
  if (typeof given === 'object') return configFromValues(given, asked);
  return loadConfig({ ...asked, ...(given !== undefined && { flagFile: given }) });
}

async function stateOf({ state, config }: Common): Promise<string> {
  if (state !== undefined) return resolve(state);
  if (typeof config === 'object') return (await configOf(config, {})).state;
  const loadConfig = (file: string) => configOf(file, {});
  const flags = { ...(config !== undefined && { config }) };
  return stateFolder({ flags, ...here(), loadConfig, installed: installedConfig });
}

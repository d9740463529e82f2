import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandWords } from '../lib/systemd-text.ts';
import { serviceName, unitFile } from '../model/places.ts';

export type ConfigWanted = { flagFile?: string; env: NodeJS.ProcessEnv; cwd: string };

/** `shown` is how people are told of it; one that was named must be there. */
export type ConfigPlace = { file: string; shown: string; mustExist: boolean };

/**
 * Which config is in force: `--config`, then WORKDOCK_CONFIG, then `./workdock.yaml`. Where none of them is and no
 * workspaces are kept here, it is that of the service installed on this machine: `workdock get` works in any folder.
 */
export function findConfig({ flagFile, env, cwd }: ConfigWanted, installed: () => string | null): ConfigPlace {
  const named = flagFile ?? (env['WORKDOCK_CONFIG'] || undefined);
  if (named !== undefined) return { file: resolve(cwd, named), shown: named, mustExist: true };
  const here: ConfigPlace = { file: join(cwd, 'workdock.yaml'), shown: 'workdock.yaml', mustExist: false };
  if (isKeptIn(cwd)) return here;
  const file = installed();
  return file === null ? here : { file, shown: file, mustExist: true };
}

/** Someone uses this folder: with a config, or with specs or a state in their usual places. */
const isKeptIn = (folder: string) =>
  ['workdock.yaml', 'workspaces', 'state/status.json'].some((path) => existsSync(join(folder, path)));

/** The config that the unit of a service names; null without such a unit. `root`: of a system that does not run. */
export function installedConfig(service = serviceName(), root = '/'): string | null {
  try {
    return configOf(readFileSync(join(root, unitFile(service)), 'utf8'));
  } catch {
    return null;
  }
}

/** The `--config` of a unit's last command. */
export function configOf(unit: string): string | null {
  const command = [...unit.matchAll(/^ExecStart=(.+)$/gm)].at(-1)?.[1];
  const words = commandWords(command ?? '');
  const at = words.indexOf('--config');
  return at === -1 ? null : (words[at + 1] ?? null);
}

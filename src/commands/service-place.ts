import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { WorkdockError } from '../lib/errors.ts';
import type { Config } from '../model/config.ts';
import { serviceConfigFile, serviceName, UNIT_FOLDER, unitFile } from '../model/places.ts';
import { readConfig } from '../spec/config.ts';
import { builtInConfig } from '../spec/config-values.ts';
import { installedConfig } from '../spec/find-config.ts';
import type { Io } from './io.ts';

/** The flags that all verbs of the service have. */
export type ServiceFlags = { root?: string; name?: string; config?: string; state?: string };

/** Where the parts of one service are. Paths are those of the machine it is for; `at` says where they are now. */
export type ServicePlace = {
  service: string;
  /** Another folder than / holds a system that does not run: nothing is started, stopped or asked there. */
  isStaged: boolean;
  at: (path: string) => string;
  unit: string;
  /** What `systemctl enable` makes. */
  link: string;
  dropIns: string;
  config: string;
  /** Someone chose the config, now or when the unit was written. */
  isChosen: boolean;
  /** Where the config is read; absent when there is none yet. */
  configAt?: string;
};

const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/**
 * Where the service is. Its config is the one that its unit names, else a named one (`--config`, WORKDOCK_CONFIG), else
 * its usual one; `renew`: a named one comes first.
 * @throws USAGE
 */
export function servicePlace(flags: ServiceFlags, { env, cwd }: Io, { renew = false } = {}): ServicePlace {
  const { root = '/', name, state } = flags;
  if (name !== undefined && !NAME.test(name)) {
    throw usage(`${JSON.stringify(name)} is no name for a service`, 'use lower-case letters, digits and dashes');
  }
  if (state !== undefined) throw usage('a service takes its folders from its config', 'write state: into the config');
  const base = resolve(cwd, root);
  const isStaged = base !== '/';
  const at = (path: string) => (isStaged ? join(base, path) : path);
  const service = serviceName(name);
  const usual = serviceConfigFile(service);
  const given = flags.config ?? (env['WORKDOCK_CONFIG'] || undefined);
  const named = given === undefined ? null : inside(base, resolve(cwd, given));
  const installed = installedConfig(service, base);
  const config = (renew ? (named ?? installed) : (installed ?? named)) ?? usual;
  // A config of somebody's choice may also be one of this machine, on which the service is only prepared.
  const configAt = [at(config), ...(config === usual ? [] : [config])].find((path) => existsSync(path));
  return {
    ...{ service, isStaged, at, unit: unitFile(service), config, isChosen: (named ?? installed) !== null },
    link: `${UNIT_FOLDER}/multi-user.target.wants/${service}.service`,
    dropIns: `${unitFile(service)}.d`,
    ...(configAt !== undefined && { configAt }),
  };
}

const usage = (message: string, hint: string) => new WorkdockError('USAGE', message, { hint });

/** A path below the root as the machine will see it; any other is taken for one of that machine already. */
function inside(root: string, path: string): string {
  const below = relative(root, path);
  return below.startsWith('..') ? path : `/${below}`;
}

/** The config in force for the service, or what is built in while there is none. @throws CONFIG_INVALID */
export function serviceConfig({ config, at, configAt = at(config) }: ServicePlace): Promise<Config> {
  return readConfig({ file: config, shown: configAt, mustExist: false }, { cwd: dirname(config), at: configAt });
}

/** Where specs lie when the config does not say. */
export const usualSpecs = (config: string): string => resolve(dirname(config), builtInConfig.specs[0]);

/** A part of the service that only runs as root, or in a staged folder. @throws REFUSED */
export function needRoot({ isStaged }: ServicePlace): void {
  if (isStaged || process.getuid?.() === 0) return;
  const hint = 'use sudo, or --root DIR to prepare the files below another folder';
  throw new WorkdockError('REFUSED', 'only root may change the services of this machine', { hint });
}

import { resolve } from 'node:path';
import { parseDuration } from '../lib/duration.ts';
import type { Config } from '../model/config.ts';
import { varFolder } from '../model/places.ts';
import type { ConfigV1 } from './config-schema.ts';
import { sourceValues } from './source-values.ts';

/** The built-in values of every setting that has one: the only place where they are said. Paths are relative. */
export const builtInConfig = {
  instance: 'default',
  prefix: 'ws-',
  specs: ['./workspaces'],
  state: './state',
  data: './data',
  uidRange: { first: 20_000, last: 59_999 },
  allowedImages: ['workdock-workspace:latest'],
  mountRoots: [],
  resync: '30s',
  settle: '300ms',
  endMarker: 'Optional',
  idle: { interval: '30s', maxKeep: '7d' },
  limits: { parallel: 8, disruptions: 1 },
  deletion: { grace: '60s', removeAfter: '7d' },
  guard: { window: '10m', removals: '20%', disruptions: '20%' },
} as const satisfies ConfigV1;

/** What flags and environment say instead of the config; paths are relative to where the command runs. */
export type ConfigOverrides = { state?: string; data?: string; instance?: string; specs?: string[] };

type From = {
  file: string | null;
  folder: string;
  cwd: string;
  overrides: ConfigOverrides;
  /** In the place of what is built in. */
  builtIn?: { specs: string[] };
};

/** A checked config with built-in values and overrides, in absolute paths and milliseconds. */
export function configValues(written: ConfigV1, { file, folder, cwd, overrides, builtIn }: From): Config {
  const given = { ...builtInConfig, ...builtIn, ...written };
  const path = (key: 'state' | 'data') => {
    if (overrides[key] !== undefined) return resolve(cwd, overrides[key]);
    return written[key] === undefined ? resolve(varFolder(folder), given[key]) : resolve(folder, written[key]);
  };
  const idle = { ...builtInConfig.idle, ...written.idle };
  const deletion = { ...builtInConfig.deletion, ...written.deletion };
  const guard = { ...builtInConfig.guard, ...written.guard };
  const users = Object.entries(written.users ?? {}).map(
    ([owner, { uid, gid = uid, groups = [] }]) => [owner, { uid, gid, groups }] as const,
  );
  return {
    file,
    instance: overrides.instance ?? given.instance,
    prefix: given.prefix,
    specs: overrides.specs?.map((each) => resolve(cwd, each)) ?? given.specs.map((each) => resolve(folder, each)),
    source: written.source ? sourceValues(written.source, overrides.specs ?? written.specs, folder) : null,
    state: path('state'),
    data: path('data'),
    defaults: { ...written.defaults },
    users: Object.fromEntries(users),
    uidRange: given.uidRange,
    allowedImages: [...given.allowedImages],
    mountRoots: [...given.mountRoots],
    secretsRoot: written.secretsRoot === undefined ? null : resolve(folder, written.secretsRoot),
    network: { subnet: written.network?.subnet ?? null },
    resyncMs: parseDuration(given.resync),
    settleMs: parseDuration(given.settle),
    endMarker: given.endMarker,
    idle: { intervalMs: parseDuration(idle.interval), maxKeepMs: parseDuration(idle.maxKeep) },
    limits: { ...builtInConfig.limits, ...written.limits },
    deletion: { graceMs: parseDuration(deletion.grace), removeAfterMs: parseDuration(deletion.removeAfter) },
    guard: {
      windowMs: parseDuration(guard.window),
      removals: parseShare(guard.removals),
      disruptions: parseShare(guard.disruptions),
    },
  };
}

/** `20%` to 0.2. */
const parseShare = (percent: string): number => Number.parseFloat(percent) / 100;

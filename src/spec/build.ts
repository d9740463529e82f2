import { parseDuration } from '../lib/duration.ts';
import { parseCpu, parseMemory } from '../lib/quantity.ts';
import type { Command, Desired, HomePlace, Mount } from '../model/desired.ts';
import { type Ignorable, ignorable } from '../model/drift.ts';
import type { Leaves } from './layers.ts';
import { fullRef } from './rules/image.ts';

/** Complete leaves that passed every rule, in machine units. */
export function build(name: string, leaves: Leaves): Desired {
  const get = <T>(path: string) => leaves.get(`spec.${path}`)?.value as T;
  const optional = (key: 'instance' | 'template') => (leaves.has(`spec.${key}`) ? { [key]: get<string>(key) } : {});
  const mounts = get<{ source: string; target: string; readOnly?: boolean }[]>('storage.mounts');
  return {
    name,
    labels: under(leaves, 'metadata.labels.'),
    owner: get('owner'),
    ...optional('instance'),
    ...optional('template'),
    state: get('state'),
    image: { ref: fullRef(get('image.ref')), pullPolicy: get('image.pullPolicy') },
    command: command(get('command')),
    env: under(leaves, 'spec.env.'),
    envFrom: get<{ file: string }[]>('envFrom').map(({ file }) => file),
    groups: [...new Set(get<number[]>('user.groups'))],
    limits: {
      nanoCpus: parseCpu(get('resources.cpu')),
      memoryBytes: parseMemory(get('resources.memory')),
      pids: get('resources.pids'),
    },
    shmBytes: parseMemory(get('resources.shm')),
    home: { place: place(leaves), mountPath: get('storage.home.mountPath'), shared: get('storage.home.shared') },
    mounts: mounts.map(({ source, target, readOnly = false }): Mount => ({ source, target, readOnly })),
    network: { mode: get('network.mode'), allow: get('network.allow') },
    security: { profile: get('security.profile') },
    idle: {
      enabled: get('idle.enabled'),
      mode: get('idle.mode'),
      timeoutMs: parseDuration(get('idle.timeout')),
      cpuBelow: Number.parseFloat(get('idle.cpuBelow')) / 100,
      warnBeforeMs: parseDuration(get('idle.warnBefore')),
    },
    stopGraceSeconds: parseDuration(get('stopGracePeriod')) / 1_000,
    restartPolicy: get('restart.policy'),
    updatePolicy: get('updatePolicy'),
    deletionPolicy: get('deletionPolicy'),
    deletionProtection: get('deletionProtection'),
    adopt: get('adopt'),
    drift: get('drift'),
    ...ignored(get('drift.ignore')),
    suspend: get('suspend'),
  };
}

/** In one order and each once: who turns the list round has changed nothing. An empty list is none. */
function ignored(written: Ignorable[] | undefined): Pick<Desired, 'driftIgnore'> {
  const driftIgnore = ignorable.filter((field) => written?.includes(field));
  return driftIgnore.length > 0 ? { driftIgnore } : {};
}

const under = (leaves: Leaves, prefix: string): Record<string, string> =>
  Object.fromEntries(
    [...leaves]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, { value }]) => [path.slice(prefix.length), value]),
  ) as Record<string, string>;

const command = (written: 'Keep' | 'Image' | string[]): Command =>
  Array.isArray(written) ? { kind: 'Argv', argv: written } : { kind: written };

function place(leaves: Leaves): HomePlace {
  const at = (key: string) => leaves.get(`spec.storage.home.${key}`)?.value as string | undefined;
  const [path, volume] = [at('source'), at('volume')];
  if (path !== undefined) return { kind: 'path', path };
  return volume === undefined ? { kind: 'folder', name: at('name')! } : { kind: 'volume', volume };
}

import { bytesText } from '../lib/bytes.ts';
import { durationText } from '../lib/duration.ts';
import type { Row } from '../lib/table.ts';
import type { Desired, HomePlace, Origins } from '../model/desired.ts';

/** How each setting of a spec reads from a Desired, by its path in the spec. */
const settings: Record<string, (desired: Desired) => string> = {
  owner: ({ owner }) => owner,
  instance: ({ instance }) => instance ?? '',
  template: ({ template }) => template ?? '',
  state: ({ state }) => state,
  image: ({ image }) => image.ref,
  'image.ref': ({ image }) => image.ref,
  'image.pullPolicy': ({ image }) => image.pullPolicy,
  command: ({ command }) => (command.kind === 'Argv' ? JSON.stringify(command.argv) : command.kind),
  envFrom: ({ envFrom }) => list(envFrom),
  'user.groups': ({ groups }) => list(groups),
  'resources.cpu': ({ limits }) => String(limits.nanoCpus / 1e9),
  'resources.memory': ({ limits }) => bytesText(limits.memoryBytes),
  'resources.pids': ({ limits }) => String(limits.pids),
  'resources.shm': ({ shmBytes }) => bytesText(shmBytes),
  'storage.home.name': ({ home }) => place(home.place),
  'storage.home.source': ({ home }) => place(home.place),
  'storage.home.volume': ({ home }) => place(home.place),
  'storage.home.mountPath': ({ home }) => home.mountPath,
  'storage.home.shared': ({ home }) => String(home.shared),
  'storage.mounts': ({ mounts }) =>
    list(mounts.map(({ source, target, readOnly }) => `${source} on ${target}${readOnly ? ' (read-only)' : ''}`)),
  'network.mode': ({ network }) => network.mode,
  'network.allow': ({ network }) => list(network.allow),
  'security.profile': ({ security }) => security.profile,
  'idle.enabled': ({ idle }) => String(idle.enabled),
  'idle.mode': ({ idle }) => idle.mode,
  'idle.timeout': ({ idle }) => durationText(idle.timeoutMs),
  'idle.cpuBelow': ({ idle }) => `${+(idle.cpuBelow * 100).toFixed(3)}%`,
  'idle.warnBefore': ({ idle }) => durationText(idle.warnBeforeMs),
  stopGracePeriod: ({ stopGraceSeconds }) => `${stopGraceSeconds}s`,
  'restart.policy': ({ restartPolicy }) => restartPolicy,
  updatePolicy: ({ updatePolicy }) => updatePolicy,
  deletionPolicy: ({ deletionPolicy }) => deletionPolicy,
  deletionProtection: ({ deletionProtection }) => String(deletionProtection),
  adopt: ({ adopt }) => String(adopt),
  drift: ({ drift }) => drift,
  'drift.ignore': ({ driftIgnore = [] }) => list(driftIgnore),
  suspend: ({ suspend }) => String(suspend),
};

const list = (items: readonly (string | number)[]) => (items.length === 0 ? 'none' : items.join(', '));

function place(home: HomePlace): string {
  if (home.kind === 'folder') return `${home.name} (in the data folder)`;
  return home.kind === 'path' ? home.path : `volume ${home.volume}`;
}

/** Setting, value and where it came from, in the order of the origins: every origin is shown. */
export const settingRows = (desired: Desired, origins: Origins): Row[] =>
  Object.entries(origins).map(([path, origin]) => {
    const field = path.replace(/^spec\./, '');
    return [field, valueAt(desired, field), origin];
  });

function valueAt(desired: Desired, field: string): string {
  const known = settings[field];
  if (known) return known(desired);
  const variable = /^env\.(.+)$/.exec(field)?.[1];
  if (variable !== undefined) return desired.env[variable] ?? '';
  const label = /^(?:metadata\.)?labels\.(.+)$/.exec(field)?.[1];
  if (label !== undefined) return desired.labels[label] ?? '';
  // A path deeper or shallower than the table: show the nearest setting above it rather than nothing.
  const parent = field.slice(0, Math.max(0, Math.max(field.lastIndexOf('.'), field.lastIndexOf('['))));
  return parent === '' ? '' : valueAt(desired, parent);
}

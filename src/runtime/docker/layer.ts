import type { ContainerInspectInfo } from 'dockerode';
import { type WrittenEntry, type WrittenLayer, writtenMost } from '../../model/runtime.ts';
import type { Archive } from './archive.ts';
import { containerOf, type Engine } from './connect.ts';
import { changesOf, inspectWithSize, type LayerChange } from './untyped.ts';

const kinds = ['changed', 'added', 'removed'] as const;

/** What we write before a start, and what the engine puts there to be able to mount on it. */
const own = new Set([
  '/etc/passwd',
  '/etc/group',
  '/sbin/docker-init',
  '/usr/sbin/docker-init',
  '/dev',
  '/dev/console',
]);

const parents = (path: string): string[] => {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`);
};

/**
 * What somebody left in a writable layer, from the engine's list of it. Folders that only lead to something are left
 * out, a new folder stands for all in it, and so does a place that a mount needs. Pure.
 */
export function writtenIn(changes: readonly LayerChange[], mountedOn: readonly string[]): WrittenEntry[] {
  const leads = new Set(changes.flatMap(({ Path }) => parents(Path)));
  const places = new Set(mountedOn.flatMap((path) => [path, ...parents(path)]));
  const isOurs = ({ Path, Kind }: LayerChange) => own.has(Path) || (Kind === 1 && places.has(Path));
  const added = new Set<string>();
  return changes
    .filter((change) => !isOurs(change) && !(change.Kind === 0 && leads.has(change.Path)))
    .sort((a, b) => (a.Path < b.Path ? -1 : 1))
    .flatMap(({ Path, Kind }): WrittenEntry[] => {
      if (parents(Path).some((parent) => added.has(parent))) return [];
      if (Kind === 1) added.add(Path);
      return [{ path: Path, kind: kinds[Kind] }];
    });
}

/** The writable layer of a container, running or not. Slow on a big one: only for who asks what it would cost. */
export function makeLayer({ engine, archive }: { engine: Engine; archive: Archive }) {
  return async (id: string): Promise<WrittenLayer> => {
    const [changes, info] = await Promise.all([
      engine.readLayer('list the files of a container', (docker, abortSignal) =>
        changesOf(docker, containerOf(docker, id).id, { abortSignal }),
      ),
      engine.readLayer('size a container', (docker, abortSignal) =>
        inspectWithSize(docker, containerOf(docker, id).id, { abortSignal }),
      ),
    ]);
    const targets = (info.Mounts ?? []).map(({ Destination }: ContainerInspectInfo['Mounts'][number]) => Destination);
    const found = writtenIn(Array.isArray(changes) ? changes : [], targets);
    const { passwd, group } = found.length > 0 ? await archive.readAccounts(id) : { passwd: '', group: '' };
    const ours = Buffer.byteLength(passwd) + Buffer.byteLength(group);
    const bytes = found.length > 0 ? Math.max(0, (info.SizeRw ?? 0) - ours) : 0;
    return { entries: found.slice(0, writtenMost), more: Math.max(0, found.length - writtenMost), bytes };
  };
}

import { chmod, chown, stat } from 'node:fs/promises';
import type { VolumeInspectInfo } from 'dockerode';
import type { HomeState } from '../../model/observed.ts';
import type { Engine } from './connect.ts';
import { allow } from './errors.ts';
import { folderState, type HomeKey } from './home.ts';
import { label } from './labels.ts';

const inspect = (engine: Engine, name: string): Promise<VolumeInspectInfo | undefined> =>
  allow(
    404,
    engine.read(`inspect volume ${name}`, (docker, abortSignal) => docker.getVolume(name).inspect({ abortSignal })),
  );

/** A home in an engine volume. Its owner is known only when the volume is a folder of this host. */
export async function volumeHomeState(engine: Engine, { homeSource, identity }: HomeKey): Promise<HomeState> {
  const volume = await inspect(engine, homeSource);
  if (!volume) return { kind: 'absent' };
  if (!volume.Mountpoint) return { kind: 'ready' };
  const state = await folderState(volume.Mountpoint, identity);
  return state.kind === 'absent' ? { kind: 'ready' } : state;
}

/** Makes the volume for its owner. One that exists is left as it is. */
export async function makeVolumeHome(engine: Engine, key: HomeKey, instanceUid: string): Promise<void> {
  const { homeSource, identity } = key;
  if (await inspect(engine, homeSource)) return;
  await engine.mutate(`create volume ${homeSource}`, (docker, abortSignal) =>
    docker.createVolume({ Name: homeSource, Labels: { [label.instance]: instanceUid }, abortSignal } as object),
  );
  const path = (await inspect(engine, homeSource))?.Mountpoint;
  if (!path || (await stat(path).catch(() => null)) === null) return;
  await chown(path, identity.uid, identity.gid);
  await chmod(path, 0o700);
}

/** Where a volume is on this host; null when it is not, or not made yet. A volume stays where it is. */
export function makeVolumeFolder(engine: Engine) {
  const known = new Map<string, string>();
  return async (name: string): Promise<string | null> => {
    const folder = known.get(name) ?? (await inspect(engine, name))?.Mountpoint;
    if (folder) known.set(name, folder);
    return folder || null;
  };
}

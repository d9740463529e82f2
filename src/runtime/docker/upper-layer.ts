import { chmod, chown, lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import type { Accounts } from './accounts.ts';

/** `X` in `/var/lib/docker/overlay2/X/diff`: what the container itself has changed. */
type Layers = { upper: string; lower: string[] };

function layersOf(info: ContainerInspectInfo): Layers | null {
  // Newer engines with another image store have no such field.
  const driver = info.GraphDriver as { Name: string; Data?: Record<string, string> | null } | undefined;
  const { UpperDir, LowerDir } = driver?.Data ?? {};
  if (driver?.Name !== 'overlay2' || !UpperDir || !LowerDir) return null;
  return { upper: UpperDir, lower: LowerDir.split(':') };
}

/** The engine's init layer lies on top of every image and always has an `etc`; its mode is what the merge shows. */
async function makeEtc({ upper, lower }: Layers): Promise<string | null> {
  const like = await lstat(join(lower[0]!, 'etc'));
  if (!like.isDirectory()) return null;
  const etc = join(upper, 'etc');
  await mkdir(etc, { mode: 0o755 });
  await chmod(etc, like.mode & 0o7777);
  await chown(etc, like.uid, like.gid);
  return etc;
}

async function place(etc: string, name: string, text: string) {
  const fresh = join(etc, `.${name}.workdock`);
  await writeFile(fresh, text, { flag: 'wx', mode: 0o644 });
  await chmod(fresh, 0o644); // whatever our umask is
  await rename(fresh, join(etc, name));
}

/**
 * Puts the account files straight into the top layer of a container that never ran: about 1 ms, where the archive call
 * takes tens, because the engine mounts the layers for it.
 *
 * Only safe before the first start: nothing is mounted and nobody has had a hand on these files, so no symlink can lead
 * out. The `etc` folder must be absent; whoever else put one there (docker cp) gets the archive call instead.
 * @returns false when it cannot be done here (other storage driver, not root, engine's folder not visible).
 */
export async function writeUpperLayer(info: ContainerInspectInfo, accounts: Accounts): Promise<boolean> {
  const layers = layersOf(info);
  if (!layers || info.State.Status !== 'created' || !info.State.StartedAt.startsWith('0001-')) return false;
  try {
    const etc = await makeEtc(layers);
    if (etc === null) return false;
    await place(etc, 'passwd', accounts.passwd);
    await place(etc, 'group', accounts.group);
    return true;
  } catch {
    return false;
  }
}

const plainFile = async (path: string): Promise<string> => {
  if (!(await lstat(path)).isFile()) throw new Error(`${path} is not a plain file`);
  return readFile(path, 'utf8');
};

/**
 * The account files as the container left them, without asking the engine; null when they are not there or not plain
 * files. Only to compare: nothing read here goes anywhere.
 */
export async function readUpperLayer(info: ContainerInspectInfo): Promise<Accounts | null> {
  const layers = layersOf(info);
  if (!layers || info.State.Running) return null;
  const etc = join(layers.upper, 'etc');
  try {
    if (!(await lstat(etc)).isDirectory()) return null;
    const [passwd, group] = await Promise.all([plainFile(join(etc, 'passwd')), plainFile(join(etc, 'group'))]);
    return { passwd, group };
  } catch {
    return null;
  }
}

import type { ContainerInspectInfo } from 'dockerode';
import type { Fitted } from '../../model/fitted.ts';
import { type AccountOwner, refuseReserved, withOwner } from './accounts.ts';
import type { Archive } from './archive.ts';
import type { Images } from './images.ts';
import { readUpperLayer, writeUpperLayer } from './upper-layer.ts';

type Deps = { archive: Archive; images: Images };

/**
 * Before a start: makes sure that the container's passwd and group know the owner, so that `whoami`, git, ssh and sudo
 * work under a uid the image has never heard of. Never while it runs.
 * @throws OWNER_RESERVED when the image has an account of that name with another uid.
 */
export function makeEnsureAccounts({ archive, images }: Deps) {
  /** Containers whose files are known to be right. With `sudo` their user can change them, so those are not kept. */
  const settled = new Set<string>();

  const ensure = async (info: ContainerInspectInfo, fitted: Fitted): Promise<void> => {
    if (settled.has(info.Id)) return;
    const image = await images.accounts(info.Image);
    const owner: AccountOwner = { ...fitted, shell: image.shell };
    refuseReserved(image, owner);
    if (!(await writeUpperLayer(info, withOwner(image, owner)))) {
      const now = (await readUpperLayer(info)) ?? (await archive.readAccounts(info.Id));
      const wanted = withOwner(now, owner);
      if (wanted.passwd !== now.passwd || wanted.group !== now.group) await archive.writeAccounts(info.Id, wanted);
    }
    if (fitted.security.profile === 'restricted') settled.add(info.Id);
  };
  return { ensure, forget: (id: string) => void settled.delete(id) };
}

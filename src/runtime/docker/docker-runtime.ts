import { type Clock, systemClock } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { HomeState } from '../../model/observed.ts';
import type { Runtime } from '../../model/runtime.ts';
import { refuseReserved } from './accounts.ts';
import { makeArchive } from './archive.ts';
import { makeAttach } from './attach.ts';
import { makeCapabilities } from './capabilities.ts';
import { type Connection, containerOf, makeEngine } from './connect.ts';
import { containerConfig } from './create-config.ts';
import { makeEchoes } from './echo.ts';
import { makeEnsureAccounts } from './ensure-accounts.ts';
import { allow } from './errors.ts';
import { makeWatch } from './events.ts';
import { makeExec } from './exec.ts';
import { makeHangUpLeftovers } from './exec-leftover.ts';
import { makeFind } from './find.ts';
import { makeForeign } from './foreign.ts';
import { folderState, type HomeKey, makeHomeFolder, pathHomeState } from './home.ts';
import { makeMountsBelow } from './home-mounts.ts';
import { makeImages } from './images.ts';
import { label, labelsFor } from './labels.ts';
import { makeLayer } from './layer.ts';
import { makeLogs } from './logs.ts';
import { missingMounts } from './mounts.ts';
import { makeNames } from './names.ts';
import { makeNetwork } from './network.ts';
import { makeObserve } from './observe.ts';
import { makeEnsureImage } from './pull.ts';
import { openFilesLimit } from './rlimit.ts';
import { makeSignals } from './signals/signals.ts';
import { formerHome, moveToTrash } from './trash.ts';
import { makeVerbs } from './verbs.ts';
import { makeVolumeFolder, makeVolumeHome, volumeHomeState } from './volume-home.ts';

export type DockerOptions = {
  connection?: Connection;
  instanceUid: string;
  prefix: string;
  /** Host folders that mounts and homes given as paths must lie in, after all symlinks. */
  mountRoots: readonly string[];
  /** Variables from the files named in `envFrom`. Its values are passed on to the engine and nowhere else. */
  secrets: (files: string[]) => Promise<Record<string, string>>;
  clock?: Clock;
  cgroupRoot?: string;
  procRoot?: string;
};

/** One Docker engine on this host. Only names with the prefix and labels with the instance are ever acted on. */
export function makeDockerRuntime(options: DockerOptions): Runtime {
  const { instanceUid, prefix, mountRoots, secrets, clock = systemClock } = options;
  const { cgroupRoot = '/sys/fs/cgroup', procRoot = '/proc' } = options;
  const engine = makeEngine(options.connection);
  const names = makeNames(prefix);
  const archive = makeArchive(engine);
  const images = makeImages({ engine, archive, instanceUid, names, clock });
  const find = makeFind({ engine, images, instanceUid, names });
  const verbs = makeVerbs({ engine, find, names, clock });
  const accounts = makeEnsureAccounts({ archive, images });
  const { capabilities, countsSwap } = makeCapabilities(engine);
  const openFiles = openFilesLimit(procRoot);
  const echoes = makeEchoes(clock);
  const nameOf = new Map<string, string>();
  const execIds = new Set<string>();
  const volumeFolder = makeVolumeFolder(engine);
  const mountsBelow = makeMountsBelow(engine);
  const { leaveLost, ...attach } = makeAttach({ engine, find });
  const roots = { cgroupRoot, procRoot };

  const homeState = async (key: HomeKey): Promise<HomeState> => {
    const { kind } = key.home.place;
    if (kind === 'volume') return volumeHomeState(engine, key);
    if (kind === 'path') return pathHomeState(key, mountRoots);
    const state = await folderState(key.homeSource, key.identity);
    const former = state.kind === 'absent' ? await formerHome(key.homeSource) : undefined;
    return former === undefined ? state : { kind: 'absent', former };
  };
  const refuseMissing = async ({ mounts }: Fitted): Promise<void> => {
    const [problem] = await missingMounts(mounts, mountRoots);
    if (!problem) return;
    const hint = 'mount the disk, or name a folder inside mountRoots';
    throw new WorkdockError('MOUNT_MISSING', problem.message, { hint });
  };
  const observe = makeObserve({
    find,
    images,
    names,
    homeState,
    countsSwap,
    roots,
    mountRoots,
    foreign: makeForeign({ images, instanceUid }),
    clock,
  });

  return {
    capabilities,
    list: async (adopted) => {
      const listing = await find.listing(adopted);
      for (const [name, rows] of listing) for (const { id } of rows) nameOf.set(id, name);
      return listing;
    },
    observe: async (key, seen) => {
      const found = await observe(key, seen);
      // What has no label of ours: its events are told by its id.
      const { current, aside, strays, taken } = found;
      const foreign = taken?.foreign ? taken : undefined;
      for (const c of [current, aside, ...strays, foreign]) if (c) nameOf.set(c.id, key.name);
      return found;
    },
    ensureImage: makeEnsureImage({ engine, images }),
    ensureHome: async (fitted) => {
      const state = await homeState(fitted);
      if (state.kind === 'unusable') {
        const hint = 'see to the disk of the home; it is looked at again';
        throw new WorkdockError('HOME_UNUSABLE', state.message, { hint });
      }
      if (state.kind !== 'absent') return;
      if (fitted.home.place.kind === 'volume') await makeVolumeHome(engine, fitted, instanceUid);
      else await makeHomeFolder(fitted.homeSource, fitted.identity);
    },
    homeFolder: async ({ home, homeSource }) => (home.place.kind === 'volume' ? volumeFolder(homeSource) : homeSource),
    trashHome: async ({ home, homeSource }, at, unless = 'Mounted') => {
      if (home.place.kind !== 'folder') return null;
      const mounts = await mountsBelow(homeSource);
      return moveToTrash(homeSource, at, unless === 'Mounted' ? mounts : mounts.filter(({ up }) => up));
    },
    mountsBelow,
    create: async (fitted, generation) => {
      const imageId = await images.recentIdOf(fitted.image.ref);
      if (imageId === null)
        throw new WorkdockError('IMAGE_NOT_FOUND', `no image ${fitted.image.ref} on this engine`, {
          hint: 'build it with `workdock image build`, or pull it',
        });
      const [image, values] = await Promise.all([
        images.accounts(imageId),
        secrets(fitted.envFrom),
        refuseMissing(fitted),
      ]);
      refuseReserved(image, { ...fitted, shell: image.shell });
      const labels = labelsFor(instanceUid, fitted, generation);
      const config = containerConfig(fitted, { labels, shell: image.shell, secrets: values, openFiles });
      const name = names.current(fitted.name);
      const { id } = await echoes.during(name, ['create'], () =>
        engine.mutate(`create ${name}`, (docker, abortSignal) =>
          docker.createContainer({ ...config, name, abortSignal }),
        ),
      );
      nameOf.set(id, fitted.name);
      return id;
    },
    start: async (id, fitted) => {
      const info = await find.inspect(id);
      if (info?.State.Running && !info.State.Paused) return;
      // One that was made by hand stays as its maker left it.
      const byHand = info?.Config.Labels[label.instance] === undefined;
      if (info) {
        const known = byHand ? undefined : accounts.ensure(info, fitted);
        await Promise.all([known, refuseMissing(fitted), leaveLost(info, fitted.networkName)]);
      }
      const call = () =>
        engine.mutate(`start ${names.current(fitted.name)}`, (docker, abortSignal) =>
          containerOf(docker, id).start({ abortSignal }),
        );
      await allow(304, echoes.during(id, ['start', 'connect'], call));
    },
    ...verbs,
    remove: async (id) => {
      await verbs.remove(id);
      accounts.forget(id);
    },
    diff: makeLayer({ engine, archive }),
    ...attach,
    ...makeNetwork({ engine, instanceUid }),
    ...makeSignals({ roots, clock }),
    watch: makeWatch({ engine, instanceUid, clock, echoes }, nameOf),
    logs: makeLogs(engine),
    exec: makeExec({ engine, clock, roots }, execIds),
    hangUpLeftovers: makeHangUpLeftovers({ engine, clock, roots, find }, execIds),
  };
}

import type { ContainerInspectInfo } from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { Container, HomeState, Observed } from '../../model/observed.ts';
import type { ObserveKey } from '../../model/runtime.ts';
import { type CgroupRoots, readMemory } from './cgroup.ts';
import { containerView } from './container-view.ts';
import type { Find } from './find.ts';
import type { HomeKey } from './home.ts';
import type { Images } from './images.ts';
import { missingMounts } from './mounts.ts';
import type { Names } from './names.ts';

type Deps = {
  find: Find;
  images: Images;
  names: Names;
  homeState: (key: HomeKey) => Promise<HomeState>;
  countsSwap: () => Promise<boolean>;
  roots: CgroupRoots;
  mountRoots: readonly string[];
  clock: Clock;
};

const newest = (a: Container, b: Container) => b.generation - a.generation;

/** One look at one workspace: two lists, an inspect per container found, and the host's folders, all in parallel. */
export function makeObserve(deps: Deps) {
  const { find, images, names, homeState, countsSwap, roots, mountRoots, clock } = deps;

  const view = async (info: ContainerInspectInfo, swap: boolean): Promise<Container> => {
    const memory = info.State.Running ? await readMemory(info.State.Pid, roots) : {};
    return containerView(info, memory, swap);
  };
  const home = async ({ home: wanted, homeSource, identity }: ObserveKey): Promise<HomeState> =>
    wanted && homeSource && identity ? homeState({ home: wanted, homeSource, identity }) : { kind: 'absent' };

  const idsOf = ({ current, aside, strays }: Observed): string[] =>
    [current, aside, ...strays].flatMap((container) => (container ? [container.id] : []));

  return async (key: ObserveKey, seen?: Observed): Promise<Observed> => {
    const at = clock.now();
    const [infos, imageId, homeNow, missing, swap] = await Promise.all([
      find.candidates(key.name, seen && idsOf(seen)),
      seen?.imageId ?? (key.image ? images.idOf(key.image.ref) : null),
      home(key),
      missingMounts(key.mounts ?? [], mountRoots),
      countsSwap(),
    ]);
    const mine = await Promise.all(infos.map(find.ours));
    const own = await Promise.all(infos.filter((_, index) => mine[index]).map((info) => view(info, swap)));
    const role = (wanted: string) => own.filter(({ name }) => names.role(key.name, name) === wanted).sort(newest);
    const [current] = role('current');
    const [aside, ...olderAside] = role('aside');
    const foreign = infos.find((info, index) => !mine[index] && names.role(key.name, info.Name.slice(1)) !== 'other');
    return {
      at,
      ownName: names.current(key.name),
      ...(current ? { current } : {}),
      ...(aside ? { aside } : {}),
      strays: [...olderAside, ...role('other')],
      ...(foreign ? { taken: { id: foreign.Id, name: foreign.Name.slice(1) } } : {}),
      imageId,
      home: homeNow,
      missingMounts: missing,
    };
  };
}

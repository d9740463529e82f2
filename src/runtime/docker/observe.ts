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
import type { Names, Role } from './names.ts';

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

  const takenBy = async (info: ContainerInspectInfo) => ({
    ...{ id: info.Id, name: info.Name.slice(1) },
    ...((await find.isOfInstance(info)) && { ours: true as const }),
  });

  const idsOf = ({ current, aside, strays }: Observed): string[] =>
    [current, aside, ...strays].flatMap((container) => (container ? [container.id] : []));

  return async (key: ObserveKey, seen?: Observed): Promise<Observed> => {
    const at = clock.now();
    const [infos, imageId, homeNow, missing, swap] = await Promise.all([
      find.candidates(key, seen && idsOf(seen)),
      seen?.imageId ?? (key.image ? images.idOf(key.image.ref) : null),
      home(key),
      missingMounts(key.mounts ?? [], mountRoots),
      countsSwap(),
    ]);
    const mine = await Promise.all(infos.map((info) => find.ours(info, key)));
    const own = await Promise.all(infos.filter((_, index) => mine[index]).map((info) => view(info, swap)));
    const roleOf = ({ id, name }: Container): Role => {
      const role = names.role(key.name, name);
      return role === 'other' && key.adopted?.includes(id) ? names.formerRole(name) : role;
    };
    const isNamed = (c: Container) => names.role(key.name, c.name) !== 'other';
    const role = (wanted: Role) =>
      own.filter((c) => roleOf(c) === wanted).sort((a, b) => Number(isNamed(b)) - Number(isNamed(a)) || newest(a, b));
    const [current, ...moreCurrent] = role('current');
    const [aside, ...olderAside] = role('aside');
    const foreign = infos.find((info, index) => !mine[index] && names.role(key.name, info.Name.slice(1)) !== 'other');
    return {
      at,
      ownName: names.current(key.name),
      ...(current ? { current } : {}),
      ...(aside ? { aside } : {}),
      strays: [...moreCurrent, ...olderAside, ...role('other')],
      ...(foreign ? { taken: await takenBy(foreign) } : {}),
      imageId,
      home: homeNow,
      missingMounts: missing,
    };
  };
}

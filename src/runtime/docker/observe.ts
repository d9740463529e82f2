import type { ContainerInspectInfo } from 'dockerode';
import type { Clock } from '../../lib/clock.ts';
import type { Container, HomeState, Observed } from '../../model/observed.ts';
import type { ObserveKey } from '../../model/runtime.ts';
import { type CgroupRoots, readMemory } from './cgroup.ts';
import { containerView } from './container-view.ts';
import type { Find } from './find.ts';
import type { makeForeign } from './foreign.ts';
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
  foreign: ReturnType<typeof makeForeign>;
  clock: Clock;
};

const newest = (a: Container, b: Container) => b.generation - a.generation;

/** One look at one workspace: two lists, an inspect per container found, and the host's folders, all in parallel. */
export function makeObserve(deps: Deps) {
  const { find, images, names, homeState, countsSwap, roots, mountRoots, foreign, clock } = deps;

  const view = async (info: ContainerInspectInfo, swap: boolean): Promise<Container> => {
    const memory = info.State.Running ? await readMemory(info.State.Pid, roots) : {};
    return containerView(info, memory, swap);
  };
  const home = async ({ home: wanted, homeSource, identity }: ObserveKey): Promise<HomeState> =>
    wanted && homeSource && identity ? homeState({ home: wanted, homeSource, identity }) : { kind: 'absent' };

  const named = ({ Id, Name }: ContainerInspectInfo) => ({ id: Id, name: Name.slice(1) });
  /** What another workspace took over may have no label of ours, and is none the less its own. */
  const takenBy = async (info: ContainerInspectInfo, key: ObserveKey) => {
    const ours = key.given?.includes(info.Id) || (await find.isOfInstance(info));
    return { ...named(info), ...(ours ? { ours } : { foreign: await foreign(info, key) }) };
  };

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
    const others = infos.filter((_, index) => !mine[index]);
    const byRole = Map.groupBy(others, ({ Name }) => names.role(key.name, Name.slice(1)));
    const [inPlace] = [...(byRole.get('current') ?? []), ...(byRole.get('aside') ?? [])];
    // Found by labels of ours, which are not its own.
    const copies = byRole.get('other') ?? [];
    return {
      at,
      ownName: names.current(key.name),
      ...(current ? { current } : {}),
      ...(aside ? { aside } : {}),
      strays: [...moreCurrent, ...olderAside, ...role('other')],
      ...(inPlace ? { taken: await takenBy(inPlace, key) } : {}),
      ...(copies.length > 0 ? { copies: copies.map(named) } : {}),
      imageId,
      home: homeNow,
      missingMounts: missing,
    };
  };
}

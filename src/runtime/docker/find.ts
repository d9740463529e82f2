import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { ContainerState } from '../../model/observed.ts';
import type { Listing, ObserveKey } from '../../model/runtime.ts';
import { containerOf, type Engine } from './connect.ts';
import { allow } from './errors.ts';
import type { Images } from './images.ts';
import { isOurs, type Labels, label } from './labels.ts';
import type { Names } from './names.ts';

type Deps = { engine: Engine; images: Images; instanceUid: string; names: Names };

/** Finding containers. Only full ids and exact names count: the engine also resolves prefixes of ids. */
export function makeFind({ engine, images, instanceUid, names }: Deps) {
  const list = (filters: Record<string, string[]>) =>
    engine.read('list containers', (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }));
  const inspect = async (id: string): Promise<ContainerInspectInfo | undefined> => {
    const info = await allow(
      404,
      engine.read('inspect container', (docker, abortSignal) => containerOf(docker, id).inspect({ abortSignal })),
    );
    return info?.Id === id ? info : undefined;
  };
  /** The engine looks for a name first and then for the start of an id: what it finds must have the name. */
  const byName = async (name: string): Promise<ContainerInspectInfo | undefined> => {
    const call = engine.read('inspect container', (docker, abortSignal) =>
      docker.getContainer(name).inspect({ abortSignal }),
    );
    const info = await allow(404, call);
    return info?.Name === `/${name}` ? info : undefined;
  };
  const ours = async (own: Labels, imageId: string) =>
    own[label.instance] === instanceUid && isOurs(instanceUid, own, await images.labels(imageId));

  return {
    inspect,
    /** Made by us, for whatever workspace. */
    isOfInstance: ({ Config, Image }: ContainerInspectInfo) => ours(Config.Labels, Image),
    /** Made by us for this very workspace, or adopted by it, and not given to another. */
    ours: ({ Id, Config, Image }: ContainerInspectInfo, { name, adopted = [], given = [] }: ObserveKey) => {
      const its = adopted.includes(Id) || (Config.Labels[label.name] === name && !given.includes(Id));
      return its ? ours(Config.Labels, Image) : false;
    },
    /**
     * Every container that carries the workspace's labels, was adopted by it, or has one of its names. With `known`
     * from a look a moment ago only those and whoever has its proper name now: a list goes through all of the engine.
     */
    candidates: async (
      { name, adopted = [], given = [] }: ObserveKey,
      known?: readonly string[],
    ): Promise<ContainerInspectInfo[]> => {
      if (known) {
        const current = await byName(names.current(name));
        const others = await Promise.all(known.filter((id) => id !== current?.Id).map(inspect));
        return [current, ...others].filter((info) => info !== undefined);
      }
      const own = { label: [`${label.instance}=${instanceUid}`, `${label.name}=${name}`] };
      const rows = await Promise.all([list(own), list({ name: [names.filter(name)] })]);
      const ids = new Set([...rows.flat().map(({ Id }) => Id), ...adopted]);
      const infos = await Promise.all([...ids].map(inspect));
      const isElsewhere = ({ Id, Name }: ContainerInspectInfo) =>
        given.includes(Id) && names.role(name, Name.slice(1)) === 'other';
      return infos.filter((info) => info !== undefined && !isElsewhere(info)) as ContainerInspectInfo[];
    },
    /** All containers of this instance by workspace name. */
    listing: async (): Promise<Listing> => {
      const all = await list({ label: [`${label.instance}=${instanceUid}`] });
      const mine = await Promise.all(all.map(({ Labels: own, ImageID }) => ours(own, ImageID)));
      const rows = all.filter((_, index) => mine[index]);
      const entry = ({ Id, Names, State }: ContainerInfo) => ({
        id: Id,
        name: Names[0]!.slice(1),
        state: State as ContainerState,
      });
      const byName: Listing = new Map();
      for (const row of rows) {
        const name = row.Labels[label.name]!;
        byName.set(name, [...(byName.get(name) ?? []), entry(row)]);
      }
      return byName;
    },
  };
}

export type Find = ReturnType<typeof makeFind>;

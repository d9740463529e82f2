import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { ContainerState } from '../../model/observed.ts';
import type { Adopted, Listing, ObserveKey } from '../../model/runtime.ts';
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
  const entry = ({ Id, Names, State }: ContainerInfo) => ({
    id: Id,
    name: Names[0]!.slice(1),
    state: State as ContainerState,
  });

  return {
    inspect,
    /** Made by us, for whatever workspace. */
    isOfInstance: ({ Config, Image }: ContainerInspectInfo) => ours(Config.Labels, Image),
    /**
     * Made by us for this very workspace and not given to another, or adopted by it: the record of an adoption has the
     * full id, and says whose a container is that was made by hand and has no label of ours.
     */
    ours: async ({ Id, Config, Image }: ContainerInspectInfo, { name, adopted = [], given = [] }: ObserveKey) => {
      if (adopted.includes(Id)) return true;
      return Config.Labels[label.name] === name && !given.includes(Id) ? ours(Config.Labels, Image) : false;
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
    /** All containers of this instance by workspace name, and those that were adopted under the name that has them. */
    listing: async (adopted: Adopted = new Map()): Promise<Listing> => {
      const labelled = await list({ label: [`${label.instance}=${instanceUid}`] });
      const mine = await Promise.all(labelled.map(({ Labels: own, ImageID }) => ours(own, ImageID)));
      const known = labelled.filter(({ Id }, index) => mine[index] || adopted.has(Id));
      const rest = [...adopted.keys()].filter((id) => !known.some(({ Id }) => Id === id));
      const byHand = rest.length === 0 ? [] : (await list({ id: rest })).filter(({ Id }) => rest.includes(Id));
      const byName = Map.groupBy([...known, ...byHand], ({ Id, Labels }) => adopted.get(Id) ?? Labels[label.name]!);
      return new Map([...byName].map(([name, rows]) => [name, rows.map(entry)]));
    },
  };
}

export type Find = ReturnType<typeof makeFind>;

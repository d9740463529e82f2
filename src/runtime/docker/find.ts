import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import type { ContainerState } from '../../model/observed.ts';
import type { Listing } from '../../model/runtime.ts';
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
  const ours = async (own: Labels, imageId: string) =>
    own[label.instance] === instanceUid && isOurs(instanceUid, own, await images.labels(imageId));

  return {
    inspect,
    ours: (info: ContainerInspectInfo) => ours(info.Config.Labels, info.Image),
    /** Every container that carries the workspace's labels (or is `known` to) or has one of its names. */
    candidates: async (name: string, known?: readonly string[]): Promise<ContainerInspectInfo[]> => {
      const own = { label: [`${label.instance}=${instanceUid}`, `${label.name}=${name}`] };
      // A list by label goes through every container of the engine; known ids are only inspected.
      const byLabel = known ?? list(own).then((rows) => rows.map(({ Id }) => Id));
      const [labelled, named] = await Promise.all([byLabel, list({ name: [names.filter(name)] })]);
      const ids = new Set([...labelled, ...named.map(({ Id }) => Id)]);
      const infos = await Promise.all([...ids].map(inspect));
      return infos.filter((info) => info !== undefined);
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

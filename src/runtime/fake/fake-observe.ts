import { basename } from 'node:path';
import { newestOf } from '../../model/homes.ts';
import type { Container, HomeState, Observed } from '../../model/observed.ts';
import type { ObserveKey } from '../../model/runtime.ts';
import { type FakeContainer, type FakeEngine, isUp } from './engine.ts';

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

function asContainer(c: FakeContainer): Container {
  const startedAt = iso(c.startedAt);
  const finishedAt = iso(c.finishedAt);
  const { id, name, state, hash, generation, imageRef, imageId, limits, exitCode, error, oomKilled } = c;
  const networks = [...c.networks.keys()].sort((a, b) => a.localeCompare(b));
  return {
    ...{ id, name, state, hash, generation, imageRef, imageId, limits, exitCode, error, oomKilled, networks },
    ...(c.restartPolicy !== undefined && { restartPolicy: c.restartPolicy }),
    // The address it has, or will have when it starts.
    address: c.networks.get(networks[0] ?? '') ?? null,
    createdAt: new Date(c.createdAt).toISOString(),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    ...(isUp(c) && { pid: 1000, oomKills: c.oomKills, memoryInUseBytes: c.memoryInUseBytes }),
  };
}

function homeOf({ homes, trash }: FakeEngine, { homeSource = '', identity }: ObserveKey): HomeState {
  const home = homes.get(homeSource);
  const former = home ? undefined : newestOf(basename(homeSource), [...trash.keys()]);
  if (!home) return { kind: 'absent', ...(former !== undefined && { former }) };
  if (home.unusable !== undefined) return { kind: 'unusable', message: home.unusable };
  const wrong = identity !== undefined && home.uid !== identity.uid;
  return wrong ? { kind: 'wrongOwner', uid: home.uid, gid: home.gid, path: homeSource } : { kind: 'ready' };
}

/** One look at one workspace: roles by name, ownership by `workspace`, which stands for our labels. */
export function observeFake(engine: FakeEngine, prefix: string, key: ObserveKey): Observed {
  const own = `${prefix}${key.name}`;
  const isAside = ({ name }: FakeContainer) => name.startsWith(own) && /^\.old\.[0-9]+$/.test(name.slice(own.length));
  // Most engines hold many containers and few of them concern one name: one walk, no copies.
  const ours: FakeContainer[] = [];
  let taken: FakeContainer | undefined;
  for (const c of engine.containers.values()) {
    if (c.workspace === key.name) ours.push(c);
    else if (c.name === own || isAside(c)) taken = c;
  }
  const current = ours.find((c) => c.name === own);
  const [aside] = ours.filter(isAside).sort((a, b) => b.generation - a.generation);
  return {
    at: engine.now(),
    ownName: own,
    ...(current && { current: asContainer(current) }),
    ...(aside && { aside: asContainer(aside) }),
    strays: ours.filter((c) => c !== current && c !== aside).map(asContainer),
    ...(taken && { taken: { id: taken.id, name: taken.name } }),
    imageId: (key.image && engine.images.get(key.image.ref)) ?? null,
    home: homeOf(engine, key),
    missingMounts: (key.mounts ?? [])
      .filter((mount) => engine.missingMounts.has(mount.source))
      .map(({ source }) => ({ source, message: `${source} does not exist` })),
  };
}

import { basename } from 'node:path';
import { newestOf } from '../../model/homes.ts';
import { type Container, type Foreign, type HomeState, handMadeHash, type Observed } from '../../model/observed.ts';
import type { ObserveKey } from '../../model/runtime.ts';
import { type FakeContainer, type FakeEngine, isUp } from './engine.ts';

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

function asContainer(c: FakeContainer): Container {
  const startedAt = iso(c.startedAt);
  const finishedAt = iso(c.finishedAt);
  const { id, name, state, hash, generation, imageRef, imageId, limits, exitCode, error, oomKilled } = c;
  const networks = [...c.networks.keys()].sort((a, b) => a.localeCompare(b));
  const labels = c.workspace === null ? { hash: handMadeHash(id), generation: 0 } : { hash, generation };
  return {
    ...{ id, name, state, ...labels, imageRef, imageId, limits, exitCode, error, oomKilled, networks },
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

function foreignOf(c: FakeContainer, { homeSource }: ObserveKey): Foreign {
  return {
    ...{ state: c.state, autoRemove: false, env: {} },
    home: { source: c.homeSource, fits: c.homeSource === homeSource, readOnly: false },
    fields: { image: c.imageRef, command: '["sleep","60"]', user: 'root', 'security.profile': 'of the engine' },
    ...c.foreign,
  };
}

/** One look at one workspace: roles by name, ownership by `workspace`, which stands for our labels. */
export function observeFake(engine: FakeEngine, prefix: string, key: ObserveKey): Observed {
  const own = `${prefix}${key.name}`;
  const { adopted = [], given = [] } = key;
  const isAside = ({ name }: FakeContainer) => name.startsWith(own) && /^\.old\.[0-9]+$/.test(name.slice(own.length));
  const isFormer = ({ id, name }: FakeContainer, form: RegExp) =>
    adopted.includes(id) && name.startsWith(prefix) && form.test(name.slice(prefix.length));
  // Most engines hold many containers and few of them concern one name: one walk, no copies.
  const ours: FakeContainer[] = [];
  let taken: FakeContainer | undefined;
  const copies: NonNullable<Observed['copies']> = [];
  for (const c of engine.containers.values()) {
    const its = adopted.includes(c.id) || (c.workspace === key.name && !given.includes(c.id));
    if (its) ours.push(c);
    else if (c.name === own || isAside(c)) taken = c;
    else if (c.foreign?.claim?.by === 'copy' && c.foreign.claim.of === key.name)
      copies.push({ id: c.id, name: c.name });
  }
  const whoseOf = (c: FakeContainer) =>
    c.workspace !== null || given.includes(c.id) ? { ours: true as const } : { foreign: foreignOf(c, key) };
  const newest = (a: FakeContainer, b: FakeContainer) => b.generation - a.generation;
  const isCurrent = (c: FakeContainer) => isFormer(c, /^[a-z][a-z0-9-]*$/);
  const current = ours.find((c) => c.name === own) ?? ours.filter(isCurrent).sort(newest)[0];
  const wasAside = (c: FakeContainer) => isFormer(c, /^[a-z][a-z0-9-]*\.old\.[0-9]+$/);
  const aside = ours.filter(isAside).sort(newest)[0] ?? ours.filter(wasAside).sort(newest)[0];
  return {
    at: engine.now(),
    ownName: own,
    ...(current && { current: asContainer(current) }),
    ...(aside && { aside: asContainer(aside) }),
    strays: ours.filter((c) => c !== current && c !== aside).map(asContainer),
    ...(taken && { taken: { id: taken.id, name: taken.name, ...whoseOf(taken) } }),
    ...(copies.length > 0 && { copies }),
    imageId: (key.image && engine.images.get(key.image.ref)) ?? null,
    home: homeOf(engine, key),
    missingMounts: (key.mounts ?? [])
      .filter((mount) => engine.missingMounts.has(mount.source))
      .map(({ source }) => ({ source, message: `${source} does not exist` })),
  };
}

import { join } from 'node:path';
import type { CatalogState } from './catalog-state.ts';
import { FOLDER } from './homes/folder.ts';
import { lookAt } from './homes/stored/erase.ts';
import type { Places } from './homes/stored/places.ts';
import { type Clock, timestamp } from './lib/clock.ts';
import { onDisk } from './lib/disk.ts';
import { refuse, WorkdockError } from './lib/errors.ts';
import type { HomeMount, HomeRow } from './model/homes.ts';
import type { Runtime } from './model/runtime.ts';
import type { StatusStore, UidLedger } from './model/store.ts';
import type { HeldHome } from './spec/homes.ts';

export type FactDeps = {
  places: Places;
  catalog: Pick<CatalogState, 'get' | 'names' | 'desired' | 'settled'>;
  /** Homes that workspaces have, whatever the files say. */
  held: () => HeldHome[];
  status: Pick<StatusStore, 'get'>;
  runtime: Pick<Runtime, 'mountsBelow'>;
  ownerOf: UidLedger['ownerOf'];
  /** What a workspace's home takes, or `users/ada`, `trash/…`, as it was counted last. */
  bytesOf: (key: string) => number | undefined;
  clock: Clock;
};

/** Who has which home, and what they do with it. */
export function makeHomeFacts(deps: FactDeps) {
  const { places, catalog, status, runtime, clock } = deps;

  /** Workspaces by home: those of the files, and those that had it in force. */
  function users(): Map<string, string[]> {
    const found = new Map<string, Set<string>>();
    const add = (home: string, name: string) => found.set(home, (found.get(home) ?? new Set()).add(name));
    const claims = [...catalog.desired().map(({ name, home }) => ({ name, place: home.place })), ...deps.held()];
    for (const name of catalog.names()) {
      const declaration = catalog.get(name);
      if (declaration?.kind === 'conflict' && declaration.home) claims.push({ name, place: declaration.home });
      // A file that cannot be used may mean the home of its name.
      else if (declaration?.kind === 'invalid') add(name, name);
    }
    for (const { name, place } of claims) {
      if (place.kind === 'folder') add(place.name, name);
      else if (place.kind === 'path' && place.path.startsWith(`${places.users}/`)) {
        add(place.path.slice(places.users.length + 1).split('/')[0]!, name);
      }
    }
    return new Map([...found].map(([home, names]) => [home, [...names].sort((a, b) => (a < b ? -1 : 1))]));
  }
  const usersOf = (home: string): string[] => users().get(home) ?? [];
  const mountsOf = (home: string): Promise<HomeMount[]> => runtime.mountsBelow(places.home(home));

  async function lastUsed(home: string, names: string[], mtimeMs: number): Promise<number> {
    const notes = await onDisk(places.home(home), () => lookAt(join(places.home(home), FOLDER))).catch(() => undefined);
    const times = names.flatMap((name) => {
      const { lastEnd, lastActivityAt } = status.get(name) ?? {};
      return [lastEnd?.at, lastActivityAt].flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
    });
    return Math.max(...(times.length > 0 ? times : [mtimeMs, notes?.mtimeMs ?? 0]));
  }

  async function row(home: string, names: string[], all: HomeMount[]): Promise<HomeRow | undefined> {
    const path = places.home(home);
    const found = await onDisk(path, () => lookAt(path));
    if (!found?.isDirectory()) return undefined;
    const mounts = all.filter((mount) => mount.path === path || mount.path.startsWith(`${path}/`));
    const up = mounts.some((mount) => mount.up);
    const owned = catalog.desired().find(({ name }) => names.includes(name))?.owner;
    const owner = owned ?? deps.ownerOf(found.uid);
    const bytes = [...names, `users/${home}`].map(deps.bytesOf).find((each) => each !== undefined);
    const last = up ? clock.now() : await lastUsed(home, names, found.mtimeMs);
    return {
      ...{ home, uid: found.uid, workspaces: names, labels: labelsOf(names) },
      ...(owner !== undefined && { owner }),
      state: up ? 'InUse' : names.length + mounts.length > 0 ? 'AtRest' : 'Nobodys',
      containers: [...new Set(mounts.map(({ container }) => container))],
      ...(bytes !== undefined && { bytes }),
      lastUsedAt: timestamp(last),
    };
  }
  const labelsOf = (names: string[]): Record<string, string> =>
    Object.assign({}, ...names.map((name) => status.get(name)?.labels ?? {}));

  async function need(home: string): Promise<HomeRow> {
    const found = await row(home, usersOf(home), await mountsOf(home));
    if (found) return found;
    const hint = '`workdock home list` lists them; what was one lies in `workdock trash list`';
    throw new WorkdockError('NOT_FOUND', `no home ${home} in ${places.users}`, { hint });
  }

  return {
    ...{ users, usersOf, need },
    list: async (): Promise<HomeRow[]> => {
      const [names, all] = await Promise.all([places.homes(), runtime.mountsBelow(places.users)]);
      const byHome = users();
      const rows = await Promise.all(names.map((home) => row(home, byHome.get(home) ?? [], all)));
      return rows.flatMap((each) => each ?? []);
    },
    /** @throws REFUSED unless it is nobody's. */
    refuseUsed: async (home: string, what: string): Promise<void> => {
      if (!catalog.settled()) refuse('the specs were not read yet', 'try again in a moment, or see workdock doctor');
      const [user] = usersOf(home);
      const first = `home ${home} cannot be ${what}:`;
      if (user !== undefined && catalog.get(user)) {
        refuse(`${first} it is ${user}'s`, `remove the file of ${user}, and wait until the workspace is removed`);
      }
      if (user !== undefined) {
        refuse(`${first} ${user} has it, which is not removed yet`, `workdock why ${user} says when it is`);
      }
      const [mount] = await mountsOf(home);
      if (mount) refuse(`${first} container ${mount.container} has it mounted`, 'remove that container first');
    },
    /** @throws REFUSED while a container that is up has it. */
    refuseUp: async (home: string, what: string): Promise<void> => {
      const mount = (await mountsOf(home)).find(({ up }) => up);
      if (!mount) return;
      const [user] = usersOf(home);
      const stop = user === undefined ? 'stop that container first' : `workdock stop ${user} --wait`;
      refuse(`home ${home} cannot be ${what}: container ${mount.container} uses it`, stop);
    },
  };
}
export type HomeFacts = ReturnType<typeof makeHomeFacts>;

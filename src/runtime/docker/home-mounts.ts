import { realpath } from 'node:fs/promises';
import { onDisk } from '../../lib/disk.ts';
import type { HomeMount } from '../../model/homes.ts';
import type { Engine } from './connect.ts';
import { isInside } from './mounts.ts';

const UP = ['running', 'paused', 'restarting', 'removing'];

/** What a path is without links; itself when it is not there, or its disk does not answer. */
const realOf = (path: string): Promise<string> => onDisk(path, () => realpath(path)).catch(() => path);

const below = (path: string, folder: string): string | undefined =>
  isInside(path, folder) ? path.slice(folder.length) : undefined;

/** Every mount of a container, of whoever's, that is at `folder` or below it. */
export function makeMountsBelow(engine: Engine) {
  return async (folder: string): Promise<HomeMount[]> => {
    const rows = await engine.read('list containers', (docker, abortSignal) =>
      docker.listContainers({ all: true, abortSignal }),
    );
    const top = await realOf(folder);
    const found: HomeMount[] = [];
    for (const { Id, Names, State, Mounts } of rows) {
      for (const { Source } of Mounts ?? []) {
        const rest = below(Source, folder) ?? below(await realOf(Source), top);
        if (rest === undefined) continue;
        found.push({ container: (Names[0] ?? Id).replace(/^\//, ''), path: folder + rest, up: UP.includes(State) });
      }
    }
    return found;
  };
}

import { join } from 'node:path';
import type { HomePlace } from './model/desired.ts';
import type { Intent } from './model/intent.ts';
import type { IntentStore, StatusStore } from './model/store.ts';
import type { HeldHome } from './spec/homes.ts';

type Deps = { dataDir: string; intents: IntentStore; status: StatusStore };

/** `storage.home` of a remembered revision (`/data/users/ada on /home/user`, `volume v on ...`) back to a place. */
export function placeOf(text: string, dataDir: string): HomePlace {
  const source = text.slice(0, text.lastIndexOf(' on '));
  if (source.startsWith('volume ')) return { kind: 'volume', volume: source.slice('volume '.length) };
  const users = join(dataDir, 'users/');
  return source.startsWith(users)
    ? { kind: 'folder', name: source.slice(users.length) }
    : { kind: 'path', path: source };
}

/**
 * Homes that are in use: of every last good spec, and of every container, which mounts its old home until a pending
 * move is applied. A workspace whose file is gone keeps its home as well: its container may still write there.
 */
export function makeHeldHomes({ dataDir, intents, status }: Deps) {
  const mounted = (intent: Intent): string | undefined =>
    intent.revisions[status.get(intent.name)?.container?.hash ?? '']?.['storage.home'];
  return (): HeldHome[] =>
    intents.all().flatMap((intent) => {
      const home = intent.lastGood?.desired.home;
      if (!home) return [];
      const { shared } = home;
      const own = { name: intent.name, place: home.place, shared };
      const text = mounted(intent);
      return text === undefined ? [own] : [own, { name: intent.name, place: placeOf(text, dataDir), shared }];
    });
}

import { join } from 'node:path';
import { canonical } from './lib/json.ts';
import type { Declaration, Desired, HomePlace } from './model/desired.ts';
import { placeText } from './model/home-place.ts';
import type { Intent } from './model/intent.ts';
import type { IntentStore } from './model/store.ts';
import type { HeldHome } from './spec/homes.ts';

type Deps = { dataDir: string; intents: IntentStore };

/** `storage.home` of a remembered revision (`/data/users/ada on /home/user`, `volume v on ...`) back to a place. */
export function placeOf(text: string, dataDir: string): HomePlace {
  const source = text.slice(0, text.lastIndexOf(' on '));
  if (source.startsWith('volume ')) return { kind: 'volume', volume: source.slice('volume '.length) };
  const users = join(dataDir, 'users/');
  return source.startsWith(users)
    ? { kind: 'folder', name: source.slice(users.length) }
    : { kind: 'path', path: source };
}

const homesOf = ({ name, lastGood, revisions }: Intent, dataDir: string): HeldHome[] => {
  if (!lastGood) return [];
  const { place, shared } = lastGood.desired.home;
  const mounted = Object.values(revisions).flatMap((fields) => fields['storage.home'] ?? []);
  return [place, ...mounted.map((text) => placeOf(text, dataDir))].map((each) => ({ name, place: each, shared }));
};

/**
 * Homes that are in use: of every last good spec, and of every revision whose container may exist: it mounts its old
 * home until a move is through, and again if the move fails. A workspace whose file is gone keeps its home as well.
 */
export function makeHeldHomes({ dataDir, intents }: Deps) {
  let told = '';
  const now = () => {
    const all = intents.all();
    // What goes on under another name already has its home there.
    const leaving = new Set(all.flatMap(({ renamed }) => (renamed?.open ? [renamed.from] : [])));
    return all.flatMap((intent) => (leaving.has(intent.name) ? [] : homesOf(intent, dataDir)));
  };
  return {
    read: now,
    /** Another workspace uses the home of this one, or one of these wants to. */
    ofOthers: ({ name, home }: Desired, declarations: readonly Declaration[]): boolean => {
      const wanted = declarations.flatMap((each) => {
        const place =
          each.kind === 'valid' ? each.desired.home.place : each.kind === 'conflict' ? each.home : undefined;
        return place ? [{ name: each.name, place }] : [];
      });
      const key = placeText(home.place);
      return [...now(), ...wanted].some((other) => other.name !== name && placeText(other.place) === key);
    },
    /** Remembers them, as a reading of all specs takes them. */
    note: (): void => {
      told = canonical(now());
    },
    /** Whether they are others than when they were noted. */
    moved: (): boolean => canonical(now()) !== told,
  };
}

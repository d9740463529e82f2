import { join } from 'node:path';
import { erase } from './homes/stored/erase.ts';
import { refuseMounted, refuseSeenElsewhere } from './homes/stored/mounted-inside.ts';
import { asTrashEntry, hiddenName, type TrashEntry } from './homes/stored/places.ts';
import type { HomeTools } from './homes-service.ts';
import { WorkdockError } from './lib/errors.ts';
import { moveFolder } from './lib/move-folder.ts';
import type { Emptied, HomesService, Work } from './model/homes.ts';

type Checked = <A extends unknown[], R>(verb: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

/** What confirms that these entries are meant: the one's name; of several, how many they are. */
export const confirmation = (entries: readonly string[]): string =>
  entries.length === 1 ? entries[0]! : `${entries.length}`;

export function makeTrashVerbs(tools: HomeTools, checked: Checked): Pick<HomesService, 'trash' | 'empty'> {
  const { places, facts, alone, runtime, events, bytesOf } = tools;

  const find = (entry: string, all: TrashEntry[]): TrashEntry => {
    const found = asTrashEntry(entry) && all.find((each) => each.entry === entry);
    if (found) return found;
    throw new WorkdockError('NOT_FOUND', `no ${entry} in the trash`, { hint: '`workdock trash list` lists it' });
  };

  async function emptyOne({ entry, home, unfinished }: TrashEntry, { signal, tell }: Work): Promise<void> {
    const path = join(places.trash, entry);
    await refuseMounted(path);
    await refuseSeenElsewhere(path);
    const [mount] = await runtime.mountsBelow(path);
    if (mount) {
      const hint = 'remove that container first';
      throw new WorkdockError('REFUSED', `container ${mount.container} has ${entry} mounted`, { hint });
    }
    signal.throwIfAborted();
    const hidden = unfinished ? path : join(places.trash, hiddenName('purge', entry));
    if (hidden !== path) {
      await moveFolder(path, hidden);
      events.emit({ name: home, type: 'Warning', reason: 'TrashEmptied', message: `${entry} is deleted for good` });
    }
    tell(`deleting ${entry}`);
    await erase(hidden, signal);
  }
  /** One that cannot be deleted does not keep the others. */
  const attempt = async (found: TrashEntry, work: Work): Promise<Emptied> => {
    try {
      // An unpack that goes on has no name of its own to be alone with.
      const key = found.unfinished === 'restore' ? `home ${found.home}` : found.entry;
      await alone(key, 'deleted', () => emptyOne(found, work));
      return { entry: found.entry, emptied: true };
    } catch (error) {
      if (!(error instanceof WorkdockError)) throw error;
      return { entry: found.entry, emptied: false, message: `${error.message}; ${error.hint}` };
    }
  };

  return {
    trash: checked(async () => {
      const [entries, homes] = await Promise.all([places.trashed(), places.homes()]);
      const users = facts.users();
      return entries.map((found) => {
        const bytes = bytesOf(`trash/${found.entry}`);
        const waiting = homes.includes(found.home) || found.unfinished ? [] : (users.get(found.home) ?? []);
        return {
          ...found,
          ...(bytes !== undefined && { bytes }),
          ...(waiting.length > 0 && { wantedBy: waiting }),
        };
      });
    }),
    empty: checked(async ({ entries, confirm }, work) => {
      const all = await places.trashed();
      const chosen = [...new Set(entries)].map((entry) => find(entry, all));
      const word = confirmation(chosen.map(({ entry }) => entry));
      if (chosen.length === 0 || confirm !== word) {
        const hint = chosen.length === 1 ? `--confirm ${word}` : `--confirm ${word}: how many entries they are`;
        throw new WorkdockError('REFUSED', `${JSON.stringify(confirm)} does not confirm it`, { hint });
      }
      const done: Emptied[] = [];
      for (const found of chosen) done.push(await attempt(found, work));
      return done;
    }),
  };
}

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from '../../lib/disk.ts';
import { ARCHIVE_ENDING, parseEntry, type Unfinished, withoutEnding } from '../../model/homes.ts';
import { isName } from '../../model/name.ts';

/** Entries of the trash that never were one: hidden, so that no verb takes them for a home. */
const hidden: Record<Unfinished, string> = { purge: '.purge.', restore: '.unpack.' };
export const hiddenName = (what: Unfinished, entry: string): string => `${hidden[what]}${entry}`;

export type TrashEntry = { entry: string; home: string; trashedAt: string; unfinished?: Unfinished };

/** What a name in the trash stands for; undefined for what is not ours. */
export function asTrashEntry(entry: string): TrashEntry | undefined {
  for (const unfinished of ['purge', 'restore'] as const) {
    const prefix = hidden[unfinished];
    const parsed = entry.startsWith(prefix) ? parseEntry(entry.slice(prefix.length)) : undefined;
    if (parsed) return { entry, home: parsed.home, trashedAt: parsed.at, unfinished };
  }
  const parsed = parseEntry(entry);
  return parsed && { entry, home: parsed.home, trashedAt: parsed.at };
}

/** Folders of a folder that is there or not; links are none. */
const foldersIn = async (path: string): Promise<string[]> => {
  const found = await onDisk(path, () => readdir(path, { withFileTypes: true })).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return found.filter((each) => each.isDirectory()).map(({ name }) => name);
};

/** Where homes are, and what they left, in one data folder. */
export function makePlaces(dataDir: string) {
  const [users, trash, archives] = ['users', 'trash', 'archives'].map((name) => join(dataDir, name)) as [
    string,
    string,
    string,
  ];
  return {
    ...{ data: dataDir, users, trash, archives },
    home: (name: string) => join(users, name),
    /** As the runtime port names a home to be moved. */
    key: (name: string) => ({
      homeSource: join(users, name),
      home: { place: { kind: 'folder' as const, name }, mountPath: '', shared: false },
    }),
    homes: async (): Promise<string[]> => (await foldersIn(users)).filter(isName).sort((a, b) => (a < b ? -1 : 1)),
    /** The newest first. */
    trashed: async (): Promise<TrashEntry[]> =>
      (await foldersIn(trash))
        .flatMap((name) => asTrashEntry(name) ?? [])
        .sort((a, b) => (a.trashedAt < b.trashedAt ? 1 : -1)),
    archived: async (): Promise<string[]> => {
      const names = await readdir(archives).catch((): string[] => []);
      return names.filter((name) => name.endsWith(ARCHIVE_ENDING) && parseEntry(withoutEnding(name)) !== undefined);
    },
    ensureUsers: () => mkdir(users, { recursive: true, mode: 0o711 }),
    ensureTrash: () => mkdir(trash, { recursive: true, mode: 0o700 }),
  };
}
export type Places = ReturnType<typeof makePlaces>;

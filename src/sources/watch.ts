import { statfs } from 'node:fs/promises';
import { type FSWatcher, watch as watchFolders } from 'chokidar';
import { onDisk } from '../lib/disk.ts';
import type { Log } from '../lib/log.ts';

/** File systems that others change without this kernel knowing, by statfs(2): NFS, SMB twice, FUSE, 9p, Ceph, AFS. */
const remote = [0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x00c36400, 0x5346414f];

const isRemote = (path: string): Promise<boolean> =>
  onDisk(`${path}/.`, () => statfs(path)).then(
    ({ type }) => remote.includes(type),
    () => true,
  );

/**
 * Tells that something happened below a folder, never what: `raw` speaks before chokidar has thought about it. Only
 * folders are watched (one inotify watch each; their files' changes are reported with them), so that 10,000 files cost
 * what one does.
 */
export function makeWatch(onHint: () => void, log: Log) {
  const watchers = new Map<string, { root: string; watcher: FSWatcher }>();
  const deaf = new Set<string>();

  const open = (folder: string, real: string): FSWatcher => {
    const watcher = watchFolders(real, {
      ignoreInitial: true,
      atomic: false,
      followSymlinks: false,
      ignored: (path, found) =>
        (path !== real && path.startsWith('.', path.lastIndexOf('/') + 1)) || found?.isDirectory() === false,
    });
    watcher.on('raw', onHint);
    watcher.on('all', onHint);
    // No more inotify watches, a folder gone: looked at more often from here on.
    watcher.on('error', (error) => {
      if (!deaf.has(folder)) log.warn({ folder, err: error }, 'a specs folder cannot be watched, so it is polled');
      deaf.add(folder);
    });
    return watcher;
  };

  return {
    /** Watches what is at `real` now. A folder replaced by another, or a link that leads elsewhere, is watched anew. */
    keep: async (folder: string, place: { real: string; root: string }): Promise<void> => {
      const before = watchers.get(folder);
      if (before?.root === place.root) return;
      deaf.delete(folder);
      if (await isRemote(place.real)) deaf.add(folder);
      watchers.set(folder, { root: place.root, watcher: open(folder, place.real) });
      await before?.watcher.close();
    },
    /** Whether some folder's changes may go unheard. */
    isDeaf: (): boolean => deaf.size > 0,
    close: async (): Promise<void> => {
      await Promise.all([...watchers.values()].map(({ watcher }) => watcher.close()));
      watchers.clear();
    },
  };
}

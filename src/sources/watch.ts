import { type FSWatcher, watch as watchFolders } from 'chokidar';
import type { Log } from '../lib/log.ts';

/**
 * Tells that something happened below a folder, never what: `raw` speaks before chokidar has thought about it. Only
 * folders are watched (one inotify watch each; their files' changes are reported with them), so that 10,000 files cost
 * what one does.
 */
export function makeWatch(onHint: () => void, log: Log) {
  const watchers = new Map<string, { root: string; watcher: FSWatcher }>();

  const open = (real: string): FSWatcher => {
    const watcher = watchFolders(real, {
      ignoreInitial: true,
      atomic: false,
      followSymlinks: false,
      ignored: (path, found) =>
        (path !== real && path.startsWith('.', path.lastIndexOf('/') + 1)) || found?.isDirectory() === false,
    });
    watcher.on('raw', onHint);
    watcher.on('all', onHint);
    // No more inotify watches, a folder gone: the periodic look goes on without hints.
    watcher.on('error', (error) => log.warn({ folder: real, err: error }, 'watching a specs folder failed'));
    return watcher;
  };

  return {
    /** Watches what is at `real` now. A folder replaced by another, or a link that leads elsewhere, is watched anew. */
    keep: async (folder: string, place: { real: string; root: string }): Promise<void> => {
      const before = watchers.get(folder);
      if (before?.root === place.root) return;
      watchers.set(folder, { root: place.root, watcher: open(place.real) });
      await before?.watcher.close();
    },
    close: async (): Promise<void> => {
      await Promise.all([...watchers.values()].map(({ watcher }) => watcher.close()));
      watchers.clear();
    },
  };
}

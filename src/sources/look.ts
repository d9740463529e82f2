import type { Clock } from '../lib/clock.ts';
import type { Content } from './content.ts';
import { readSpec } from './read-spec.ts';
import { type Found, unreadable, walk } from './walk.ts';

/** A file's content as one look found it. `key` is equal for equal content; `real` is where it lies. */
export type Version = { path: string; real: string; key: string; modifiedMs: number; content: Content };

export type Look =
  | { kind: 'seen'; real: string; root: string; repositories: string[]; versions: Map<string, Version> }
  | { kind: 'unreadable'; message: string };

/** Coarsest time stamps of file systems in use (FAT, old NFS): a younger file may change without a trace. */
const RACY_MS = 2_500;
const READS_AT_ONCE = 16;

/** Looks at one folder again and again, and reads only what may have changed since the last time. */
export function makeLook(folder: string, clock: Clock): () => Promise<Look> {
  let cache = new Map<string, { mark: string; readAtMs: number; version: Version }>();

  const read = async (found: Found, next: typeof cache): Promise<Version | null> => {
    const { path } = found;
    if ('error' in found) return { path, real: path, key: `error ${found.error}`, modifiedMs: 0, content: found };
    const known = cache.get(path);
    const readAtMs = clock.now();
    if (known?.mark === found.mark && known.readAtMs - found.modifiedMs > RACY_MS) {
      next.set(path, known);
      return known.version;
    }
    const content = await readSpec(found.real);
    if (content === null) return null;
    const key = 'error' in content ? `error ${content.error}` : content.sha256;
    const version = { path, real: found.real, key, modifiedMs: found.modifiedMs, content };
    next.set(path, { mark: found.mark, readAtMs, version });
    return version;
  };

  return async () => {
    const listing = await walk(folder);
    if (listing.kind === 'unreadable') return listing;
    const next: typeof cache = new Map();
    const versions = new Map<string, Version>();
    for (let i = 0; i < listing.files.length; i += READS_AT_ONCE) {
      const batch = listing.files.slice(i, i + READS_AT_ONCE).map((found) => read(found, next));
      const some = await Promise.all(batch).catch((error: unknown) => unreadable(folder, error));
      if (!Array.isArray(some)) return some;
      for (const version of some) if (version !== null) versions.set(version.path, version);
    }
    cache = next;
    const { real, root, repositories } = listing;
    return { kind: 'seen', real, root, repositories, versions };
  };
}

import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';

/** Where the specs come from, for people: one entry a folder, or the repository. */
export const specPlaces = ({ specs, source }: Pick<Config, 'specs' | 'source'>): string[] => {
  if (source === null) return specs;
  const folders = (source.folders ?? []).map((folder) => folder || '.');
  return [`${source.git} branch ${source.branch}${folders.length === 0 ? '' : ` folder ${folders.join(', ')}`}`];
};

/** Every path of this host that is read to get at the specs. */
export const specPaths = ({ specs, source }: Pick<Config, 'specs' | 'source'>): string[] => {
  if (source === null) return specs;
  const { remote, key, knownHosts } = source;
  const local = remote.protocol !== 'file' ? [] : [remote.url.startsWith('/') ? remote.url : fileURLToPath(remote.url)];
  return [...local, ...[key, knownHosts].filter((path) => path !== null)];
};

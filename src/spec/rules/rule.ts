import type { Config } from '../../model/config.ts';
import type { Leaves } from '../layers.ts';

/** What the rules need to know of the site. */
export type Site = Pick<
  Config,
  'file' | 'data' | 'state' | 'specs' | 'allowedImages' | 'mountRoots' | 'secretsRoot' | 'defaults'
>;

/** Something that the schema cannot see. `path` may point into a list: `spec.storage.mounts.0.source`. */
export type Complaint = { path: string; message: string; suggestion?: string };

/** Looks at the values that are there; works on one layer as well as on all of them. */
export type Rule = (leaves: Leaves, site: Site) => Complaint[];

export const valueAt = <T>(leaves: Leaves, path: string): T | undefined => leaves.get(path)?.value as T | undefined;

/** The line of the config that would allow it. */
export const addLine = (key: string, items: readonly string[]): string =>
  `to allow it, write in workdock.yaml: ${key}: [${items.map((item) => JSON.stringify(item)).join(', ')}]`;

import { WorkdockError } from '../lib/errors.ts';

/** The grammar of metadata.name, design 6: safe as a file name, and no path ever. */
const NAME = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** @throws INTERNAL  something that is no checked name was about to become a path. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  const hint = 'this is a bug: please report it';
  throw new WorkdockError('INTERNAL', `${JSON.stringify(name)} is not the name of a workspace`, { hint });
}

/** @throws INTERNAL  as above. */
export const fileName = (name: string): string => `${checkedName(name)}.json`;

/** The name that a file of a folder is about; undefined for everything that is not ours. */
export const nameOf = (entry: string): string | undefined => {
  const name = entry.endsWith('.json') ? entry.slice(0, -'.json'.length) : '';
  return NAME.test(name) ? name : undefined;
};

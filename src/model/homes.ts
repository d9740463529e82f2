import { namePattern } from './name.ts';

/** A mount of a container, of anybody's, that is at or below a folder that was asked about; links are followed. */
export type HomeMount = { container: string; path: string; up: boolean };

/** UTC, to the second: `20261124T153000Z`. */
const stamp = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
const grammar = new RegExp(`^(${namePattern.slice(1, -1)})@(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z$`);

/** What a home is called in the trash, `ada@20261124T153000Z`; an archive is called so too, and ends in `.tar.gz`. */
export const entryName = (home: string, epochMs: number): string => `${home}@${stamp(epochMs)}`;

/** Undefined for whatever is not called so. */
export function parseEntry(entry: string): { home: string; at: string } | undefined {
  const [, home, ...parts] = grammar.exec(entry) ?? [];
  if (home === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(-6);
  return { home, at: `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z` };
}

export const ARCHIVE_ENDING = '.tar.gz';

/** The newest of names in the trash, or of archives, that a home has left; undefined when it never left one. */
export const newestOf = (home: string, names: readonly string[]): string | undefined =>
  names
    .filter((name) => parseEntry(withoutEnding(name))?.home === home)
    .sort((a, b) => (withoutEnding(a) < withoutEnding(b) ? 1 : -1))[0];

export const withoutEnding = (name: string): string =>
  name.endsWith(ARCHIVE_ENDING) ? name.slice(0, -ARCHIVE_ENDING.length) : name;

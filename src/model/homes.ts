import { namePattern } from './name.ts';

/** A mount of a container, of anybody's, that is at or below a folder that was asked about; links are followed. */
export type HomeMount = { container: string; path: string; up: boolean };

/** UTC, to the second: `20261124T153000Z`. */
const stamp = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
const grammar = new RegExp(`^(${namePattern.slice(1, -1)})@(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z$`);

/** What a home is called in the trash, `ada@20261124T153000Z`; an archive is called so too, and ends in `.tar.gz`. */
export const entryName = (home: string, epochMs: number): string => `${home}@${stamp(epochMs)}`;

const SECOND_MS = 1_000;

/** The name of that moment, or of the first second after it that is free. */
export async function freeEntryName(
  home: string,
  fromMs: number,
  isTaken: (entry: string) => Promise<unknown>,
): Promise<string> {
  for (let at = fromMs; ; at += SECOND_MS) {
    const entry = entryName(home, at);
    if (!(await isTaken(entry))) return entry;
  }
}

/** Undefined for whatever is not called so. */
export function parseEntry(entry: string): { home: string; at: string } | undefined {
  const [, home, ...parts] = grammar.exec(entry) ?? [];
  if (home === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(-6);
  const at = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  return Number.isNaN(Date.parse(at)) ? undefined : { home, at };
}

export const ARCHIVE_ENDING = '.tar.gz';

/** The newest of entries and archives that a home has left, an entry before an archive of the same second. */
export const newestOf = (home: string, names: readonly string[]): string | undefined =>
  names
    .filter((name) => parseEntry(withoutEnding(name))?.home === home)
    .sort((a, b) => compare(withoutEnding(b), withoutEnding(a)) || a.length - b.length)[0];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const withoutEnding = (name: string): string =>
  name.endsWith(ARCHIVE_ENDING) ? name.slice(0, -ARCHIVE_ENDING.length) : name;

/** Why an entry of the trash is no home that could be brought back. */
export type Unfinished = 'purge' | 'restore';

/** One home of the data folder. */
export type HomeRow = {
  home: string;
  /** Who its uid belongs to; absent when nobody knows. */
  owner?: string;
  uid: number;
  /** Whose home it is: declared by a file, or remembered as theirs. */
  workspaces: string[];
  labels: Record<string, string>;
  /** `InUse`: a container that is up has it mounted. `Nobodys`: no workspace and no container has it. */
  state: 'InUse' | 'AtRest' | 'Nobodys';
  /** Containers that have it mounted, anybody's, running or not. */
  containers: string[];
  /** On its disk, as it was counted last. */
  bytes?: number;
  /** When something was last seen to use it, as far as is known. */
  lastUsedAt?: string;
};

/** Counted when asked for; each is absent when that takes too long. `refusal`: why it cannot be purged now. */
export type HomeSize = { bytes?: number; files?: number; refusal?: { message: string; hint: string } };

export type TrashRow = {
  entry: string;
  home: string;
  trashedAt: string;
  bytes?: number;
  /** Left by a purge or a restore that did not come to its end: `trash empty` takes it away. */
  unfinished?: Unfinished;
  /** Workspaces that wait for this home, which is missing. */
  wantedBy?: string[];
};

export type Archived = {
  home: string;
  archive: string;
  bytes: number;
  /** Paths in the home that changed while it was read, at most twenty; `moreChanged`: others. */
  changed: string[];
  moreChanged: boolean;
  /** What tar said of what it left out, such as sockets. */
  notes: string[];
  /** What it is in the trash; null when it stays. */
  entry: string | null;
};
export type Restored = { home: string; from: string; uid: number; owner?: string; swapped: string | null };
export type Purged = { home: string };
export type Emptied = { entry: string; emptied: boolean; message?: string };

/** How long work goes on: until `signal` fires. `tell` hears what it is at. */
export type Work = { signal: AbortSignal; tell: (phase: string) => void };

/**
 * Homes of the data folder and what they left. Unknown ones throw NOT_FOUND; REFUSED when a workspace or a container
 * has one, or another verb is at it; HOME_UNUSABLE when its disk forbids it. Whatever fails or is given up leaves each
 * home whole under its name, or whole in the trash.
 */
export type HomesService = {
  list: () => Promise<HomeRow[]>;
  /** Counts for at most twenty seconds. */
  size: (home: string) => Promise<HomeRow & HomeSize>;
  /** `to`: an absolute path. Moves the home to the trash afterwards, unless `keep`. */
  archive: (home: string, ask: { to?: string; keep: boolean }, work: Work) => Promise<Archived>;
  /** `from`: an entry, an archive or the absolute path of one; the newest when absent. `swap`: for the present one. */
  restore: (home: string, ask: { from?: string; swap: boolean }, work: Work) => Promise<Restored>;
  /** For good. `confirm` has to be its name. */
  purge: (home: string, confirm: string, work: Work) => Promise<Purged>;
  trash: () => Promise<TrashRow[]>;
  /** For good. `confirm` is the entry, or of several their number. */
  empty: (ask: { entries: string[]; confirm: string }, work: Work) => Promise<Emptied[]>;
};

/** One file of a scan. `text` is absent when the file is there but cannot be used; `error` says why. */
export type SpecFile = {
  /** As shown to people: the folder as configured, joined with the relative path; from git the path in the tree. */
  path: string;
  sha256: string;
  commit?: string;
  /** Who wrote that commit: `Ada <ada@example.org>`. */
  author?: string;
} & ({ text: string; error?: undefined } | { text?: undefined; error: string });

/** Why a source cannot be read now. A contract, listed in docs/reference/conditions.md. */
export const sourceReasons = [
  'Unusable',
  'GitBusy',
  'GitMissing',
  'KeyUnusable',
  'FetchFailed',
  'FetchTimedOut',
  'BranchMissing',
  'CommitUnusable',
  'MirrorUnusable',
] as const;
export type SourceReason = (typeof sourceReasons)[number];

/** `message` says what is wrong, and what to do. */
export type SourceTrouble = { reason: SourceReason; message: string };

/** What one look at a source gave. Only `settled` may change anything; the others keep the last settled scan. */
export type Scan =
  | {
      kind: 'settled';
      files: SpecFile[];
      /** What these files are, when it is not what lies in a folder: a commit. */
      from?: string;
      /** What each source is by itself, by its name (a folder's path), whatever is in it: see model/roots.ts. */
      roots?: Record<string, string>;
      /** Part of the files, or all, are those that were settled last, or are read in spite of this. */
      trouble?: SourceTrouble;
    }
  | { kind: 'unsettled' | 'unreadable'; message: string; reason?: SourceReason };

export const troubleOf = (scan: Scan): SourceTrouble | undefined => {
  if (scan.kind === 'settled') return scan.trouble;
  return { reason: scan.reason ?? 'Unusable', message: scan.message };
};

export type SpecSource = {
  /**
   * Called when the outcome differs from the one before, and after every `poke`; one at a time, the next scan waits for
   * the returned promise.
   */
  onScan: (listener: (scan: Scan) => Promise<void>) => void;
  start: () => Promise<void>;
  /** Asks for a scan soon; many asks make one scan. */
  poke: () => void;
  close: () => Promise<void>;
};

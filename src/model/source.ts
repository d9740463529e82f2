/** One file of a scan. `text` is absent when the file is there but cannot be used; `error` says why. */
export type SpecFile = {
  /** As shown to people: the folder as configured, joined with the relative path. */
  path: string;
  sha256: string;
  commit?: string;
} & ({ text: string; error?: undefined } | { text?: undefined; error: string });

/** What one look at all folders gave. Only `settled` may change anything; the others keep the last settled scan. */
export type Scan =
  | { kind: 'settled'; files: SpecFile[] }
  | { kind: 'unsettled'; message: string }
  | { kind: 'unreadable'; message: string };

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

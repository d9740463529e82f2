import type { IdleView, KernelReading, Reading, Verdict } from '../../model/idle.ts';
import type { Countdown } from './countdown.ts';
import type { Judgement, Past } from './verdict.ts';

/** What this process knows of one watched workspace. */
export type Entry = {
  /** Id and start of its container. */
  run: string;
  past: Past | null;
  found?: Judgement;
  /** Of the last look. */
  verdict?: Verdict;
  /** As the status has it. */
  view?: IdleView;
  countdown?: Countdown;
  /** The last answer of its Jupyter servers, and when (monotonic). */
  kernels?: { atMs: number; reading: Reading<KernelReading> };
  /** Number of the mark that puts it to rest; while that stands nothing new is found out about it. */
  restSeq?: number;
  /** Looks in a row at which something could not be read, and whether people were told. */
  dark: { looks: number; told: boolean };
};

/** CPU time of the run in seconds, of the last look, and when that was (monotonic); undefined when it is not known. */
export function cpuSecondsOf(entry: Entry | undefined): { value: number; atMs: number } | undefined {
  const past = entry?.found?.past;
  if (past === undefined || past.atMs === null || past.memory.cpuNs === null) return undefined;
  return { value: past.memory.cpuNs / 1e9, atMs: past.atMs };
}

/** For how long it has been quiet at the last look, seconds; undefined when it is not judged. */
export const quietSecondsOf = (entry: Entry | undefined): number | undefined =>
  entry?.verdict && entry.verdict.quietMs / 1_000;

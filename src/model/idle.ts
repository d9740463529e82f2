/** When a workspace counts as idle, and what happens then (`spec.idle`). */
export type IdlePolicy = {
  enabled: boolean;
  /** Observe writes `WouldStop` events and stops nobody. */
  mode: 'Enforce' | 'Observe';
  timeoutMs: number;
  /** CPU below this share of one core is quiet: 0.1 = 10 %. */
  cpuBelow: number;
  /** Length of the countdown on every terminal before the stop; 0 = none. It lies within the timeout. */
  warnBeforeMs: number;
};

/**
 * Holds off the idle stop until `until`. `mtimeMs` and `text` tell which `~/.workdock/keep` made it; one that has ended
 * is remembered, because its file may still be there.
 */
export type Lease = { until: string; at: string; by: 'person' | 'file'; mtimeMs?: number; text?: string; ended?: true };

/** One raw look at something outside; `ok: false` = it cannot be read now, which is never "quiet". */
export type Reading<T> = { ok: true; value: T } | { ok: false; message: string };

/** One pseudo terminal of the container. `inputAtMs`: wall-clock time somebody's input was last read (8 s coarse). */
export type TerminalReading = { name: string; inputAtMs: number };

/** Jupyter servers of the container and what their kernels do. */
export type KernelReading = { servers: number; kernels: number; busy: number };

/** `pid` as it is seen inside; `command` on one line, shortened, without control characters. */
export type ProcessInfo = { pid: number; command: string };

/** What one look from outside at one running container found. No agent in the image, no mutating call. */
export type Readings = {
  /** Monotonic milliseconds of the look, and the wall clock at the same moment. */
  atMs: number;
  wallMs: number;
  /** CPU time of all its processes since the container exists, nanoseconds. */
  cpuNs: Reading<number>;
  /** Bytes in and out on all interfaces but loopback, since its start. */
  networkBytes: Reading<number>;
  terminals: Reading<TerminalReading[]>;
  /** It waited for a CPU for half of the time since the look before, on a host that has too few for all. */
  wantsCpu: boolean;
  /** Absent when it was not asked for. */
  kernels?: Reading<KernelReading>;
};

export const idleSignals = ['cpu', 'terminal', 'stream', 'network', 'jupyter', 'lease', 'started'] as const;
export type SignalName = (typeof idleSignals)[number];

/** What one signal says at one moment, for the verdict and for people. */
export type Evidence = {
  signal: SignalName;
  /** What was measured, with its unit: `3.1 % of a core`, `2 of 3 kernels busy`. */
  value: string;
  /** What it is compared with: `below 10 %`; empty when there is nothing to compare. */
  threshold: string;
  /** Since it last kept the workspace awake; null = never seen doing so. */
  ageMs: number | null;
  keepsAwake: 'yes' | 'no' | 'unknown';
};

/** The decision, with what led to it. */
export type Verdict = {
  at: string;
  idle: boolean;
  /** One line for people: `quiet for 12m of 30m`, `cpu keeps it awake: 96 % of a core`. */
  because: string;
  /** Time that every signal has been seen quiet; downtime of the controller is not in it. */
  quietMs: number;
  timeoutMs: number;
  mode: IdlePolicy['mode'];
  /** Wall clock of the stop if nothing happens; absent when it is kept awake or not enforced. */
  restsAt?: string;
  evidence: Evidence[];
};

/** What the status shows of idleness. It changes when an answer does, not with every look. */
export type IdleView = {
  verdict: Verdict;
  reason: 'Idle' | 'Quiet' | 'Active' | 'Leased' | 'SignalUnreadable';
  /** For people; with what to do when something is wrong. */
  message: string;
  /** Wall clock since which everything is quiet; absent while something keeps it awake. */
  idleSince?: string;
  restsAt?: string;
  /** To the minute. */
  lastActivityAt?: string;
};

/**
 * What is remembered of one run of a container from look to look, and over a restart of the controller. Its time is
 * that of the looks: it grows only between two that follow each other, so that nothing counts while nobody looks, and
 * wall clocks may do what they like.
 */
export type IdleMemory = {
  /** Id and start of the run it is about; with another one everything begins anew. */
  run: string;
  /** Time it was watched, milliseconds. */
  watchedMs: number;
  /** `watchedMs` when something last kept it awake, or could not be read. */
  quietFromMs: number;
  /** Looks in a row that found everything quiet, each right after another look. */
  quietLooks: number;
  /** `watchedMs` when each signal last kept it awake. */
  awakeAtMs: Partial<Record<SignalName, number>>;
  /** Counters of the last look; null = they could not be read. */
  cpuNs: number | null;
  networkBytes: number | null;
  /** Input time of each terminal. */
  terminals: Record<string, number> | null;
  /** `watchedMs` when somebody was last seen typing. */
  typedAtMs: number | null;
  /** Wall clock of the last activity, for people. */
  activeAt: string | null;
  /** What `idle.mode: Observe` had to say about this quiet stretch was said. */
  told: boolean;
};

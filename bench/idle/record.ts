import { systemClock } from '../../src/lib/clock.ts';
import type { RunningContainer } from '../../src/model/runtime.ts';
import { makeSignals } from '../../src/runtime/docker/signals/signals.ts';
import type { Notebook } from './notebook.ts';

/** What one second of a workspace looked like to the sources that the others' rules ask. */
export type Sample = {
  /** Since the watch began, by a clock that does not jump. */
  atMs: number;
  /** What the controller's wall clock said. */
  wallMs: number;
  /** Terminal sessions that somebody has open through a gateway. */
  sessions: number;
  /** Wall clock of the last request, or frame of a websocket, that a browser sent; null = never. */
  browserMs: number | null;
  /** Null when there is no Jupyter server or it lets nobody ask. */
  jupyter: { lastActivityMs: number; kernels: { state: string; lastActivityMs: number }[] } | null;
  /** Somebody said that it is to be kept. */
  lease: boolean;
  /** The controller is down: nobody decides. */
  down: boolean;
  /** For people who doubt a row. */
  cores: number | null;
  bytesPerSecond: number | null;
};

const STEP_MS = 1_000;
const roots = { procRoot: '/proc', cgroupRoot: '/sys/fs/cgroup' };

/**
 * Records a workspace from outside, once a second. When it is stopped by our verdict the others are asked on: for them
 * it goes on as it was last seen, with whoever still has a terminal or a browser open.
 */
export function makeRecorder() {
  const { readSignals } = makeSignals({ roots, clock: systemClock });
  const samples: Sample[] = [];
  const now = {
    ...{ sessions: 0, browserMs: null as number | null, lease: false, down: false, stopped: false },
    ...{ offsetMs: 0, notebook: null as Notebook | null },
  };
  const wall = () => Date.now() + now.offsetMs;

  const rates = async (container: RunningContainer) => {
    const seen = await readSignals(container, { kernels: false });
    return {
      atMs: seen.atMs,
      cpuNs: seen.cpuNs.ok ? seen.cpuNs.value : null,
      bytes: seen.networkBytes.ok ? seen.networkBytes.value : null,
    };
  };
  return {
    samples,
    /** A terminal was opened, or closed (-1). */
    session: (by: 1 | -1) => {
      now.sessions += by;
    },
    browser: () => {
      now.browserMs = wall();
    },
    lease: () => {
      now.lease = true;
    },
    stopped: () => {
      now.stopped = true;
    },
    down: (is: boolean) => {
      now.down = is;
    },
    /** The wall clock is set. */
    jump: (ms: number) => {
      now.offsetMs += ms;
    },
    notebook: (notebook: Notebook) => {
      now.notebook = notebook;
    },
    /** Begins; the returned function ends it. */
    start: (container: RunningContainer): (() => void) => {
      const startMs = performance.now();
      let before: Awaited<ReturnType<typeof rates>> | undefined;
      const take = async () => {
        const seen = await rates(container);
        const asked = await now.notebook?.asked().catch(() => null);
        const jupyter = asked ?? (now.stopped ? (samples.at(-1)?.jupyter ?? null) : null);
        const passedMs = before ? seen.atMs - before.atMs : 0;
        const grown = (a: number | null, b: number | null | undefined) =>
          a === null || b === null || b === undefined ? null : a - b;
        const [cpuNs, bytes] = [grown(seen.cpuNs, before?.cpuNs), grown(seen.bytes, before?.bytes)];
        samples.push({
          ...{ atMs: performance.now() - startMs, wallMs: wall(), jupyter },
          ...{ sessions: now.sessions, browserMs: now.browserMs, lease: now.lease, down: now.down },
          cores: cpuNs === null ? null : cpuNs / 1e6 / passedMs,
          bytesPerSecond: bytes === null ? null : (bytes * 1_000) / passedMs,
        });
        before = seen;
      };
      void take();
      const timer = setInterval(() => void take(), STEP_MS);
      return () => clearInterval(timer);
    },
  };
}

export type Recorder = ReturnType<typeof makeRecorder>;

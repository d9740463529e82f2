import type { KernelReading, ProcessInfo, Reading, Readings, TerminalReading } from '../../model/idle.ts';
import type { RunningContainer, Runtime } from '../../model/runtime.ts';
import { type FakeContainer, type FakeEngine, fail, isUp } from './engine.ts';

type Source = 'cpuNs' | 'networkBytes' | 'terminals' | 'kernels';

/** What can be seen of a running fake container. Amounts grow by their rates as the engine's time goes on. */
export type FakeSignals = {
  cpuNs: number;
  networkBytes: number;
  /** Busy cores and bytes per second from `sinceMs` (monotonic) on. */
  cores: number;
  bytesPerSecond: number;
  sinceMs: number;
  /** On a crowded host. */
  wantsCpu: boolean;
  terminals: TerminalReading[];
  kernels: KernelReading;
  processes: ProcessInfo[];
  /** What its terminals were told, oldest first. */
  told: string[];
  /** Sources that cannot be read, with the reason. */
  unreadable: Partial<Record<Source, string>>;
};

const NS_PER_MS = 1e6;

/** As a container is right after its start: nothing but the keeper. */
export const quietSignals = (sinceMs: number): FakeSignals => ({
  ...{ cpuNs: 0, networkBytes: 0, cores: 0, bytesPerSecond: 0, sinceMs, wantsCpu: false },
  ...{ terminals: [], kernels: { servers: 0, kernels: 0, busy: 0 }, processes: [], told: [], unreadable: {} },
});

/** Changes what is seen from now on; amounts reached so far stay. */
export function setSignals(engine: FakeEngine, c: FakeContainer, change: Partial<FakeSignals>) {
  const [{ cpuNs, networkBytes }, sinceMs] = [amounts(engine, c), engine.monotonic()];
  c.signals = { ...c.signals, cpuNs, networkBytes, sinceMs, ...change };
}

function amounts(engine: FakeEngine, { signals }: FakeContainer) {
  const passedMs = Math.max(0, engine.monotonic() - signals.sinceMs);
  return {
    cpuNs: signals.cpuNs + signals.cores * passedMs * NS_PER_MS,
    networkBytes: signals.networkBytes + (signals.bytesPerSecond * passedMs) / 1_000,
  };
}

/** The part of the fake runtime that looks at a running container. */
export function makeFakeSignals(engine: FakeEngine): Pick<Runtime, 'readSignals' | 'processes' | 'tellTerminals'> {
  const at = ({ id }: RunningContainer): FakeContainer | undefined => {
    const c = engine.containers.get(id);
    return c && isUp(c) ? c : undefined;
  };
  return {
    readSignals: async (container, ask) => {
      const c = at(container);
      const reading = <T>(source: Source, value: (c: FakeContainer) => T): Reading<T> => {
        if (!c) return { ok: false, message: `process ${container.pid} is not there, the container may have ended` };
        const message = c.signals.unreadable[source];
        return message === undefined ? { ok: true, value: value(c) } : { ok: false, message };
      };
      const readings: Readings = {
        atMs: engine.monotonic(),
        wallMs: engine.now(),
        cpuNs: reading('cpuNs', (up) => amounts(engine, up).cpuNs),
        networkBytes: reading('networkBytes', (up) => amounts(engine, up).networkBytes),
        terminals: reading('terminals', ({ signals }) => structuredClone(signals.terminals)),
        wantsCpu: c?.signals.wantsCpu ?? false,
        ...(ask.kernels && { kernels: reading('kernels', ({ signals }) => ({ ...signals.kernels })) }),
      };
      return readings;
    },
    processes: async (container) =>
      structuredClone(
        (at(container) ?? fail('ENGINE_CONFLICT', `container ${container.id} does not run`)).signals.processes,
      ),
    tellTerminals: async (container, text) => {
      const c = at(container);
      if (!c || c.signals.terminals.length === 0) return 0;
      c.signals.told.push(text);
      return c.signals.terminals.length;
    },
  };
}

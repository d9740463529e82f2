import { uptime } from 'node:os';
import type { StatusStore } from './model/store.ts';
import type { HostTimes } from './reconcilers/workspace/last-end.ts';

/** When the machine, its engine and this controller began, as far as they are known: what an end can have come from. */
export function hostTimes(status: Pick<StatusStore, 'summary'>, controllerStartedAtMs: number): () => HostTimes {
  const bootedAtMs = controllerStartedAtMs - uptime() * 1000;
  return () => {
    const { conditions } = status.summary().host;
    const engine = conditions.find(({ type }) => type === 'EngineReachable');
    const engineBackAtMs = engine?.status === 'True' ? Date.parse(engine.lastTransitionTime) : undefined;
    return { bootedAtMs, engineBackAtMs, controllerStartedAtMs };
  };
}

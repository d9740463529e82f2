import type { Clock } from '../lib/clock.ts';
import { WorkdockError } from '../lib/errors.ts';
import type { Runtime } from '../model/runtime.ts';
import type { MetricsRegistry } from './registry.ts';

/** All that is answered once; `watch` is a stream without an end. */
export const engineVerbs = [
  ...(['capabilities', 'list', 'observe', 'ensureImage', 'ensureHome', 'homeFolder', 'trashHome'] as const),
  ...(['create', 'update', 'mountsBelow'] as const),
  ...(['connect', 'disconnect', 'start', 'stop', 'pause', 'unpause', 'setAside', 'restore', 'remove'] as const),
  ...(['network', 'ensureNetwork', 'takenSubnets', 'readSignals', 'processes', 'tellTerminals'] as const),
  ...(['exec', 'logs', 'diff', 'hangUpLeftovers'] as const),
] satisfies readonly (keyof Runtime)[];
type Verb = (typeof engineVerbs)[number];
/** Does not compile when the port has a verb that is not named above. */
const complete: Exclude<keyof Runtime, Verb | 'watch'> extends never ? true : false = true;

/** An alert on these must see the first one as a rise. */
const WATCHED = ['success', 'ENGINE_UNREACHABLE', 'ENGINE_TIMEOUT'];

type Call = (...args: never[]) => Promise<unknown>;

/** The same runtime, every call of which is counted and timed. `exec` and `logs` count until they are open. */
export function makeEngineMetrics({ counter, histogram }: MetricsRegistry, clock: Pick<Clock, 'monotonic'>) {
  const calls = counter('workdock_engine_calls_total');
  const durations = histogram('workdock_engine_call_duration_seconds');
  for (const verb of engineVerbs) for (const result of WATCHED) calls.inc({ verb, result }, 0);

  const counted = (verb: Verb, call: Call): Call => {
    return async (...args) => {
      const beganMs = clock.monotonic();
      let result = 'success';
      try {
        return await call(...args);
      } catch (error) {
        result = error instanceof WorkdockError ? error.code : 'INTERNAL';
        throw error;
      } finally {
        calls.inc({ verb, result });
        durations.observe({ verb, result }, (clock.monotonic() - beganMs) / 1_000);
      }
    };
  };
  return (runtime: Runtime): Runtime => {
    const verbs = complete && engineVerbs.map((verb) => [verb, counted(verb, runtime[verb])]);
    // Each has the type of the verb it stands for, which a list of pairs cannot say.
    return { ...runtime, ...(Object.fromEntries(verbs) as Pick<Runtime, Verb>) };
  };
}

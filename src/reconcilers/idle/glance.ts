import type { IdleDeps } from './deps.ts';
import type { Entry } from './entry.ts';
import type { Running } from './running.ts';
import type { Glance } from './signals/signal.ts';
import { type Judgement, judge, type Rules } from './verdict.ts';

type Deps = Pick<IdleDeps, 'runtime' | 'activity' | 'clock' | 'intervalMs'>;
export type Ask = { entry: Entry; running: Running; rules: Rules; leaseLeftMs: () => number };

type Options = { kernels?: 'usual' | 'fresh' | 'known' };

/** A server that hangs takes its whole deadline, and keeps awake anyway. */
const DARK_LOOKS = 4;

const isQuiet = ({ awake, unknown, first }: Judgement) => first || awake.length + unknown.length === 0;

/**
 * Looks at one running workspace and judges it. Jupyter is a program of the user's: it is asked only when everything
 * else is quiet, and in a quick row of looks (a countdown) not at each of them. `fresh` asks it in any case, `known`
 * never: its last answer does, however old.
 */
export function makeGlance({ runtime, activity, clock, intervalMs }: Deps) {
  async function take(name: string, { entry, running, leaseLeftMs }: Ask, kernels: boolean): Promise<Glance> {
    const readings = await runtime.readSignals(running.container, { kernels });
    if (readings.kernels) entry.kernels = { atMs: readings.atMs, reading: readings.kernels };
    // Read last: input that comes after this moment is seen by the next look, or by the write of a mark.
    return { run: running.run, readings, streams: activity.of(name), leaseLeftMs: leaseLeftMs() };
  }

  return async (name: string, ask: Ask, { kernels: asking = 'usual' }: Options = {}): Promise<Judgement> => {
    const { entry, rules } = ask;
    const { kernels } = entry;
    const [fresh, known] = [asking === 'fresh', asking === 'known'];
    // An answer younger than the looks are apart is as good as a new one; who gave none is not waited for every time.
    const goodMs = intervalMs * (kernels?.reading.ok === false ? DARK_LOOKS : 1 / 2);
    const young =
      !fresh && kernels && (known || clock.monotonic() - kernels.atMs < goodMs) ? kernels.reading : undefined;
    // Who was quiet is most likely quiet again: one look then does for both.
    const likely =
      fresh || (!known && rules.policy.enabled && !young && entry.found !== undefined && isQuiet(entry.found));
    const glance = await take(name, ask, likely);
    if (young) glance.readings = { ...glance.readings, kernels: young };
    const found = judge(glance, entry.past, rules);
    if (known || glance.readings.kernels || !rules.policy.enabled || !isQuiet(found)) return found;
    return judge(await take(name, ask, true), entry.past, rules);
  };
}

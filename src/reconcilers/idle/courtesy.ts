import { begin, cancelled, dueMoment, warning } from './countdown.ts';
import type { IdleDeps } from './deps.ts';
import type { Entry } from './entry.ts';
import type { Running } from './running.ts';
import { becauseOf, type Judgement, type Rules } from './verdict.ts';

const KEYS = new Set(['terminal', 'stream']);

type Now = { entry: Entry; running: Running; found: Judgement; blocked: string | undefined };

/**
 * The countdown on every terminal before a stop. Returns what is left of it, 0 when it is over or when there is none.
 * Any key ends it, and so does everything else that keeps awake; both are said.
 */
export function makeCourtesy({ runtime }: Pick<IdleDeps, 'runtime'>) {
  const say = async ({ container }: Running, text: string): Promise<void> => {
    await runtime.tellTerminals(container, text).catch(() => 0);
  };

  return async (name: string, now: Now, { policy }: Rules): Promise<number> => {
    const { entry, running, found, blocked } = now;
    const { quietMs, awake, unknown } = found;
    const quiet = awake.length + unknown.length === 0;
    const applies = quiet && blocked === undefined && policy.mode === 'Enforce' && policy.warnBeforeMs > 0;
    if (!applies) {
      if (entry.countdown) await say(running, cancelled(name, blocked ?? reasonOf(found, policy)));
      delete entry.countdown;
      return 0;
    }
    const { timeoutMs, warnBeforeMs } = policy;
    entry.countdown ??= begin({ quietMs, timeoutMs, warnBeforeMs });
    if (!entry.countdown) return warnBeforeMs;
    const leftMs = entry.countdown.endsAtQuietMs - quietMs;
    if (leftMs > 0 && dueMoment(entry.countdown, leftMs)) {
      entry.countdown = { ...entry.countdown, toldLeftMs: leftMs };
      await say(running, warning(name, leftMs));
    }
    return Math.max(0, leftMs);
  };
}

const reasonOf = (found: Judgement, policy: Rules['policy']): string =>
  found.awake.some(({ signal }) => KEYS.has(signal)) ? 'somebody is there' : becauseOf(found, policy);

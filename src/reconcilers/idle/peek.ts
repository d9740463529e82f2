import type { Clock } from '../../lib/clock.ts';
import type { IdleView } from '../../model/idle.ts';
import type { Entry } from './entry.ts';
import type { Ask, makeGlance } from './glance.ts';
import { type Judgement, verdictOf } from './verdict.ts';
import { viewNow } from './view.ts';

type Deps = { glance: ReturnType<typeof makeGlance>; blocked: (name: string) => string | undefined; clock: Clock };
/** The judgement of this moment, its verdict, and what the status would show of it. */
export type Peeked = { found?: Judgement; verdict?: Entry['verdict']; view?: IdleView };

/**
 * What a look at this moment would say, for people who ask. It counts as none: asking often neither keeps awake nor
 * makes idle. Kernels are not asked for it, and a countdown is told as of its last look, a second ago at most.
 */
export function makePeek({ glance, blocked, clock }: Deps) {
  return async (name: string, ask: Ask): Promise<Peeked> => {
    const { entry, rules, running } = ask;
    const { found: before, verdict: last, view: shown, countdown } = entry;
    const known: Peeked = {
      ...(before && { found: before }),
      ...(last && { verdict: last }),
      ...(shown && { view: shown }),
    };
    if (!last || countdown || !rules.policy.enabled) return known;
    const found = await glance(name, ask, { kernels: 'known' }).catch(() => undefined);
    if (!found) return known;
    const { restsAt, ...verdict } = verdictOf(found, rules.policy, { nowMs: clock.now() });
    const why = blocked(name);
    const now = { ...verdict, ...(restsAt !== undefined && why === undefined && { restsAt }) };
    const { startedAt } = running;
    const input = { found, verdict: now, blocked: why, startedAt, intervalMs: rules.intervalMs, before: shown };
    return { found, verdict: now, view: viewNow(input) };
  };
}

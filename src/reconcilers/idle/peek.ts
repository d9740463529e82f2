import type { Clock } from '../../lib/clock.ts';
import type { Entry } from './entry.ts';
import type { Ask, makeGlance } from './glance.ts';
import { type Judgement, verdictOf } from './verdict.ts';

type Deps = { glance: ReturnType<typeof makeGlance>; blocked: (name: string) => string | undefined; clock: Clock };
/** The judgement of this moment and its verdict. */
export type Peeked = { found?: Judgement; verdict?: Entry['verdict'] };

/**
 * What a look at this moment would say, for people who ask. It counts as none: asking often neither keeps awake nor
 * makes idle. Kernels are not asked for it, and a countdown is told as of its last look, a second ago at most.
 */
export function makePeek({ glance, blocked, clock }: Deps) {
  return async (name: string, ask: Ask): Promise<Peeked> => {
    const { entry, rules } = ask;
    const { found: before, verdict: last, countdown } = entry;
    const known: Peeked = { ...(before && { found: before }), ...(last && { verdict: last }) };
    if (!last || countdown || !rules.policy.enabled) return known;
    const found = await glance(name, ask, { kernels: 'known' }).catch(() => undefined);
    if (!found) return known;
    const { restsAt, ...verdict } = verdictOf(found, rules.policy, { nowMs: clock.now() });
    const rests = restsAt !== undefined && blocked(name) === undefined;
    return { found, verdict: { ...verdict, ...(rests && { restsAt }) } };
  };
}

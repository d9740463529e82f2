import { timestamp } from '../../lib/clock.ts';
import type { Intent, Mark } from '../../model/intent.ts';
import { restByIdle, takenBack } from '../workspace/intents.ts';
import { farewell } from './countdown.ts';
import type { IdleDeps } from './deps.ts';
import type { Entry } from './entry.ts';
import type { makeGlance } from './glance.ts';
import type { Leases } from './leases.ts';
import { type Running, runOf } from './running.ts';
import { evidenceText, tellRested } from './tell.ts';
import { becauseOf, type Rules } from './verdict.ts';

type Deps = IdleDeps & {
  glance: ReturnType<typeof makeGlance>;
  leases: Leases;
  /** Why it may not rest now, with the intent as it stands. */
  blocked: (name: string, intent: Intent) => string | undefined;
};
type Ask = { entry: Entry; running: Running; rules: Rules; trigger: string };
export type Outcome = { rested: true } | { rested: false; why: string };

const no = (why: string): Outcome => ({ rested: false, why });

/**
 * Puts an idle workspace to rest: one last look, at the engine and at every signal, and then a mark. Whether somebody
 * came meanwhile, or another decision was made, is asked in the very write of it.
 */
export function makeRest(deps: Deps) {
  const { runtime, intents, events, activity, clock } = deps;

  return async (name: string, { entry, running, rules, trigger }: Ask): Promise<Outcome> => {
    const { current } = await runtime.observe({ name });
    if (current?.state !== 'running' || runOf(current) !== running.run) return no('it does not run any more');
    const leaseLeftMs = () => deps.leases.leftMs(name, intents.get(name)?.lease);
    const ask = { entry, running, rules, leaseLeftMs };
    const found = await deps.glance(name, ask, { kernels: 'fresh' });
    Object.assign(entry, { past: found.past, found });
    if (!found.idle) return no(becauseOf(found, rules.policy));
    const seen = activity.of(name);
    const at = timestamp(clock.now());
    const because = becauseOf(found, rules.policy);
    let refused: string | undefined;
    let before: Mark | undefined;
    const { mark } = await intents.update(name, (intent) => {
      const { open, lastInputMs } = activity.of(name);
      const came = open > seen.open || lastInputMs !== seen.lastInputMs;
      refused = came ? 'somebody came in the last moment' : deps.blocked(name, intent);
      const desired = intent.lastGood?.desired;
      before = intent.mark;
      if (refused !== undefined || !desired) return intent;
      return restByIdle(desired, at, `${because}: ${evidenceText(found.evidence)}`)(intent);
    });
    if (refused !== undefined) return no(refused);
    if (activity.of(name).lastInputMs !== seen.lastInputMs) {
      // While it was on its way to the disk; nobody has acted on it yet, and who came was let in.
      await intents.update(name, takenBack(mark?.seq, before));
      return no('somebody came in the last moment');
    }
    if (mark) entry.restSeq = mark.seq;
    await runtime.tellTerminals(running.container, farewell(name)).catch(() => 0);
    tellRested({ events, name }, found, `${trigger}: ${because} (${evidenceText(found.evidence)})`);
    deps.changed(name, trigger);
    return { rested: true };
  };
}
export type Rest = ReturnType<typeof makeRest>;

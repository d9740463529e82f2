import { timestamp } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { canonical } from '../../lib/json.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Intent, Run } from '../../model/intent.ts';
import type { Observed } from '../../model/observed.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import type { Block, Target } from '../../model/target.ts';
import { aim } from './aim.ts';
import { changes } from './changes.ts';
import { execute } from './execute.ts';
import { isProven, rolloutFailed } from './facts.ts';
import { fingerprint, keepRevision, reach, recordFailure, sawHome } from './intents.ts';
import { MAX_STEPS, plan } from './plan.ts';
import { tellDrift, tellOom, tellStep } from './tell.ts';
import type { Deps } from './world.ts';

export type Order = { fitted: Fitted; run: Run; because: string; secrets?: Block };

/** The last look of a pass. */
export type Look = {
  observed: Observed;
  target: Target;
  intent: Intent;
  /** Empty when converged; not empty with `drift: Report`, where it says what healing would do. */
  steps: Step[];
  changes: FieldChange[];
  oomKills: number;
  acted: boolean;
};

const aliveHashes = ({ current, aside, strays }: Observed) =>
  [current, aside, ...strays].flatMap((c) => (c ? [c.hash] : []));

/** An outcome that another try of the same revision would not change. */
const isFinal = (error: unknown) => !(error instanceof WorkdockError) || error.policy.retry !== 'wait';

/** Look, plan, do the first step, look again, until nothing is left to do. `onLook` gets every look, the last one too. */
export async function pass(deps: Deps, order: Order, start: Intent, onLook: (look: Look) => void, signal: AbortSignal) {
  const { runtime, world, intents, events, clock, crashLoop } = deps;
  const { fitted } = order;
  const { name } = fitted;
  const change = (edit: (intent: Intent) => Intent) => intents.update(name, edit);
  let intent = start;
  let acted = false;
  let before = '';
  let asked = fitted.image.pullPolicy !== 'Always';

  async function look(): Promise<Look> {
    const seen = await runtime.observe(fitted);
    // `Always` means asked for anew before every create: until this pass has asked, there is no image.
    const observed = asked ? seen : { ...seen, imageId: null };
    const allowed = { ...(await world.allowed(fitted)), ...(order.secrets && { secrets: order.secrets }) };
    let target = aim({ ...order, intent, allowed }, observed);
    if (rolloutFailed(target, observed) && target.failedHash !== fitted.hash) {
      const { error, exitCode } = observed.current!;
      intent = await change(recordFailure(fitted.hash, error || `exit code ${exitCode}`, timestamp(clock.now())));
      target = aim({ ...order, intent, allowed }, observed);
    }
    const crash = target.startBlock ? undefined : crashLoop.look(target, observed.current);
    if (crash) target = { ...target, startBlock: crash };
    const { fresh, kills } = deps.oom(name, observed.current);
    if (fresh > 0) tellOom(events, fitted, fresh);
    const found = changes(target, observed, intent.revisions);
    return { observed, target, intent, steps: plan(target, observed), changes: found, oomKills: kills, acted };
  }

  async function act(step: Step, { observed, target }: Look) {
    if (step.op === 'create' && !intent.revisions[fitted.hash]) {
      intent = await change(keepRevision(fitted, aliveHashes(observed)));
    }
    try {
      await execute(runtime, step, fitted);
    } catch (error) {
      // With the old container set aside, a revision that cannot be made is a failed one: its predecessor comes back.
      const giveUp = (step.op === 'create' || step.op === 'start') && observed.aside !== undefined && isFinal(error);
      if (!giveUp) throw error;
      intent = await change(recordFailure(fitted.hash, String(error), timestamp(clock.now())));
      return;
    }
    asked ||= step.op === 'ensureImage';
    tellStep(events, name, step);
    // From here on an end of the container is its own doing.
    if (step.op === 'start') intent = await change(reach(fingerprint(target), timestamp(clock.now())));
  }

  for (let round = 0; ; round += 1) {
    signal.throwIfAborted();
    const now = await look();
    onLook(now);
    const [step] = now.steps;
    // A container set aside is a replacement of ours that is not through, and nobody's hands.
    const left = fitted.drift === 'Report' && now.target.reachedBefore && now.observed.aside === undefined;
    if (!step || left) {
      if (!step) intent = await settle(deps, now);
      return { ...now, intent, acted };
    }
    const same = canonical([step, now.observed.current, now.observed.aside, now.observed.strays, now.observed.imageId]);
    if (same === before || round >= 2 * MAX_STEPS) {
      const hint = 'the engine took the step and shows no effect of it; `workdock describe` tells more';
      throw new WorkdockError('STEP_REPEATED', `${step.op} of ${name} changed nothing`, { hint });
    }
    before = same;
    if (now.target.reachedBefore && !acted) tellDrift(events, name, now.changes);
    acted = true;
    await act(step, now);
  }
}

/** Converged: remember that this target was reached and that the home exists. Waiting for something is not reaching. */
function settle({ intents, clock }: Deps, { target, observed, intent, changes: left }: Look): Promise<Intent> {
  const { current, aside, at } = observed;
  const waiting = left.length > 0 || (aside !== undefined && current !== undefined && !isProven(target, current, at));
  return intents.update(intent.name, (before) => {
    const seen = observed.home.kind === 'ready' ? sawHome(before) : before;
    return waiting ? seen : reach(fingerprint(target), timestamp(clock.now()))(seen);
  });
}

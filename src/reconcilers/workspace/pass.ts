import { timestamp } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { canonical, sameJson } from '../../lib/json.ts';
import type { Intent } from '../../model/intent.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { Pass } from '../../model/result.ts';
import type { Cause } from '../../model/status.ts';
import type { FieldChange, Step } from '../../model/step.ts';
import { adoption } from './adopt.ts';
import { causesOf, causesOfStep, decidedSince, endCauses, failureCauses, specCause } from './causes.ts';
import { execute } from './execute.ts';
import { endedAsByHand, exitText, isLeft, isProven, isUp, rolloutFailed } from './facts.ts';
import {
  fingerprint,
  keepAdopted,
  keepRevision,
  knowsHome,
  reach,
  reachLive,
  recordFailure,
  sawHome,
  stoppingBy,
} from './intents.ts';
import { reachedLive } from './live-fields.ts';
import { judge, type Look, lookAt, type Order } from './look.ts';
import { MAX_STEPS } from './plan.ts';
import { beyond, type SignedLog, tellAdopted, tellDrift, tellFailure, tellOom, tellStep, tellUpdate } from './tell.ts';
import { endOf, endUpdate, lateOf } from './update-order.ts';
import type { Deps } from './world.ts';

/** The last look of a pass. */
export type Passed = Look & {
  oomKills: number;
  acted: boolean;
  /** It ended before it was through, because something else was decided meanwhile. */
  interrupted: boolean;
};

export type PassDeps = Deps & { events: SignedLog };

type Hooks = {
  running: Pass;
  /** Gets every look, the last one too. */
  onLook: (look: Passed) => void;
  /** Asked before every step: whether the order still stands. */
  stands: () => boolean;
};

const aliveHashes = ({ current, aside, strays }: Observed) =>
  [current, aside, ...strays].flatMap((c) => (c ? [c.hash] : []));

/** An outcome that another try of the same revision would not change; neither a wait nor a race is one. */
const isFinal = (error: unknown) =>
  error instanceof WorkdockError && error.policy.retry !== 'wait' && error.code !== 'ENGINE_CONFLICT';

/** Look, plan, do the first step, look again, until nothing is left to do. */
export async function pass(deps: PassDeps, order: Order, start: Intent, hooks: Hooks): Promise<Passed> {
  const { running, onLook, stands } = hooks;
  const { log } = running;
  const { runtime, intents, events, clock, crashLoop } = deps;
  const { fitted } = order;
  const { name } = fitted;
  const change = (edit: (intent: Intent) => Intent) => intents.update(name, edit);
  let intent = start;
  let acted = false;
  let before = '';
  let asked = false;
  let seen: Observed | undefined;
  let drift: FieldChange[] = [];
  let causes: Cause[] = [];
  const previous = deps.status.get(name);

  async function failed(reason: string): Promise<void> {
    intent = await change(recordFailure(fitted.hash, reason, timestamp(clock.now())));
    events.ledBy(specCause(intent));
    tellFailure(events, name, reason);
    causes = failureCauses(intent);
  }

  /** The time of an update is up: what ran before comes back, or goes on. */
  async function overdue({ act, order, message }: NonNullable<ReturnType<typeof lateOf>>): Promise<void> {
    if (act === 'putBack') return failed(message);
    intent = await change(endUpdate(order, { outcome: 'givenUp', message }, act === 'withdraw'));
    tellUpdate(events, name, intent.update);
  }

  /** An update that has ended is told once. */
  async function ended({ intent: seen, ...now }: Passed): Promise<void> {
    const end = endOf({ ...now, intent: seen });
    if (!end || !seen.update) return;
    intent = await change(endUpdate(seen.update, end));
    events.ledBy(decidedSince(intent, seen.update.at));
    tellUpdate(events, name, intent.update);
  }

  async function look(): Promise<Passed> {
    let { observed, target } = await lookAt(deps, order, intent, seen);
    seen = observed;
    let crash = target.startBlock ? undefined : crashLoop.look(target, observed.current);
    const { current } = observed;
    if (current && rolloutFailed(target, observed) && target.failedHash !== fitted.hash) {
      if (!(endedAsByHand(current) && crashLoop.isFirstEnd(name, current))) {
        await failed(exitText(current.exitCode));
        ({ observed, target } = await lookAt(deps, order, intent));
        crash = undefined;
      }
    }
    if (crash) target = { ...target, startBlock: crash };
    const late = lateOf({ observed, target, intent }, clock.now(), deps.status.get(name)?.last.error?.message);
    if (late) {
      await overdue(late);
      ({ observed, target } = await lookAt(deps, order, intent));
      if (crash && late.act !== 'putBack') target = { ...target, startBlock: crash };
    }
    const { fresh, kills } = deps.oom(name, observed.current, fitted.command.kind === 'Keep');
    if (fresh > 0) await tellKills(observed.current, fresh);
    return { ...judge(target, observed, intent, asked), oomKills: kills, acted, interrupted: false };
  }

  async function tellKills(c: Container | undefined, kills: number) {
    tellOom(events, { name, limits: c?.limits ?? fitted.limits }, kills);
    // With the whole of it the end is told.
    if (!c || !isUp(c) || c.pid === undefined) return;
    const missing = await deps.ends.missing({ id: c.id, pid: c.pid });
    const outOfMemory = { at: timestamp(clock.now()), kills, limitBytes: c.limits.memoryBytes, missing };
    deps.tellOwner(fitted, { outOfMemory }, { events, log });
  }

  async function act(step: Step, now: Passed): Promise<'left' | undefined> {
    const { observed, target } = now;
    log.info({ op: step.op, why: step.why }, 'a step');
    if (step.op === 'create' && !(intent.revisions[fitted.hash] && knowsHome(intent, fitted))) {
      const known = keepRevision(fitted, aliveHashes(observed));
      // From here on someone may work in it: gone means missing, whatever happens to this process.
      intent = await change((before) => sawHome(fitted)(known(before)));
    }
    if (step.op === 'stop') intent = await change(stoppingBy(await deps.ends.stopping({ ...now, intent }, step)));
    try {
      if ((await execute(step, fitted, { runtime, running })) === 'left') return 'left';
    } catch (error) {
      // With the old container set aside, a revision that cannot be made is a failed one: its predecessor comes back.
      const making = ['ensureImage', 'create'].includes(step.op);
      const starting = step.op === 'start' && observed.current?.hash === fitted.hash;
      if (!observed.aside || !(making || starting) || !isFinal(error)) throw error;
      await failed((error as WorkdockError).message);
      return undefined;
    }
    if (step.op === 'ensureImage') {
      asked = true;
      seen = undefined; // the tag may point elsewhere now
    }
    tellStep(events, name, step);
    // From here on an end of the container is its own doing.
    if (step.op === 'start') {
      const at = timestamp(clock.now());
      const live = reachedBy(now, at);
      intent = await change((before) => live(reach(fingerprint(target), at)(before)));
    }
    return undefined;
  }

  for (let round = 0; ; round += 1) {
    const now = await look();
    onLook(now);
    const adopted = adoption(now, timestamp(clock.now()));
    if (adopted) {
      if (!stands()) return { ...now, interrupted: true };
      intent = await change(adopted);
      acted = true;
      seen = undefined;
      tellAdopted(events, name, now.observed.taken!);
      continue;
    }
    const [step] = now.steps;
    if (!step || isLeft(now.target, now.observed)) {
      if (!step) {
        intent = await settle(deps, now);
        await ended(now);
      }
      deps.onDrift(beyond(now.changes, drift), 'healed');
      return { ...now, intent, acted };
    }
    if (!stands()) return { ...now, interrupted: true };
    const same = canonical([step, now.observed.current, now.observed.aside, now.observed.strays, now.observed.imageId]);
    if (same === before || round >= 2 * MAX_STEPS) {
      const hint = 'the engine took the step and shows no effect of it; `workdock describe` tells more';
      throw new WorkdockError('STEP_REPEATED', `${step.op} of ${name} changed nothing`, { hint });
    }
    before = same;
    if (!acted) {
      drift = now.changes.filter((change) => change.drift);
      const ends = { lastEnd: deps.status.get(name)?.lastEnd, ranSince: previous?.container?.startedAt };
      events.ledBy(endCauses({ ...now, ...ends }));
      // A pass that failed has told what it was to heal.
      if (!previous?.last.error || !sameJson(previous.drift, drift)) tellDrift(events, name, drift);
      if (causes.length === 0) causes = causesOf({ ...now, ...ends }, timestamp(clock.now()));
    }
    events.ledBy(causesOfStep(causes, step, now));
    acted = true;
    if ((await act(step, now)) === 'left') return { ...now, interrupted: true };
  }
}

/** Remembers which live settings its container has as they are wanted, and has had. */
function reachedBy({ target, changes: left, observed: { current } }: Reaching, at: string): (intent: Intent) => Intent {
  if (!current) return (intent) => intent;
  const of = target.fitted.driftIgnore?.length ? current.id : undefined;
  return reachLive(reachedLive(target, current, left), of, at);
}
type Reaching = Pick<Look, 'target' | 'changes' | 'observed'>;

/** Converged: remember that this target was reached and that the home exists. Waiting for something is not reaching. */
function settle({ intents, clock }: Deps, { target, observed, intent, changes: left }: Passed): Promise<Intent> {
  const { current, aside, at } = observed;
  const waiting = left.length > 0 || (aside !== undefined && current !== undefined && !isProven(target, current, at));
  const there = [current, aside, ...observed.strays].flatMap((c) => (c ? [c.id] : []));
  return intents.update(intent.name, (found) => {
    const now = timestamp(clock.now());
    const before = keepAdopted(found, there);
    const live = reachedBy({ observed, target, changes: left }, now)(before);
    const seen = observed.home.kind === 'ready' ? sawHome(target.fitted)(live) : live;
    if (waiting) return seen;
    // Revisions without a container are forgotten, and with them the homes that nobody mounts any more.
    const alive = seen.revisions[target.fitted.hash] ? keepRevision(target.fitted, aliveHashes(observed))(seen) : seen;
    return reach(fingerprint(target), now)(alive);
  });
}

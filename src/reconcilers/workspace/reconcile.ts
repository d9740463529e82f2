import { makeSemaphore } from '../../lib/async.ts';
import { timestamp } from '../../lib/clock.ts';
import { WorkdockError } from '../../lib/errors.ts';
import { sameJson } from '../../lib/json.ts';
import type { Declaration } from '../../model/desired.ts';
import type { Capabilities } from '../../model/fitted.ts';
import type { Intent, Tombstone } from '../../model/intent.ts';
import type { Noted } from '../../model/notes.ts';
import type { Observed } from '../../model/observed.ts';
import type { Pass, Reconcile, Result } from '../../model/result.ts';
import type { Block, Decision, Target } from '../../model/target.ts';
import { decidedSince } from './causes.ts';
import { decide } from './decide.ts';
import { decidedBy } from './decided-by.ts';
import { knownEnd, newsOf } from './ends.ts';
import { canFollow, canStart, differs, isProven, isUp, PROVEN_AFTER_MS, restartOwed, waitsForStop } from './facts.ts';
import { makeFarewell, type Reason, reasonOf } from './farewell.ts';
import { fit } from './fit.ts';
import { holdsOf, tombstoneOf } from './holds.ts';
import { accept } from './intents.ts';
import { isAsPlanned, isRemoved, leavingOf, originsOf } from './leaving.ts';
import { judge, type Look, lookAt, type Order } from './look.ts';
import { type PassDeps, type Passed, pass } from './pass.ts';
import { makeTakeOver } from './rename.ts';
import { type Findings, report } from './report.ts';
import { beyond, makeTellCopies, signed, tellDrift, tellIgnored, tellSpec } from './tell.ts';
import { orderWait } from './update-order.ts';
import type { Deps, Hold } from './world.ts';

/** A pass of another name takes milliseconds, unless it waits for the engine. */
const BUSY_MS = 100;

type Case = {
  name: string;
  trigger: string;
  decision: Decision;
  /** Infinite when no hold ends by itself. */
  holdEndsInMs: number;
  tombstone?: Tombstone;
  declaration?: Declaration;
  intent?: Intent;
};
type RunDecision = Extract<Decision, { kind: 'run' }>;
type Fitting = { ok: true; order: Order; host: Capabilities } | { ok: false; message: string };

type Shared = { farewells: ReturnType<typeof makeSemaphore>; copies: ReturnType<typeof makeTellCopies> };

/** What the loop runs: passes whose events and log lines carry their id. */
export const makeReconcile = (deps: Deps): Reconcile => {
  const farewells = makeSemaphore(1);
  const copies = makeTellCopies();
  return (name, trigger, running) => {
    const events = signed(deps.events, running.id, trigger);
    return makePass({ ...deps, events }, running, { farewells, copies })(name, trigger);
  };
};

/**
 * One pass over one name: read the world, decide, converge, report. It is told the name only, so a lost event costs
 * nothing; every way out writes the status.
 */
function makePass(deps: PassDeps, running: Pass, { farewells, copies }: Shared) {
  const { id: passId, log, signal } = running;
  const { runtime, world, intents, status, events, clock, crashLoop } = deps;
  const farewell = makeFarewell(deps);
  const takeOver = makeTakeOver(deps);

  function publish(item: Case, more: Partial<Findings> & { acted?: boolean; owner?: Noted }) {
    const { acted, owner, ...rest } = more;
    const markedBy = item.tombstone?.ripeAt ? undefined : item.intent?.mark?.by;
    const absence = item.declaration ? undefined : world.absence(item.name);
    const idle = deps.idle.view(item.name);
    const known = { ...(markedBy && { markedBy }), ...(absence && { absence }), ...(idle && { idle }) };
    const { declaration } = item;
    const withheld = declaration?.kind === 'valid' && !world.mayAccept(declaration);
    const brakes = { held: world.held(item.name), withheld };
    const findings = {
      ...{ changes: [], ignored: [], steps: [], oomKills: 0, passId },
      ...{ ...known, ...brakes, ...item, ...rest },
    };
    const { observed, target } = rest;
    // Taken over by another name while this pass was looking.
    if (item.intent && !declaration && !intents.get(item.name)) return status.forget(item.name);
    const braked = item.decision.kind === 'hold' && { held: item.decision.message };
    if (observed) {
      copies(events, item.name, observed.copies);
      deps.idle.see(item.name, { current: observed.current, ...(target && { fitted: target.fitted }), ...braked });
    }
    const previous = status.get(item.name);
    // Notes are told to have been written behind the back of the pass.
    const intent = intents.get(item.name);
    const command = (target?.fitted ?? intent?.lastGood?.desired)?.command;
    const end = observed && deps.ends.look({ observed, previous, intent, command });
    const lastEnd = end ?? knownEnd(previous, intent);
    const next = report({ ...findings, ...(lastEnd && { lastEnd }) }, previous, clock.now());
    const noted = target?.fitted ?? owner;
    if (noted) deps.tellOwner(noted, newsOf({ next, intent, current: observed?.current, end }), { events, log });
    // Drift that is healed is told by the pass that heals it; what is left is told once, when it is found.
    const left = item.decision.kind === 'hold' || rest.target?.fitted.drift === 'Report';
    if (left && !sameJson(previous?.drift ?? [], next.drift)) tellDrift(events, item.name, next.drift);
    if (left) deps.onDrift(beyond(previous?.drift, next.drift), 'reported');
    deps.onDrift(beyond(previous?.ignored, next.ignored), 'ignored');
    tellIgnored(events, { name: item.name, found: next.ignored, known: previous?.ignored });
    status.publish(acted || rest.error ? next : decidedBy(next, previous));
  }

  /** What is decided at this moment, with `intent` as it stands. */
  function caseOf(name: string, trigger: string, intent: Intent | undefined): Case {
    const declaration = world.declaration(name);
    const desired = intent?.lastGood?.desired;
    const heir = declaration ? undefined : world.renamedTo(name);
    const holds = [...heirHold(heir), ...world.holds(desired), ...holdsOf(declaration, intent, clock.now())];
    const specState = desired?.state ?? 'Stopped';
    const tombstone = tombstoneOf(declaration, intent);
    const decision = decide({ settled: world.settled(), holds, specState, mark: intent?.mark, tombstone });
    const holdEndsInMs = Math.min(...holds.flatMap(({ endsInMs }) => endsInMs ?? []));
    const known = { ...(declaration && { declaration }), ...(intent && { intent }), ...(tombstone && { tombstone }) };
    return { name, trigger, decision, holdEndsInMs, ...known };
  }

  /** Takes over what the files say. Fsynced before anything is done about it. `busy`: not at this moment. */
  async function accepted({ name, declaration }: Case): Promise<Intent | undefined | 'busy'> {
    if (declaration?.kind !== 'valid' || !world.settled()) return intents.get(name);
    const taken = await takeOver(declaration);
    if (taken === 'busy') return 'busy';
    const known = intents.get(name);
    if (taken === 'held' || !world.mayAccept(declaration)) return known;
    const intent = await intents.update(name, accept(declaration, timestamp(clock.now())));
    if (intent.generation === known?.generation) return intent;
    crashLoop.forget(name);
    tellSpec(events, intent);
    return intent;
  }

  async function orderOf({ declaration, intent }: Case & { intent: Intent }, run: RunDecision): Promise<Fitting> {
    const desired = intent.lastGood!.desired;
    const host = world.capabilities();
    if (!host) {
      const hint = 'start the engine; until it answers every workspace is left as it is';
      throw new WorkdockError('ENGINE_UNREACHABLE', 'the engine does not answer', { hint });
    }
    const { allotment, secrets } = await world.allot(desired);
    const tombstone = tombstoneOf(declaration, intent);
    const outcome = fit(desired, originsOf(intent, tombstone), host, allotment);
    if (!outcome.ok) return outcome;
    const { because } = run;
    const leaving = leavingOf(tombstone, { desired, run: run.run, at: timestamp(clock.now()) }, world);
    const order = { run: run.run, because, fitted: outcome.fitted, ...leaving, ...(secrets && { secrets }) };
    return { ok: true, host, order };
  }

  /** What a suspended workspace would be without the brake. */
  async function behindTheBrake(item: Case): Promise<Look | undefined> {
    const { intent, decision, tombstone } = item;
    const desired = intent?.lastGood?.desired;
    if (!desired || decision.kind !== 'hold' || decision.reason !== 'Suspended') return undefined;
    const free = decide({ settled: true, holds: [], specState: desired.state, mark: intent.mark, tombstone });
    const fitting = free.kind === 'run' ? await orderOf({ ...item, intent }, free) : undefined;
    if (!fitting?.ok) return undefined;
    const { observed, target } = await lookAt(deps, fitting.order, intent);
    return judge(target, observed, intent, false);
  }

  /** Looks and reports, and does nothing. */
  async function hold(item: Case): Promise<Result> {
    const { name, intent } = item;
    const desired = intent?.lastGood?.desired;
    const given = desired && world.settled() ? await world.allot(desired).catch(() => undefined) : undefined;
    const look = (await behindTheBrake(item)) ?? {
      observed: await runtime.observe({ ...desired, ...given?.allotment, name }),
    };
    if (isRemoved(look.observed, undefined)) {
      if (isUnknown(item)) {
        farewell.forget(name);
        return { kind: 'settled' };
      }
      const because = elsewhere(item);
      if (because && (await farewell.remove(name, because))) return { kind: 'settled' };
    }
    const owner = desired && given && { ...desired, ...given.allotment };
    const { kills } = deps.oom(name, look.observed.current, desired?.command.kind === 'Keep');
    publish(item, { ...look, ...(owner && { owner }), oomKills: kills });
    const afterMs = item.holdEndsInMs;
    return afterMs === Infinity ? { kind: 'settled' } : { kind: 'again', afterMs, why: 'its suspension ends' };
  }

  async function converge(item: Case, onLook: (look: Passed) => void): Promise<Result> {
    const { name, trigger, decision, intent } = item;
    if (decision.kind === 'hold' || !intent?.lastGood) return hold(item);
    const fitting = await orderOf({ ...item, intent }, decision);
    if (!fitting.ok) return hold({ ...item, decision: { kind: 'hold', reason: 'Refused', message: fitting.message } });
    const { order, host } = fitting;
    const stands = () => {
      const now = caseOf(name, trigger, intents.get(name)).decision;
      return !signal.aborted && now.kind === 'run' && now.run === order.run;
    };
    const end = await pass(deps, order, intent, { running, onLook, stands });
    if (end.interrupted) return { kind: 'again', afterMs: 0, why: 'something else was decided meanwhile' };
    if (order.run === 'Absent' && end.steps.length === 0 && isRemoved(end.observed, order.leaving)) {
      const { desired } = intent.lastGood;
      const planned = () =>
        isAsPlanned(order.leaving, leavingOf(item.tombstone, { desired, run: order.run, at: '' }, world).leaving);
      // One after the other: of two that leave one home, the last one takes it along.
      const gone = await farewells(async () => stands() && planned() && (await farewell.remove(name, reasonOf(end))));
      return gone ? { kind: 'settled' } : { kind: 'again', afterMs: 0, why: 'something else is to go by now' };
    }
    const wait = sooner(waitOf(end), orderWait(end, clock.now()));
    publish(
      { ...item, intent: end.intent },
      { ...end, host, ...(wait && { waitsFor: wait.why, nextLookAfterMs: wait.afterMs }) },
    );
    return wait ? { kind: 'again', ...wait } : { kind: 'settled' };
  }

  return async (name: string, trigger: string): Promise<Result> => {
    let item = caseOf(name, trigger, intents.get(name));
    let last: Passed | undefined;
    try {
      const intent = await accepted(item);
      if (intent === 'busy') return { kind: 'again', afterMs: BUSY_MS, why: 'the name it had is just looked at' };
      item = caseOf(name, trigger, intent);
      return await converge(item, (look) => {
        last = look;
        item = { ...item, intent: look.intent };
        if (look.steps.length > 0) publish(item, look);
      });
    } catch (cause) {
      const error = WorkdockError.wrap(cause, 'INTERNAL', String(cause), 'a bug of workdock: please report it');
      // After an unreachable engine nothing seen before is worth telling.
      const blind = error.code === 'ENGINE_UNREACHABLE' || error.code === 'ENGINE_TIMEOUT';
      const seen = blind ? {} : (last ?? (await glance(name)));
      publish(item, { ...seen, error, acted: true });
      if (!last) events.ledBy(decidedSince(item.intent, item.intent?.reached?.at));
      events.emit({ name, type: 'Warning', reason: error.code, message: `${error.message}; ${error.hint}` });
      return { kind: 'failed', error };
    }
  };

  /** The containers alone, for a pass that failed before it looked. */
  function glance(name: string): Promise<Partial<Findings>> {
    return runtime.observe({ name }).then(
      (observed) => ({ observed }),
      () => ({}),
    );
  }
}

/** No file, no good spec: an empty place, unless a container shows up. */
const isUnknown = ({ declaration, intent, decision }: Case): boolean =>
  !declaration && !intent?.lastGood && decision.kind === 'hold' && decision.reason === 'SourceAbsent';

const heirHold = (heir: string | undefined): Hold[] =>
  heir === undefined ? [] : [{ reason: 'Renamed', message: `it goes on as ${heir}` }];

/** Another instance's has nothing here; once its file is gone for long enough it is not listed any more. */
const elsewhere = ({ decision, tombstone }: Case): Reason | undefined =>
  tombstone?.expiredAt && decision.kind === 'hold' && decision.reason === 'Elsewhere'
    ? { because: 'no file declares it', home: decision.message }
    : undefined;

type Wait = { afterMs: number; why: string };
/** The first of two reasons, at the earlier time of both. */
const sooner = (one: Wait | undefined, other: Wait | undefined): Wait | undefined =>
  one && other ? { ...one, afterMs: Math.min(one.afterMs, other.afterMs) } : (one ?? other);

/** What a converged pass still waits for, and when to look again. */
function waitOf({ observed, target }: Look): Wait | undefined {
  const { current, aside, at, missingMounts } = observed;
  const wantsUp = target.run === 'Running' || target.run === 'Frozen';
  const up = current !== undefined && isUp(current);
  const block = wantsUp ? blockOf(target, observed) : undefined;
  if (block) return { afterMs: block.retryAfterMs ?? 5_000, why: block.message };
  if (missingMounts[0]) return { afterMs: 5_000, why: missingMounts[0].message };
  if (aside && up && !isProven(target, current, at)) {
    return { afterMs: PROVEN_AFTER_MS, why: 'the new container has to stay up before the old one goes' };
  }
  return undefined;
}

/** What keeps it from being started, made, replaced now or restarted, whichever it needs. */
function blockOf(target: Target, observed: Observed): Block | undefined {
  const { current, imageId } = observed;
  const { startBlock, createBlock, fitted } = target;
  if (!current) return createBlock ?? startBlock;
  if (!isUp(current)) return startBlock;
  const owed = restartOwed(target, current);
  const replaces = differs(target, current, imageId) && target.failedHash !== fitted.hash;
  const now = owed || (replaces && !waitsForStop(target, current));
  return now && !(replaces ? canFollow : canStart)(target, observed)
    ? startBlock
    : now && replaces
      ? createBlock
      : undefined;
}

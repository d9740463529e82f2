import { WorkdockError } from '../../lib/errors.ts';
import type { Declaration } from '../../model/desired.ts';
import type { Intent } from '../../model/intent.ts';
import type { Reconcile, Result } from '../../model/result.ts';
import type { Decision } from '../../model/target.ts';
import { decide } from './decide.ts';
import { isProven, PROVEN_AFTER_MS } from './facts.ts';
import { fit } from './fit.ts';
import { holdsOf, suspensionLeftMs } from './holds.ts';
import { accept } from './intents.ts';
import { type Look, pass } from './pass.ts';
import { type Findings, report } from './report.ts';
import type { Deps } from './world.ts';

type Case = { name: string; trigger: string; decision: Decision; declaration?: Declaration; intent?: Intent };

/**
 * One pass over one name: read the world, decide, converge, report. It is told the name only, so a lost event costs
 * nothing; every way out writes the status.
 */
export function makeReconcile(deps: Deps): Reconcile {
  const { runtime, world, intents, status, events, clock, crashLoop } = deps;

  function publish(item: Case, more: Partial<Findings> & { acted?: boolean }) {
    const { acted, ...rest } = more;
    const markedBy = item.intent?.mark?.by;
    const findings = { changes: [], steps: [], oomKills: 0, ...(markedBy && { markedBy }), ...item, ...rest };
    const previous = status.get(item.name);
    const next = report(findings, previous, clock.now());
    // A quiet pass writes nothing: who asked for it is no news.
    const quiet = previous && !acted && !rest.error && previous.phase === next.phase;
    status.publish(quiet ? { ...next, last: { ...next.last, trigger: previous.last.trigger } } : next);
  }

  async function gather(name: string, trigger: string): Promise<Case> {
    const declaration = world.declaration(name);
    const known = intents.get(name);
    const valid = declaration?.kind === 'valid' && world.settled();
    const intent = valid ? await intents.update(name, accept(declaration)) : known;
    if (intent?.generation !== known?.generation) crashLoop.forget(name);
    const desired = intent?.lastGood?.desired;
    const holds = [...world.holds(desired), ...holdsOf(declaration, intent, clock.now())];
    const specState = desired?.state ?? 'Stopped';
    const decision = decide({ settled: world.settled(), holds, specState, mark: intent?.mark });
    return { name, trigger, decision, ...(declaration && { declaration }), ...(intent && { intent }) };
  }

  /** Looks and reports, and does nothing. */
  async function hold(item: Case): Promise<Result> {
    const desired = item.intent?.lastGood?.desired;
    const given = desired && world.settled() ? await world.allot(desired).catch(() => undefined) : undefined;
    const observed = await runtime.observe({ ...desired, ...given?.allotment, name: item.name });
    publish(item, { observed, oomKills: deps.oom(item.name, observed.current).kills });
    const afterMs = suspensionLeftMs(item.intent, clock.now());
    return afterMs === undefined ? { kind: 'settled' } : { kind: 'again', afterMs, why: 'its suspension ends' };
  }

  async function converge(item: Case, signal: AbortSignal, onLook: (look: Look) => void): Promise<Result> {
    const { decision, intent } = item;
    const desired = intent?.lastGood?.desired;
    if (decision.kind === 'hold' || !desired) return hold(item);
    const host = world.capabilities();
    if (!host) {
      const hint = 'start the engine; until it answers every workspace is left as it is';
      throw new WorkdockError('ENGINE_UNREACHABLE', 'the engine does not answer', { hint });
    }
    const { allotment, secrets } = await world.allot(desired);
    const outcome = fit(desired, intent.lastGood?.origins ?? {}, host, allotment);
    if (!outcome.ok) return hold({ ...item, decision: { kind: 'hold', reason: 'Refused', message: outcome.message } });
    const order = { ...decision, fitted: outcome.fitted, ...(secrets && { secrets }) };
    const end = await pass(deps, order, intent, onLook, signal);
    const wait = waitOf(end);
    publish(
      { ...item, intent: end.intent },
      { ...end, host, ...(wait && { waitsFor: wait.why, nextLookAfterMs: wait.afterMs }) },
    );
    return wait ? { kind: 'again', ...wait } : { kind: 'settled' };
  }

  return async (name, trigger, signal) => {
    const item = await gather(name, trigger);
    let last: Look | undefined;
    try {
      return await converge(item, signal, (look) => {
        last = look;
        if (look.steps.length > 0) publish({ ...item, intent: look.intent }, { ...look });
      });
    } catch (cause) {
      const error = WorkdockError.wrap(cause, 'INTERNAL', String(cause), 'a bug of workdock: please report it');
      // After an unreachable engine nothing seen before is worth telling.
      const blind = error.code === 'ENGINE_UNREACHABLE' || error.code === 'ENGINE_TIMEOUT';
      publish(item, { ...(blind ? {} : last), error, acted: true });
      events.emit({ name, type: 'Warning', reason: error.code, message: `${error.message}; ${error.hint}` });
      return { kind: 'failed', error };
    }
  };
}

/** What a converged pass still waits for, and when to look again. */
function waitOf({ observed, target }: Look): { afterMs: number; why: string } | undefined {
  const { current, aside, at } = observed;
  const wantsUp = target.run === 'Running' && current?.state !== 'running';
  const block = wantsUp ? (target.startBlock ?? (current ? undefined : target.createBlock)) : undefined;
  if (block) return { afterMs: block.retryAfterMs ?? 5_000, why: block.message };
  if (observed.missingMounts[0]) return { afterMs: 5_000, why: observed.missingMounts[0].message };
  if (aside && current?.state === 'running' && !isProven(target, current, at)) {
    return { afterMs: PROVEN_AFTER_MS, why: 'the new container has to stay up before the old one goes' };
  }
  return undefined;
}

import { timestamp } from '../../lib/clock.ts';
import { heldText } from '../../model/held.ts';
import type { PlannedChange, PlanRow } from '../../model/service.ts';
import { decide } from './decide.ts';
import { isLeft, leftText, offerOf } from './facts.ts';
import { fit } from './fit.ts';
import { holdsOf, tombstoneOf } from './holds.ts';
import { accept } from './intents.ts';
import { leavingOf, originsOf } from './leaving.ts';
import { judge, type Look, lookAt } from './look.ts';
import { makeLoss } from './loss.ts';
import { originOf } from './origin.ts';
import type { Deps } from './world.ts';

type SightDeps = Pick<Deps, 'runtime' | 'world' | 'intents' | 'clock'>;
/** `found` is absent where nothing can be said: no usable spec, an engine that was not probed, impossible here. */
type Sight = { found?: Look; waitsFor?: string };

/**
 * What a pass would see now, without doing anything; holds are told and looked behind. `behindTheGuard`: with the spec
 * that is held, and not with the one in force.
 */
export function makeSight({ runtime, world, intents, clock }: SightDeps) {
  return async (name: string, behindTheGuard = false): Promise<Sight> => {
    const declaration = world.declaration(name);
    const known = intents.get(name);
    const taken = declaration?.kind === 'valid' && (behindTheGuard || world.mayAccept(declaration));
    const intent = taken && known ? accept(declaration, timestamp(clock.now()))(known) : known;
    const desired = intent?.lastGood?.desired;
    const holds = [...world.holds(desired), ...holdsOf(declaration, intent, clock.now())];
    const absence = declaration ? undefined : world.absence(name);
    const waitsFor = holds[0]?.message ?? absence?.message;
    const waits = waitsFor !== undefined && { waitsFor };
    const host = world.capabilities();
    if (!intent || !desired || !host) return { ...waits };
    const { allotment, secrets } = await world.allot(desired);
    const tombstone = tombstoneOf(declaration, intent);
    const outcome = fit(desired, originsOf(intent, tombstone), host, allotment);
    if (!outcome.ok) return { waitsFor: outcome.message };
    const { fitted } = outcome;
    const decision = decide({ settled: true, holds: [], specState: desired.state, mark: intent.mark, tombstone });
    if (decision.kind === 'hold') return { waitsFor: decision.message };
    const leaving = leavingOf(tombstone, { desired, run: decision.run, at: timestamp(clock.now()) }, world);
    const order = { ...decision, fitted, ...leaving, ...(secrets && { secrets }) };
    const { observed, target } = await lookAt({ runtime, world }, order, intent);
    return { found: judge(target, observed, intent, false), ...waits };
  };
}

/** What a pass would do now and what it would change, and what whoever works there would lose. */
export function makePreview(deps: SightDeps) {
  const sightOf = makeSight(deps);
  const lossOf = makeLoss(deps);
  /** `untilMs` (monotonic): so long there is time to look at what is in the containers. */
  return async (name: string, untilMs: number): Promise<PlanRow> => {
    const { found, ...seen } = await sightOf(name, true);
    const held = deps.world.held(name).map(heldText).join('; ');
    const waits = held === '' ? seen : { ...seen, waitsFor: held };
    if (!found) return { name, steps: [], changes: [], ...waits };
    const { observed, target, intent } = found;
    // What is done goes by the spec in force.
    const now = held === '' ? found : (await sightOf(name)).found;
    const steps = (now?.steps ?? []).map(({ op, why }) => ({ op, why }));
    const block = target.createBlock ?? target.startBlock;
    const left = steps.length > 0 && isLeft(target, observed) ? leftText(name) : undefined;
    const waitsFor = waits.waitsFor ?? left ?? block?.message;
    const loses = await lossOf(found, untilMs);
    const available = offerOf(observed, target);
    const changes = found.changes.map((change): PlannedChange => {
      const origin = change.drift ? undefined : askedBy(change.field, { intent, target });
      return { ...change, ...(origin !== undefined && { origin }) };
    });
    const told = {
      ...(loses && { loses }),
      ...(available && { available }),
      ...(waitsFor !== undefined && { waitsFor }),
    };
    return { name, steps, changes, ...told };
  };
}

/** A mark decides about the run state, not the file. */
const askedBy = (field: string, { intent, target }: Pick<Look, 'intent' | 'target'>): string | undefined =>
  field === 'state' && intent.mark?.forState === target.fitted.state ? target.because : originOf(field, intent);

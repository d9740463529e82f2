import { timestamp } from '../../lib/clock.ts';
import { heldText } from '../../model/held.ts';
import type { Container } from '../../model/observed.ts';
import type { Absence } from '../../model/removal.ts';
import type { PlannedChange, PlanRow } from '../../model/service.ts';
import { adoption } from './adopt.ts';
import { takenText } from './adopt-objections.ts';
import { decide } from './decide.ts';
import { isLeft, isUp, leftText, offerOf } from './facts.ts';
import { fit } from './fit.ts';
import { holdsOf, tombstoneOf } from './holds.ts';
import { accept } from './intents.ts';
import { leavingOf, originsOf } from './leaving.ts';
import { judge, type Look, lookAt } from './look.ts';
import { makeLoss } from './loss.ts';
import { originOf } from './origin.ts';
import { idsOf, takenOver } from './rename.ts';
import type { Deps } from './world.ts';

type SightDeps = Pick<Deps, 'runtime' | 'world' | 'intents' | 'clock'>;
/** `found` is absent where nothing can be said: no usable spec, an engine that was not probed, impossible here. */
type Sight = { found?: Look; waitsFor?: string; renamedFrom?: string; adopts?: string };

/**
 * What a pass would see now, without doing anything; holds are told and looked behind. `behindTheGuard`: with the spec
 * that is held, and not with the one in force.
 */
export function makeSight({ runtime, world, intents, clock }: SightDeps) {
  /** What is known of it, under whatever name that is until now. */
  async function knownOf(name: string, at: string) {
    const declaration = world.declaration(name);
    const from = declaration?.kind === 'valid' ? declaration.renamedFrom : undefined;
    const known = intents.get(name);
    if (from === undefined || world.renamedTo(from) !== name || known?.renamed?.open) return { intent: known };
    const ids = idsOf(await runtime.observe({ name: from }));
    const mine = known ?? { schemaVersion: 1, name, generation: 0, digest: '', seq: 0, revisions: {} };
    return { intent: takenOver(mine, intents.get(from), { from, ids, at }), renamedFrom: from };
  }
  return async (name: string, behindTheGuard = false): Promise<Sight> => {
    const declaration = world.declaration(name);
    const at = timestamp(clock.now());
    const { intent: known, ...former } = await knownOf(name, at);
    const taken = declaration?.kind === 'valid' && (behindTheGuard || world.mayAccept(declaration));
    const intent = taken && known ? accept(declaration, at)(known) : known;
    const desired = intent?.lastGood?.desired;
    const holds = [...world.holds(desired), ...holdsOf(declaration, intent, clock.now())];
    const absence = declaration ? undefined : world.absence(name);
    const waitsFor = holds[0]?.message ?? absence?.message;
    const waits = waitsFor !== undefined && { waitsFor };
    const host = world.capabilities();
    if (!intent || !desired || !host) return { ...former, ...waits };
    const { allotment, secrets } = await world.allot(desired);
    const tombstone = tombstoneOf(declaration, intent);
    const outcome = fit(desired, originsOf(intent, tombstone), host, allotment);
    if (!outcome.ok) return { ...former, waitsFor: outcome.message };
    const { fitted } = outcome;
    const decision = decide({ settled: true, holds: [], specState: desired.state, mark: intent.mark, tombstone });
    if (decision.kind === 'hold') return { ...former, waitsFor: decision.message };
    const leaving = leavingOf(tombstone, { desired, run: decision.run, at }, world);
    const order = { ...decision, fitted, ...leaving, ...(secrets && { secrets }) };
    const { observed, target } = await lookAt({ runtime, world }, order, intent);
    const takeOver = adoption({ observed, target, intent }, at);
    if (!takeOver) {
      const taken = waitsFor === undefined ? takenText({ observed, target, adopts: desired.adopt }) : undefined;
      return {
        found: judge(target, observed, intent, false),
        ...former,
        ...waits,
        ...(taken && { waitsFor: taken.message }),
      };
    }
    const after = takeOver(intent);
    const then = decide({ settled: true, holds: [], specState: desired.state, mark: after.mark, tombstone });
    const own = await lookAt({ runtime, world }, { ...order, ...(then.kind === 'run' && then) }, after);
    const adopts = `${observed.taken!.name} (made by hand)`;
    return { found: judge(own.target, own.observed, after, false), adopts, ...former, ...waits };
  };
}

/** What a pass would do now and what it would change, and what whoever works there would lose. */
export function makePreview(deps: SightDeps) {
  const sightOf = makeSight(deps);
  const lossOf = makeLoss(deps);
  /** `untilMs` (monotonic): so long there is time to look at what is in the containers. */
  return async (name: string, untilMs: number): Promise<PlanRow> => {
    const { found, ...seen } = await sightOf(name, true);
    const held = deps.world.held(name);
    const waits = held.length === 0 ? seen : { ...seen, held, waitsFor: held.map(heldText).join('; ') };
    const { renamedFrom, adopts } = seen;
    const live = (field: string, from: string | undefined, to: string): PlannedChange[] =>
      from === undefined ? [] : [{ field, from, to, cost: 'live', drift: false }];
    const own = [...live('name', renamedFrom, name), ...live('container', adopts, 'taken over as it runs')];
    if (!found) return { name, steps: [], changes: own, ...waits };
    const { observed, target, intent } = found;
    // What is done goes by the spec in force.
    const now = held.length === 0 ? found : (await sightOf(name)).found;
    const steps = (now?.steps ?? []).map(({ op, why }) => ({ op, why }));
    const block = target.createBlock ?? target.startBlock;
    const left = steps.length > 0 && isLeft(target, observed) ? leftText(name) : undefined;
    const waitsFor = waits.waitsFor ?? left ?? block?.message;
    const absence = deps.world.declaration(name) ? undefined : deps.world.absence(name);
    const removal = removalOf(observed.current, absence);
    // What waits for a stop is not taken over by one that is for good.
    const planned = removal.length === 0 ? found.changes : found.changes.filter(({ drift }) => drift);
    const loses = await lossOf({ ...found, changes: [...removal, ...planned] }, untilMs);
    const available = offerOf(observed, target);
    const changes = planned.map((change): PlannedChange => {
      const origin = change.drift ? undefined : askedBy(change.field, { intent, target });
      return { ...change, ...(origin !== undefined && { origin }) };
    });
    const told = {
      ...(found.ignored.length > 0 && { ignored: found.ignored }),
      ...(loses && { loses }),
      ...(available && { available }),
      ...(waitsFor !== undefined && { waitsFor }),
      ...(renamedFrom !== undefined && { renamedFrom }),
      ...(held.length > 0 && { held }),
    };
    return { name, steps, changes: [...own, ...removal, ...changes], ...told };
  };
}

/** What comes of a file that is gone, unless it comes back. */
function removalOf(current: Container | undefined, absence: Absence | undefined): PlannedChange[] {
  if (!current || !absence || absence.reason === 'Protected' || absence.reason === 'NoFile') return [];
  const from = isUp(current) ? 'Running' : 'Stopped';
  return [{ field: 'container', from, to: 'absent', cost: 'recreate', drift: false }];
}

/** A mark decides about the run state, not the file. */
const askedBy = (field: string, { intent, target }: Pick<Look, 'intent' | 'target'>): string | undefined =>
  field === 'state' && intent.mark?.forState === target.fitted.state ? target.because : originOf(field, intent);

import { digest, sameJson } from '../../lib/json.ts';
import type { Declaration, Desired, SourceRef } from '../../model/desired.ts';
import type { Fitted } from '../../model/fitted.ts';
import type { Intent, Mark } from '../../model/intent.ts';
import type { Container } from '../../model/observed.ts';
import type { LastEnd } from '../../model/status.ts';
import type { Target } from '../../model/target.ts';
import { isUp } from './facts.ts';
import { revisionFields } from './revision.ts';
import { specChange } from './spec-change.ts';

/** Changes of an intent, as pure functions for IntentStore.update. */

type Valid = Extract<Declaration, { kind: 'valid' }>;

/** Digests of values that are never changed, only replaced: every pass asks again for the same ones. */
const digests = new WeakMap<object, string>();
export function digestOf(value: object): string {
  const known = digests.get(value) ?? digest(value);
  digests.set(value, known);
  return known;
}

/** What runs goes on when its file says OnDemand from now on: somebody may be in it. The idle rule sees to the rest. */
function carriedOver(intent: Intent, desired: Desired, at: string): Intent {
  const { mark, lastGood } = intent;
  const ran = lastGood?.desired.state === 'Running' && (mark?.forState !== 'Running' || mark.run === 'Running');
  if (desired.state !== 'OnDemand' || !ran) return intent;
  const carried = marked(intent, desired, { run: 'Running', by: 'access', at });
  return { ...carried, mark: { ...carried.mark!, evidence: 'it ran when its spec became OnDemand' } };
}

/** A commit that does not touch the file is no reason to write what was decided about every workspace. */
const placeOf = ({ path, line, sha256 }: SourceRef): string => `${path}\0${line}\0${sha256}`;

/**
 * Takes over a valid declaration at a time. The generation counts changes of meaning: comments and key order are none.
 */
export const accept =
  ({ desired, origins, source, renamedFrom }: Valid, at: string) =>
  (before: Intent): Intent => {
    const intent = seenTo(renamedFrom, at)(carriedOver(before, desired, at));
    const meaning = digestOf(desired);
    const changed = intent.digest !== meaning;
    // An edit of spec.state is the file's newer word: marks made against the old one are dropped.
    const stale = intent.mark !== undefined && intent.mark.forState !== desired.state;
    const good = intent.lastGood;
    const moved = !good || digestOf(good.origins) !== digestOf(origins) || placeOf(good.source) !== placeOf(source);
    if (!changed && !stale && !moved) return intent;
    const { mark: _mark, failed: _failed, removedAt: _removedAt, approved, ...rest } = intent;
    return {
      ...rest,
      // An approval is of one change: it ends with it, and with any other one.
      ...(approved && !changed && { approved }),
      ...(intent.mark && !stale && { mark: intent.mark }),
      // A failed revision is forgotten with the spec that made it.
      ...(intent.failed && !changed && { failed: intent.failed }),
      generation: changed ? intent.generation + 1 : intent.generation,
      digest: meaning,
      ...(changed && { changed: { at, what: specChange({ desired, origins, source }, good?.desired) } }),
      lastGood: { desired, origins, source },
    };
  };

/** Nobody had that name, so there is nothing to take over: whoever gets it later is somebody else. */
const seenTo =
  (from: string | undefined, at: string) =>
  (intent: Intent): Intent =>
    from === undefined || intent.renamed?.from === from ? intent : { ...intent, renamed: { from, at } };

/** Remembers what `fitted` looks like, and forgets revisions that no container has any more. */
export const keepRevision =
  (fitted: Fitted, alive: readonly string[]) =>
  (intent: Intent): Intent => {
    const kept = Object.entries(intent.revisions).filter(([hash]) => alive.includes(hash));
    return { ...intent, revisions: { ...Object.fromEntries(kept), [fitted.hash]: revisionFields(fitted) } };
  };

/** Forgets containers from before a rename that are gone: those made since have labels of their own. */
export function keepAdopted(intent: Intent, there: readonly string[]): Intent {
  const { adopted, ...rest } = intent;
  const left = adopted?.filter((id) => there.includes(id)) ?? [];
  if (!adopted || left.length === adopted.length) return intent;
  return { ...rest, ...(left.length > 0 && { adopted: left }) };
}

const marked = (intent: Intent, desired: Desired, mark: Pick<Mark, 'run' | 'by' | 'at' | 'evidence'>): Intent => ({
  ...intent,
  seq: intent.seq + 1,
  mark: { ...mark, seq: intent.seq + 1, forState: desired.state },
});

export const stopByPerson = (desired: Desired, at: string) => (intent: Intent) =>
  marked(intent, desired, { run: 'Stopped', by: 'stop', at });

/** Somebody enters: it runs from now on, whatever put it to rest. */
export const wokenByAccess = (desired: Desired, at: string) => (intent: Intent) =>
  marked(intent, desired, { run: 'Running', by: 'access', at });

/** Nobody needs it: down until somebody enters or starts it. */
export const restByIdle = (desired: Desired, at: string, evidence: string) => (intent: Intent) =>
  marked(intent, desired, { run: 'Stopped', by: 'idle', at, evidence });

/** Takes the mark with this number back, in favour of the one before it. */
export const takenBack =
  (seq: number | undefined, before: Mark | undefined) =>
  (intent: Intent): Intent => {
    const { mark, ...rest } = intent;
    if (mark?.seq !== seq) return intent;
    return { ...rest, ...(before && { mark: before }) };
  };

/** A restart that the current run owes; without a container the next one does. */
export const restartOf = (current: Container | undefined, at: string): NonNullable<Intent['restart']> => ({
  id: current?.id ?? '',
  startedAt: current?.startedAt ?? '',
  at,
});

/** Also tries a failed revision again. Without a container it is a new order, even where hands are only reported. */
export const restartByPerson = (desired: Desired, at: string, current: Container | undefined) => (intent: Intent) => {
  const { failed: _failed, ...rest } = marked(intent, desired, { run: 'Running', by: 'start', at });
  return { ...rest, restart: restartOf(current, at) };
};

/** A container that is down owes a start even if it completed; hence the restart record along with the mark. */
export const startByPerson = (desired: Desired, at: string, current: Container | undefined) => (intent: Intent) => {
  const { restart, ...rest } = restartByPerson(desired, at, current)(intent);
  return current && isUp(current) ? rest : { ...rest, restart };
};

export const recordFailure = (hash: string, reason: string, at: string) => (intent: Intent) => ({
  ...intent,
  failed: { hash, reason, at },
});

/**
 * Equal fingerprints ask the same of the engine: a later difference is somebody's hands or an end by itself. With its
 * revision failed a target asks for the one before.
 */
export const fingerprint = (target: Pick<Target, 'fitted' | 'run' | 'restart' | 'failedHash'>): string => {
  const { fitted, run, restart, failedHash } = target;
  const { hash, limits, networkName, address } = fitted;
  const failed = failedHash === hash ? true : undefined;
  return digest({ hash, limits, networkName, address, run, restart: restart?.at, failed }).slice(0, 16);
};

/** What was decided since it was reached and asks for the same has been reached too: it is no cause of what follows. */
export const reach = (mark: string, at: string) => (intent: Intent) =>
  intent.reached?.fingerprint === mark && !isBehind(intent)
    ? intent
    : { ...intent, reached: { ...intent.reached, fingerprint: mark, at } };

const isBehind = ({ reached, mark, restart, approved, changed }: Intent): boolean =>
  [mark, restart, approved, changed].some((each) => each !== undefined && each.at > (reached?.at ?? ''));

/**
 * Also while something else waits, as for the next stop: what can change live was reached by itself. `of`: the
 * container, where something of it may be left to hands.
 */
export const reachLive =
  (live: Record<string, string>, of: string | undefined, at: string) =>
  (intent: Intent): Intent => {
    const { reached } = intent;
    if (sameJson(reached?.live ?? {}, live) && reached?.liveOf === of) return intent;
    const { liveOf: _of, ...rest } = reached ?? { fingerprint: '', at };
    return { ...intent, reached: { ...rest, live, ...(of !== undefined && { liveOf: of }) } };
  };

/** The record of this very home; one that was lost with its record counts as seen wherever it is. */
export const knowsHome = ({ homesSeen = [] }: Intent, { homeSource }: Fitted): boolean =>
  homesSeen.includes(homeSource) || homesSeen.includes('*');

export const sawHome = (fitted: Fitted) => (intent: Intent) =>
  intent.homesSeen?.includes(fitted.homeSource)
    ? intent
    : { ...intent, homesSeen: [...(intent.homesSeen ?? []), fitted.homeSource] };

/** What is remembered of a stop is not needed once its end is told. */
export const toldEnd =
  ({ at, reason, evidence }: LastEnd) =>
  ({ stopping, ...intent }: Intent): Intent => ({
    ...intent,
    ...(stopping && (stopping.reason !== reason || stopping.evidence !== evidence) && { stopping }),
    toldEnd: { at, reason, evidence },
  });

export const stoppingBy = (stopping: Intent['stopping']) => (intent: Intent) =>
  stopping ? { ...intent, stopping } : intent;

export const suspendUntil = (at: string, until: string | undefined) => (intent: Intent) => ({
  ...intent,
  suspend: { at, ...(until && { until }) },
});

export const resumed = ({ suspend: _suspend, ...rest }: Intent): Intent => rest;

export const sameIntent = (a: Intent, b: Intent): boolean => sameJson(a, b);

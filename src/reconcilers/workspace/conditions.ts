import { toTheSecond } from '../../lib/moment.ts';
import type { Condition, WorkspaceConditionType } from '../../model/conditions.ts';
import type { Declaration } from '../../model/desired.ts';
import { type HeldNote, heldText } from '../../model/held.ts';
import type { IdleView } from '../../model/idle.ts';
import type { Intent } from '../../model/intent.ts';
import type { Problem } from '../../model/problem.ts';
import type { Absence } from '../../model/removal.ts';
import type { FieldChange } from '../../model/step.ts';
import { takenText } from './adopt-objections.ts';
import { hasCompleted, offerOf } from './facts.ts';
import { asCondition, type Fact, idleFact } from './idle-view.ts';
import type { Seen } from './phase.ts';

export type Judged = Seen & {
  declaration?: Declaration;
  intent?: Intent;
  pending: FieldChange[];
  drift: FieldChange[];
  /** What was judged of its removal, while no file declares it. */
  absence?: Absence;
  /** What is known of its idleness; absent until it was looked at twice. */
  idle?: IdleView;
  /** What waits for a person's approval. */
  held: HeldNote[];
};

/** A short suggestion belongs to the sentence; a list of all that is known does not (`describe` has it). */
const SHORT = 90;
const where = ({ file, line, column, message, suggestion = '' }: Problem) =>
  `${file}:${line}:${column}: ${message}${suggestion && suggestion.length <= SHORT ? ` (${suggestion})` : ''}`;
const list = (problems: Problem[]) => problems.slice(0, 5).map(where).join('; ');
const no = (reason: string): Fact => ({ status: false, reason, message: '' });
const fields = (changes: FieldChange[]) =>
  changes.map((c) => `${c.field} ${c.from || 'unset'} -> ${c.to || 'unset'}`).join(', ');

function ready(judged: Judged): Fact {
  const { decision, target, observed, error, declaration, drift } = judged;
  if (!observed)
    return { status: 'Unknown', reason: 'EngineUnreachable', message: error?.message ?? 'the engine does not answer' };
  const up = observed.current?.state === 'running';
  if (decision.kind === 'hold') {
    const problems = declaration && declaration.kind !== 'valid' ? `: ${list(declaration.problems)}` : '';
    return { status: up, reason: up ? 'Running' : decision.reason, message: `${decision.message}${problems}` };
  }
  if (observed.taken) return { ...nameTaken(judged), status: false, reason: 'NameTaken' };
  if (error) return { status: up, reason: up ? 'Running' : error.code, message: `${error.message}; ${error.hint}` };
  if (up && decision.run === 'Running') return { status: true, reason: 'Running', message: decision.because };
  if (observed.current && target && hasCompleted(target, observed.current)) {
    return { status: false, reason: 'Completed', message: `ended with exit code ${observed.current.exitCode}` };
  }
  if (drift.length > 0 && target?.fitted.drift === 'Report') {
    return { status: up, reason: up ? 'Running' : 'Drift', message: `left as it is (drift: Report): ${fields(drift)}` };
  }
  const missing = observed.missingMounts[0];
  const block = target?.startBlock ?? (observed.current ? undefined : target?.createBlock);
  if (decision.run === 'Running' && block) return { status: false, reason: block.reason, message: block.message };
  if (decision.run === 'Running' && missing) return { status: false, reason: 'MountMissing', message: missing.message };
  return { status: false, reason: decision.run === 'Running' ? 'Starting' : decision.run, message: decision.because };
}

function specValid({ declaration, intent }: Judged): Fact {
  if (!declaration) return { status: 'Unknown', reason: 'SourceAbsent', message: 'no file declares it' };
  if (declaration.kind === 'valid') return { status: true, reason: 'Valid', message: '' };
  const kept = intent?.lastGood ? ' (the last good spec stays in force)' : '';
  const reason = declaration.kind === 'conflict' ? 'Conflict' : 'Invalid';
  return { status: false, reason, message: `${list(declaration.problems)}${kept}` };
}

function imageReady({ observed, target, error }: Judged): Fact {
  if (!observed) return { status: 'Unknown', reason: 'EngineUnreachable', message: '' };
  if (observed.imageId !== null) return { status: true, reason: 'Present', message: '' };
  if (!target) return { status: 'Unknown', reason: 'NotLooked', message: '' };
  const ref = target?.fitted.image.ref ?? 'the image';
  const message =
    error?.code === 'IMAGE_NOT_FOUND' ? `${error.message}; ${error.hint}` : `${ref} is not on this engine`;
  return { status: false, reason: 'Missing', message };
}

function updatePending({ pending, target, intent, error }: Judged): Fact {
  if (pending.length === 0) return no('UpToDate');
  const failed = target?.failedHash === target?.fitted.hash ? intent?.failed : undefined;
  if (failed)
    return { status: true, reason: 'RevisionFailed', message: `${fields(pending)}: did not start: ${failed.reason}` };
  const block = target?.createBlock ?? target?.startBlock;
  if (block) return { status: true, reason: block.reason, message: `${fields(pending)}; waits: ${block.message}` };
  if (pending.some(({ cost }) => cost === 'nextStop'))
    return { status: true, reason: 'NextStop', message: `at the next stop: ${fields(pending)}` };
  if (error) return { status: true, reason: error.code, message: `${fields(pending)}; waits: ${error.message}` };
  return { status: true, reason: 'Replacing', message: `now: ${fields(pending)}` };
}

function degraded({ target, intent, drift }: Judged): Fact {
  const clamps = target?.fitted.clamps ?? [];
  if (clamps.length > 0) return { status: true, reason: 'Clamped', message: clamps.map((c) => c.message).join('; ') };
  if (target && intent?.failed && target.failedHash === target.fitted.hash) {
    const what = `the last change did not start: ${intent.failed.reason}; the container before it was brought back`;
    const message = `${what}; mend the spec, or workdock restart ${intent.name} tries again`;
    return { status: true, reason: 'RolledBack', message };
  }
  if (drift.length > 0) return { status: true, reason: 'Drift', message: `not as specified: ${fields(drift)}` };
  return no('AsSpecified');
}

function heldFact({ held }: Judged, kind: HeldNote['kind']): Fact {
  const notes = held.filter((note) => note.kind === kind);
  if (notes.length === 0) return no('NotHeld');
  return { status: true, reason: 'TooMany', message: notes.map(heldText).join('; ') };
}

function nameTaken({ observed, target, intent, decision }: Judged): Fact {
  const adopts = (target?.fitted ?? intent?.lastGood?.desired)?.adopt === true;
  const held = decision.kind === 'hold' ? { held: decision.message } : {};
  const found = observed && takenText({ observed, adopts, ...held, ...(target && { target }) });
  return found ? { status: true, ...found } : no('Free');
}

function facts(judged: Judged): Record<WorkspaceConditionType, Fact> {
  const { observed, target, declaration } = judged;
  const missing = observed?.missingMounts ?? [];
  const newer = observed && offerOf(observed, target);
  return {
    Ready: ready(judged),
    SpecValid: specValid(judged),
    ImageReady: imageReady(judged),
    UpdatePending: updatePending(judged),
    UpdateAvailable: newer ? { status: true, reason: 'TagMoved', message: newer } : no('SameImage'),
    Degraded: degraded(judged),
    Idle: idleFact(judged),
    MountMissing:
      missing.length > 0
        ? { status: true, reason: 'SourceMissing', message: missing.map((m) => m.message).join('; ') }
        : no('AllThere'),
    NameTaken: nameTaken(judged),
    Conflict:
      declaration?.kind === 'conflict'
        ? { status: true, reason: 'Duplicate', message: list(declaration.problems) }
        : no('None'),
    DeletionHeld: heldFact(judged, 'removals'),
    DisruptionHeld: heldFact(judged, 'disruptions'),
    SourceAbsent: declaration ? no('Declared') : sourceAbsent(judged),
  };
}

function sourceAbsent({ absence, intent }: Judged): Fact {
  if (absence) return { status: true, ...absence };
  const since = intent?.tombstone ? ` since ${toTheSecond(intent.tombstone.since)}` : '';
  const nothing = intent?.lastGood ? '' : ', and no spec of it is known; nothing is done until a file does';
  return { status: true, reason: 'NoFile', message: `no file declares it${since}${nothing}` };
}

/** Until the files are read they say nothing: what was known of them before stands. */
const ofFiles = new Set(['SpecValid', 'Conflict', 'DeletionHeld', 'DisruptionHeld', 'SourceAbsent']);
const unsettled: Fact = { status: 'Unknown', reason: 'SourceUnsettled', message: 'no settled scan of the specs yet' };

/** All condition types, always; lastTransitionTime moves only when the status does. */
export function conditionsOf(judged: Judged, previous: Condition[], now: number): Condition<WorkspaceConditionType>[] {
  const generation = judged.intent?.generation;
  const unread = judged.decision.kind === 'hold' && judged.decision.reason === 'SourceUnsettled';
  return Object.entries(facts(judged)).map(([type, found]) => {
    const before = previous.find((condition) => condition.type === type);
    if (unread && ofFiles.has(type) && before) return before as Condition<WorkspaceConditionType>;
    const fact = unread && ofFiles.has(type) ? unsettled : found;
    return asCondition(type as WorkspaceConditionType, fact, { before, now, generation });
  });
}

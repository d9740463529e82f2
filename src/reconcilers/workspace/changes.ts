import { type Container, isHandMade, type Observed } from '../../model/observed.ts';
import type { FieldChange } from '../../model/step.ts';
import type { Target } from '../../model/target.ts';
import { differs, hasCompleted, isNamed, restartOwed, waitsForStop } from './facts.ts';
import { leftToHands, limitTexts, liveWanted, size, wasReached } from './live-fields.ts';
import { revisionFields } from './revision.ts';
import { isMisplaced, memoryWaits } from './rules/live.ts';

type Revisions = Record<string, Record<string, string>>;

/** Fields of two revisions that differ, old to new. A revision nobody remembers differs as a whole. */
function revisionChanges(target: Target, c: Container, revisions: Revisions): FieldChange[] {
  const cost = waitsForStop(target, c) ? 'nextStop' : 'recreate';
  const byHand = isHandMade(c);
  const wanted: Record<string, string> = { ...(byHand && { made: 'by workdock' }), ...revisionFields(target.fitted) };
  const known = revisions[c.hash];
  if (!known) return [{ field: 'spec', from: c.hash, to: target.fitted.hash, cost, drift: false }];
  const actual: Record<string, string> = { ...(byHand && { made: 'by hand' }), ...known, image: c.imageRef };
  return [...new Set([...Object.keys(actual), ...Object.keys(wanted)])]
    .filter((field) => (actual[field] ?? '') !== (wanted[field] ?? ''))
    .map((field) => ({ field, from: said(field, actual), to: said(field, wanted), cost, drift: false }));
}

/** The hash covers bytes; people read sizes. */
const said = (field: string, { [field]: value = '' }: Record<string, string>): string =>
  field === 'resources.shm' && value !== '' ? size(Number(value)) : value;

/** What can change while it runs, and is not as it is wanted. */
function liveRows(target: Target, c: Container): FieldChange[] {
  const { address } = target.fitted;
  const wanted = liveWanted(target.fitted);
  const actual = limitTexts(c.limits);
  const misplaced = !isHandMade(c) && c.networks.join() === target.fitted.networkName && isMisplaced(target, c);
  const rows: [string, string, string][] = [
    ['resources.cpu', actual['resources.cpu'], wanted['resources.cpu']],
    ['resources.memory', actual['resources.memory'], wanted['resources.memory']],
    ['resources.pids', actual['resources.pids'], wanted['resources.pids']],
    ['network', c.networks.join(' ') || 'none', wanted.network],
    ['restart', c.restartPolicy ?? 'no', 'no'],
    ...(misplaced ? [['network.address', c.address ?? '', address ?? ''] satisfies [string, string, string]] : []),
  ];
  return rows
    .filter(([, from, to]) => from !== to)
    .map(([field, from, to]) => {
      const stop = restartOwed(target, c) ? 'restart' : 'nextStop';
      const stays = field === 'network' && isHandMade(c);
      const cost = stays || (field === 'resources.memory' && memoryWaits(target, c)) ? stop : 'live';
      return { field, from, to, cost, drift: !stays && wasReached(target, field, to) };
    });
}

/** The container that differences are told of. */
const subject = ({ current, strays }: Observed) => current ?? strays[0];

const isIgnored = (target: Target, c: Container) => {
  const left: string[] = leftToHands(target, c);
  return ({ field }: FieldChange) => left.includes(field);
};

/** What hands changed and `drift.ignore` leaves as it is: no drift, owed to nobody, and nothing waits for it. */
export function ignoredChanges(target: Target, observed: Observed): FieldChange[] {
  const c = subject(observed);
  return c ? liveRows(target, c).filter(isIgnored(target, c)) : [];
}

function liveChanges(target: Target, c: Container): FieldChange[] {
  const ignored = isIgnored(target, c);
  return liveRows(target, c).filter((row) => !ignored(row));
}

function runChanges(target: Target, c: Container): FieldChange[] {
  const actual = { running: 'Running', paused: 'Frozen' }[c.state as string] ?? 'Stopped';
  if (actual === target.run || hasCompleted(target, c)) return [];
  const cost = actual === 'Stopped' || target.run === 'Stopped' ? 'restart' : 'live';
  return [{ field: 'state', from: actual, to: target.run, cost, drift: target.reachedBefore }];
}

/**
 * Everything in which the engine differs from the target and that is not ignored, field by field. `drift` marks what
 * changed although the target did not: somebody's hands, or an end by itself.
 */
export function changes(
  target: Target,
  { current, strays, taken, imageId, ownName }: Observed,
  revisions: Revisions,
): FieldChange[] {
  const renamed = strays[0] && !current ? strays[0] : undefined;
  const c = current ?? renamed;
  if (!c) {
    // In the place of somebody else's none is made.
    if (taken || target.run === 'Stopped' || target.run === 'Absent') return [];
    return [{ field: 'container', from: 'absent', to: target.run, cost: 'recreate', drift: target.reachedBefore }];
  }
  // What still has its former name after a rename is on its way.
  const drift = renamed !== undefined;
  const name: FieldChange[] = isNamed(c, ownName)
    ? []
    : [{ field: 'container.name', from: c.name, to: ownName, cost: 'live', drift }];
  const byHand = c.hash === target.fitted.hash;
  const revision = differs(target, c, imageId) ? revisionChanges(target, c, revisions) : [];
  return [
    ...name,
    ...revision.map((row) => ({ ...row, drift: byHand })),
    ...liveChanges(target, c),
    ...runChanges(target, c),
  ];
}

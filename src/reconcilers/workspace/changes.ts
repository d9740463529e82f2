import { sameJson } from '../../lib/json.ts';
import type { Container, Observed } from '../../model/observed.ts';
import type { FieldChange } from '../../model/step.ts';
import type { Target } from '../../model/target.ts';
import { differs, hasCompleted, isNamed, isUp, restartOwed } from './facts.ts';
import { revisionFields } from './revision.ts';
import { applicableLimits, isMisplaced } from './rules/live.ts';

type Revisions = Record<string, Record<string, string>>;

const size = (bytes: number) =>
  bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : `${Math.round((bytes / 2 ** 20) * 10) / 10}Mi`;

/** Fields of two revisions that differ, old to new. A revision nobody remembers differs as a whole. */
function revisionChanges(target: Target, c: Container, revisions: Revisions): FieldChange[] {
  const later = isUp(c) && target.fitted.updatePolicy === 'OnStop' && !restartOwed(target, c);
  const cost = later ? 'nextStop' : 'recreate';
  const wanted: Record<string, string> = revisionFields(target.fitted);
  const known = revisions[c.hash];
  if (!known) return [{ field: 'spec', from: c.hash, to: target.fitted.hash, cost, drift: false }];
  const actual: Record<string, string> = { ...known, image: c.imageRef };
  return [...new Set([...Object.keys(actual), ...Object.keys(wanted)])]
    .filter((field) => (actual[field] ?? '') !== (wanted[field] ?? ''))
    .map((field) => ({ field, from: said(field, actual), to: said(field, wanted), cost, drift: false }));
}

/** The hash covers bytes; people read sizes. */
const said = (field: string, { [field]: value = '' }: Record<string, string>): string =>
  field === 'resources.shm' && value !== '' ? size(Number(value)) : value;

/** Limits and network as they are wanted, by spec path and in words. */
const liveWanted = ({ limits, networkName }: Target['fitted']) => ({
  'resources.cpu': `${limits.nanoCpus / 1e9}`,
  'resources.memory': size(limits.memoryBytes),
  'resources.pids': `${limits.pids}`,
  network: networkName ?? 'none',
});

/** Those of them that are as wanted, beside those that were before. */
export function reachedLive({ fitted, reachedLive: before }: Target, left: readonly FieldChange[]) {
  const differs = new Set(left.map(({ field }) => field));
  const now = Object.entries(liveWanted(fitted)).filter(([field]) => !differs.has(field));
  return { ...before, ...Object.fromEntries(now) };
}

function liveChanges(target: Target, c: Container): FieldChange[] {
  const { limits, networkName, address } = target.fitted;
  const wanted = liveWanted(target.fitted);
  const misplaced = c.networks.join() === networkName && isMisplaced(target, c);
  const waits = !sameJson(applicableLimits(target, c), limits);
  const rows: [string, string, string][] = [
    ['resources.cpu', `${c.limits.nanoCpus / 1e9}`, wanted['resources.cpu']],
    ['resources.memory', size(c.limits.memoryBytes), wanted['resources.memory']],
    ['resources.pids', `${c.limits.pids}`, wanted['resources.pids']],
    ['network', c.networks.join(' ') || 'none', wanted.network],
    ['restart', c.restartPolicy ?? 'no', 'no'],
    ...(misplaced ? [['network.address', c.address ?? '', address ?? ''] satisfies [string, string, string]] : []),
  ];
  return rows
    .filter(([, from, to]) => from !== to)
    .map(([field, from, to]) => {
      const stop = restartOwed(target, c) ? 'restart' : 'nextStop';
      const cost = field === 'resources.memory' && waits ? stop : 'live';
      const drift = target.reachedBefore || target.reachedLive?.[field] === to;
      return { field, from, to, cost, drift };
    });
}

function runChanges(target: Target, c: Container): FieldChange[] {
  const actual = { running: 'Running', paused: 'Frozen' }[c.state as string] ?? 'Stopped';
  if (actual === target.run || hasCompleted(target, c)) return [];
  const cost = actual === 'Stopped' || target.run === 'Stopped' ? 'restart' : 'live';
  return [{ field: 'state', from: actual, to: target.run, cost, drift: target.reachedBefore }];
}

/**
 * Everything in which the engine differs from the target, field by field. `drift` marks what changed although the
 * target did not: somebody's hands, or an end by itself.
 */
export function changes(
  target: Target,
  { current, strays, imageId, ownName }: Observed,
  revisions: Revisions,
): FieldChange[] {
  const renamed = strays[0] && !current ? strays[0] : undefined;
  const c = current ?? renamed;
  if (!c) {
    if (target.run === 'Stopped' || target.run === 'Absent') return [];
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

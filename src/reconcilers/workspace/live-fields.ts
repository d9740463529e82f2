import type { Limits } from '../../model/desired.ts';
import { type Ignorable, ignorable } from '../../model/drift.ts';
import type { Container } from '../../model/observed.ts';
import type { FieldChange } from '../../model/step.ts';
import type { Target } from '../../model/target.ts';

/** The hash covers bytes; people read sizes. */
export const size = (bytes: number) =>
  bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}Gi` : `${Math.round((bytes / 2 ** 20) * 10) / 10}Mi`;

/** Limits in words: hands can take one away, which an engine says as 0 or less. */
export const limitTexts = ({ nanoCpus, memoryBytes, pids }: Limits): Record<Exclude<Ignorable, 'network'>, string> => ({
  'resources.cpu': nanoCpus > 0 ? `${nanoCpus / 1e9}` : UNLIMITED,
  'resources.memory': memoryBytes > 0 ? size(memoryBytes) : UNLIMITED,
  'resources.pids': pids > 0 ? `${pids}` : UNLIMITED,
});
const UNLIMITED = 'no limit';

/** Limits and network as they are wanted, by spec path and in words. */
export const liveWanted = ({ limits, networkName }: Target['fitted']): Record<Ignorable, string> => ({
  ...limitTexts(limits),
  network: networkName ?? 'none',
});

const isOfRecord = ({ reachedLiveOf: of }: Target, { id }: Pick<Container, 'id'>) => of === undefined || of === id;

/** Those of them that are as wanted, beside those that were before on this very container. */
export function reachedLive(target: Target, c: Pick<Container, 'id'>, left: readonly FieldChange[]) {
  const differs = new Set(left.map(({ field }) => field));
  const now = Object.entries(liveWanted(target.fitted)).filter(([field]) => !differs.has(field));
  return { ...(isOfRecord(target, c) && target.reachedLive), ...Object.fromEntries(now) };
}

/** The file's present value was in force before: what differs now is none of the file's doing. */
export const wasReached = ({ reachedLive: live, reachedBefore }: Target, field: string, wanted: string): boolean =>
  live?.[field] === undefined ? reachedBefore : live[field] === wanted;

/**
 * Fields of `drift.ignore` that this container may keep as they are, however that is. The file's value of each was in
 * force on it: another value in the file is applied first, and so is any to a container that has not had it.
 */
export function leftToHands(target: Target, c: Pick<Container, 'id'>): Ignorable[] {
  const { driftIgnore = [] } = target.fitted;
  if (driftIgnore.length === 0 || !isOfRecord(target, c)) return [];
  const wanted = liveWanted(target.fitted);
  return ignorable.filter((field) => driftIgnore.includes(field) && wasReached(target, field, wanted[field]));
}

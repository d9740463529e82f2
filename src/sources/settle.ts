import type { Version } from './look.ts';

/** A file that keeps changing holds up the others this long. */
const PATIENCE_MS = 2_000;
/** So do files that change one after the other, as in a slow copy; longer than this they are no longer one change. */
const MAX_HOLD_MS = 60_000;
/** YAML cut in the middle is often valid YAML with less in it; most writers end with a newline. */
const CUT_MS = 5_000;
/** Removed and written again within this time is an update. */
const ABSENT_MS = 1_000;

type Entry = {
  /** What the snapshot has; undefined = the file is not in it. */
  applied?: Version;
  /** What the last look found; undefined = nothing. */
  seen?: Version;
  /** Monotonic time of the look that found `seen` first. */
  seenAtMs: number;
  /** Since when `seen` differs from `applied`. */
  pendingSinceMs: number;
};

/** One monotonic and one wall-clock moment. */
export type Moment = { monotonicMs: number; wallMs: number };
/** `moved`: the look found something else than the one before. `nextMs`: when to look again; undefined = at rest. */
/** `calm`: nothing is held back but files that are cut or never at rest. `leaving`: a file may be gone, or not. */
export type Settled = {
  moved: boolean;
  applied: boolean;
  calm: boolean;
  leaving: boolean;
  nextMs: number | undefined;
};

const isCut = ({ content }: Version): boolean =>
  'text' in content && content.text !== '' && !content.text.endsWith('\n');

/**
 * Turns looks into a snapshot that changes only when the files have come to rest: a content counts when it was the same
 * in looks at least `settleMs` apart, and all that changed together is taken together. A file that does not come to
 * rest keeps its earlier content and lets the others go on.
 */
export function makeSettle(settleMs: number) {
  const entries = new Map<string, Entry>();
  let heldSinceMs: number | undefined;

  const isPending = ({ applied, seen }: Entry): boolean => applied?.key !== seen?.key;
  /** Milliseconds until the entry may be taken. */
  const restMs = ({ seen, seenAtMs }: Entry, { monotonicMs, wallMs }: Moment): number => {
    const age = monotonicMs - seenAtMs;
    if (seen === undefined) return Math.max(settleMs, ABSENT_MS) - age;
    if (!isCut(seen)) return settleMs - age;
    return Math.max(settleMs - age, CUT_MS - Math.max(age, wallMs - seen.modifiedMs));
  };
  const holdsOthers = (entry: Entry, { monotonicMs }: Moment): boolean =>
    monotonicMs - entry.pendingSinceMs <= PATIENCE_MS && (entry.seen === undefined || !isCut(entry.seen));

  /** True when this look found something else than the one before. */
  const note = (path: string, seen: Version | undefined, { monotonicMs }: Moment): boolean => {
    const before = entries.get(path);
    const entry = before ?? { seenAtMs: monotonicMs, pendingSinceMs: monotonicMs };
    const moved = before === undefined || before.seen?.key !== seen?.key;
    if (!isPending(entry)) entry.pendingSinceMs = monotonicMs;
    if (moved) entry.seenAtMs = monotonicMs;
    entry.seen = seen;
    if (entry.applied === undefined && seen === undefined) entries.delete(path);
    else entries.set(path, entry);
    return moved;
  };
  const take = (path: string, entry: Entry): void => {
    if (entry.seen === undefined) entries.delete(path);
    else entry.applied = entry.seen;
  };

  return {
    /** `restart`: something else (a git index) says that the files changed as a whole; their rest begins anew. */
    update: (look: ReadonlyMap<string, Version>, now: Moment, restart = false): Settled => {
      let moved = restart;
      for (const path of new Set([...entries.keys(), ...look.keys()])) {
        if (note(path, look.get(path), now)) moved = true;
      }
      const pending = [...entries].filter(([, entry]) => isPending(entry));
      if (restart) for (const [, entry] of pending) entry.seenAtMs = now.monotonicMs;
      const moving = pending.some(([, entry]) => restMs(entry, now) > 0 && holdsOthers(entry, now));
      heldSinceMs = moving ? (heldSinceMs ?? now.monotonicMs) : undefined;
      const held = heldSinceMs !== undefined && now.monotonicMs - heldSinceMs < MAX_HOLD_MS;
      const ready = held ? [] : pending.filter(([, entry]) => restMs(entry, now) <= 0);
      for (const [path, entry] of ready) take(path, entry);
      const waits = pending.map(([, entry]) => restMs(entry, now)).filter((ms) => ms > 0);
      return {
        moved,
        applied: ready.length > 0,
        calm: !held,
        leaving: pending.some(
          (entry) => isPending(entry[1]) && entry[1].seen === undefined && restMs(entry[1], now) > 0,
        ),
        nextMs: waits.length === 0 ? undefined : Math.min(...waits),
      };
    },
    /** What is in force, by path. */
    snapshot: (): Version[] =>
      [...entries.values()].map(({ applied }) => applied).filter((version) => version !== undefined),
  };
}

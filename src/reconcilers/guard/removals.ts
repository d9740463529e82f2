import { durationText } from '../../lib/duration.ts';
import type { Config } from '../../model/config.ts';
import type { HeldList } from '../../model/held.ts';
import { goneText } from '../../model/removal.ts';
import { isFolderRoot, otherRoots } from '../../model/roots.ts';
import { listHash, mostAtOnce } from './share.ts';

/** A workspace of this instance that no file declares. */
export type Missing = {
  name: string;
  since: string;
  /** The commit that did not have it any more. */
  from?: string | undefined;
  /** How many workspaces there were when it was missed. */
  of?: number | undefined;
  ripe: boolean;
  approved: boolean;
  /** Protected or suspended: not to be removed whatever the guard says. */
  kept: boolean;
};

export type RemovalFacts = {
  missing: readonly Missing[];
  /** When those that are removed already vanished; approved ones are not among them. */
  removed: readonly string[];
  /** Workspaces of this instance that files declare. */
  declared: number;
  /** Sources that are others than those that were trusted, for people. */
  strange: readonly string[];
};

/**
 * Removals that wait for a person: too many in a short time, all there are, or in a source that is another than it was.
 * Undefined when none has to. Pure.
 */
export function heldRemovals(facts: RemovalFacts, guard: Config['guard']): HeldList | undefined {
  const { missing, declared, strange } = facts;
  const mayGo = missing.filter(({ ripe, approved, kept }) => !ripe && !approved && !kept);
  const [first] = mayGo.map(({ since }) => since).sort();
  if (first === undefined) return undefined;
  // Counted from those that wait and not from now: what is held does not go because people took their time to look.
  // From each of them: one that was suspended for weeks does not gather all that went meanwhile.
  const waiting = mayGo.map(({ since }) => Date.parse(since));
  const recent = (since: string) => waiting.some((at) => Math.abs(at - Date.parse(since)) < guard.windowMs);
  const kept = missing.filter(({ since, approved, kept, ripe }) => !approved && (kept || ripe) && recent(since));
  const count = mayGo.length + kept.length + facts.removed.filter(recent).length;
  const others = count - mayGo.length;
  // Who came later was none of them, and frees nobody.
  const of = Math.min(declared + count, ...mayGo.flatMap((each) => each.of ?? []));
  const reason = why({ count, others, of, strange }, guard);
  if (reason === undefined) return undefined;
  const list = [...mayGo].sort((a, b) => (a.name < b.name ? -1 : 1));
  const items = list.map(({ name, ...rest }) => ({ name, what: 'remove' as const, detail: goneText(rest) }));
  const hash = listHash(
    'removals',
    list.map(({ name, since }) => [name, since]),
  );
  return { kind: 'removals', hash, since: first, reason, items };
}

/** `others`: those that count and are not on the list, as they went already, or are protected or suspended. */
type Counted = { count: number; others: number; of: number; strange: readonly string[] };

function why({ count, others, of, strange }: Counted, { removals, windowMs }: Config['guard']): string | undefined {
  const most = mostAtOnce(removals, of);
  const along = others === 0 ? '' : ` (${others} of them went already or ${others === 1 ? 'is' : 'are'} kept)`;
  const within = `within ${durationText(windowMs)}${along}`;
  if (strange.length > 0) return `${strange.join(', ')}; ${count} of ${of} workspaces would be removed${along}`;
  if (count >= 2 && count >= of && most !== Infinity) return `all ${count} workspaces would be removed ${within}`;
  return count > most
    ? `${count} of ${of} workspaces would be removed ${within}; more than ${most} are held`
    : undefined;
}

/** Sources that are others than those that were trusted, or are read no more, each with what that means. */
export const strangeRoots = (trusted: Record<string, string>, now: Record<string, string>): string[] =>
  otherRoots(trusted, now).map((root) => {
    const text = now[root];
    if (text === undefined) return `${root} is not read any more`;
    if (!isFolderRoot(text)) return `${root} is ${text}, and was ${trusted[root]}`;
    return `${root} is not the folder it was: moved, made anew, or another mount`;
  });

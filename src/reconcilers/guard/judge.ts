import type { SourceRef } from '../../model/desired.ts';
import type { HeldList } from '../../model/held.ts';
import type { InstanceRecord } from '../../model/store.ts';
import { type Change, disruptionOf, reasonOf } from './disruptions.ts';
import { listHash, mostAtOnce } from './share.ts';

/** A change that nobody let through yet; digests of the specs before and after, and the commit that brought it. */
export type Pending = Change & { from: string; digest: string; source: SourceRef; by: string | undefined };

/** Who runs; what nobody can tell counts as running. */
export type Running = { count: number; runs: (name: string) => boolean };

type HeldRecord = NonNullable<InstanceRecord['heldChange']>;

/** `record` is remembered also of those whose file cannot be read at the moment: mended, they are held as before. */
export type Held = {
  list: HeldList;
  record: HeldRecord;
  digests: Map<string, string>;
  sources: Map<string, SourceRef>;
};
export type Judged = { released: string[]; held?: Held };

type Facts = {
  /** What was held before. */
  record: HeldRecord | undefined;
  /** Judge also what is held and did not change: the share may be another one. */
  afresh: boolean;
  running: Running;
  share: number;
  now: string;
  /** Whether one that was held is neither taken back by its file nor gone. */
  stays: (name: string) => boolean;
};

type Row = Pending & { does: ReturnType<typeof disruptionOf>; ran: boolean };

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

/**
 * What differs now, as at most two changes: what was held before, with its later edits, and all else. Each is held or
 * let through as a whole; what is held together is one list. Who ran when it was held counts until it is let through:
 * a hold does not end because people went home. Pure.
 */
export function judge(pending: readonly Pending[], facts: Facts): Judged {
  const { record, running, share, stays } = facts;
  const members = record?.members ?? {};
  // Who came later was none of them, and frees nobody of what was held.
  const least = Math.min(running.count, record?.of ?? Infinity);
  const rows = pending.map((change): Row => {
    const before = members[change.name];
    const ran = before?.ran === true || running.runs(change.name);
    // A later commit that does not touch it did not bring it.
    const by = before?.digest === change.digest ? before.by : change.by;
    return { ...change, does: disruptionOf(change), ran, by };
  });
  const tooMany = (some: readonly Row[], of: number) =>
    some.filter(({ does, ran }) => does && ran).length > mostAtOnce(share, of);
  const [kept, fresh] = [rows.filter(({ name }) => members[name]), rows.filter(({ name }) => !members[name])];
  const unread = Object.entries(members).filter(([name]) => !kept.some((row) => row.name === name) && stays(name));
  const same = kept.length + unread.length === Object.keys(members).length && kept.every(isAsHeld(members));
  const keeps = same && !facts.afresh ? kept.length > 0 : tooMany(kept, least);
  // What is left of the old change, and few enough, came about together with the new one.
  const now = keeps ? fresh : rows;
  const of = keeps || kept.length === 0 ? running.count : least;
  const stay = [...(keeps ? kept : []), ...(tooMany(now, of) ? now : [])].sort(byName);
  const released = rows.filter((row) => !stay.includes(row)).map(({ name }) => name);
  if (stay.length === 0 && unread.length === 0) return { released };
  return { released, held: heldOf(stay, Object.fromEntries(unread), facts) };
}

const isAsHeld =
  (members: HeldRecord['members']) =>
  ({ name, digest }: Row): boolean =>
    members[name]?.digest === digest;

function heldOf(stay: readonly Row[], unread: HeldRecord['members'], facts: Facts): Held {
  const { record, share, running } = facts;
  const transitions = stay.map(({ name, from, digest }) => ({ name, from, to: digest }));
  const hash = listHash('disruptions', transitions);
  const since = record?.since ?? facts.now;
  const items = stay.flatMap(({ name, does, ran }) =>
    does ? [{ name, what: does.what, detail: ran ? does.detail : `${does.detail} (not running)` }] : [],
  );
  const counted = stay.flatMap(({ does, ran }) => (does && ran ? [does] : []));
  const along = stay.filter(({ does }) => !does).map(({ name }) => name);
  const of = Math.max(record?.of ?? running.count, counted.length);
  const seen = reasonOf(counted, { running: of, most: mostAtOnce(share, of), by: changeText(stay) });
  const hidden = Object.keys(unread).length;
  const reason = hidden === 0 ? seen : `${seen}; of the same change, without a file that can be read now: ${hidden}`;
  const now = stay.map(
    ({ name, digest, ran, by }) => [name, { digest, ran, ...(by !== undefined && { by }) }] as const,
  );
  return {
    list: { kind: 'disruptions', hash, since, reason, items, ...(along.length > 0 && { along }) },
    record: { hash, since, of, members: { ...unread, ...Object.fromEntries(now) } },
    digests: new Map(stay.map(({ name, digest }) => [name, digest])),
    sources: new Map(stay.map(({ name, source }) => [name, source])),
  };
}

const SHORT = 12;
const MOST_COMMITS = 3;

/** A commit for people; what was never committed is from none. */
export const commitText = ({ commit, author }: SourceRef): string | undefined =>
  commit === undefined || commit.includes('+')
    ? undefined
    : `${commit.slice(0, SHORT)}${author === undefined ? '' : ` of ${author}`}`;

/** Where the change is from, when git knows. */
function changeText(stay: readonly Row[]): string {
  const commits = [...new Set(stay.flatMap(({ by }) => by ?? []))];
  if (commits.length === 0 || stay.some(({ by }) => by === undefined)) return 'one change of the specs';
  if (commits.length > MOST_COMMITS) return `${commits.length} commits`;
  return `commit${commits.length === 1 ? '' : 's'} ${commits.join(' and ')}`;
}

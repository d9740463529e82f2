import type { CatalogState } from './catalog-state.ts';
import { makeSemaphore } from './lib/async.ts';
import { type Clock, timestamp } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Config } from './model/config.ts';
import { type HeldList, heldText, noteOf } from './model/held.ts';
import type { Intent } from './model/intent.ts';
import { type Absence, goneText, unreadText } from './model/removal.ts';
import type { Scan } from './model/source.ts';
import type { EventLog, InstanceStore, IntentStore } from './model/store.ts';
import { heldRemovals, strangeRoots } from './reconcilers/guard/removals.ts';
import {
  judge,
  type Moment,
  ripeSince,
  unwatched,
  type Verdict,
  type Watch,
  watched,
} from './reconcilers/removal/judge.ts';
import { approved, expired, returned, ripened, vanished } from './reconcilers/removal/tombstone.ts';
import { removalCauses } from './reconcilers/workspace/causes.ts';
import { isBraked } from './reconcilers/workspace/holds.ts';
import { caseOf, countOf, factsOf, isLive, type Site } from './removal-facts.ts';

type Deps = {
  catalog: Pick<CatalogState, 'get' | 'all' | 'unnamed'>;
  /** Who goes on under another name is not missing. */
  renamedTo: (name: string) => string | undefined;
  intents: IntentStore;
  instance: InstanceStore;
  config: Pick<Config, 'instance' | 'deletion' | 'guard' | 'resyncMs'>;
  events: Pick<EventLog, 'emit'>;
  clock: Clock;
  log: Log;
  /** Why the data folder cannot be used now: nothing is decided then. */
  dataProblem: () => string | undefined;
  /** Asks for a scan. */
  poke: () => void;
  /** Something was decided about a name, or is to be told of it. */
  changed: (name: string, trigger: string) => void;
};

/** Writes at once; each is an fsync. */
const WIDTH = 16;
/** A scan that was asked for comes soon, and not in a circle. */
const LEAST_WAIT_MS = 50;
/** Timers are for hours at most; who waits longer is asked again. */
const MOST_WAIT_MS = 3_600_000;

/**
 * What becomes of workspaces whose file is gone: tombstones in the intents, written before anything is done about them,
 * and only ever on the word of a settled scan. A file that comes back ends all of it.
 */
export function makeRemovals(deps: Deps) {
  const { catalog, intents, instance, config, events, clock, log } = deps;
  const limited = makeSemaphore(WIDTH);
  /** Who was missed by clean scans of this process, and since when. */
  const watches = new Map<string, Watch>();
  const absences = new Map<string, Absence>();
  let held: HeldList | undefined;
  let roots: Record<string, string> | undefined;
  let scanned = false;
  /** Something could not be written. */
  let owed = false;
  /** Names that the last scan found. */
  let before: ReadonlySet<string> = new Set();
  let cancelTimer: () => void = () => undefined;

  const declared = (name: string): boolean => catalog.get(name) !== undefined || deps.renamedTo(name) !== undefined;
  const site = (): Site => ({
    instanceName: config.instance,
    allSuspended: isBraked(instance.get().suspend, clock.now()),
    now: clock.now(),
    declared,
  });
  const missing = (): Intent[] => {
    const now = site();
    return intents.all().filter((intent) => isLive(intent, now));
  };

  /** Each for itself: what cannot be written now is found again by the next scan. */
  const each = async <T>(items: T[], write: (item: T) => Promise<unknown>): Promise<void> => {
    const attempt = (item: T) =>
      limited(() => write(item)).catch((err: unknown) => {
        owed = true;
        log.warn({ err }, 'a removal could not be noted');
      });
    await Promise.all(items.map(attempt));
  };
  const tell = (event: Parameters<EventLog['emit']>[0]): void => {
    events.emit(event);
    deps.changed(event.name, event.message);
  };

  /** Tombstones for who is missing, and none for who is back. */
  async function note(from: string | undefined): Promise<void> {
    const at = timestamp(clock.now());
    // A tombstone of one that was there in between is an old one, whose end could not be written.
    const isNew = ({ name, tombstone }: Intent) => !tombstone || before.has(name);
    const gone = intents.all().filter((intent) => intent.lastGood && isNew(intent) && !declared(intent.name));
    const back = intents.all().filter(({ name, tombstone }) => tombstone && catalog.get(name));
    const declarations = catalog.all();
    before = new Set(declarations.map(({ name }) => name));
    const recentMs = clock.now() - config.guard.windowMs;
    const of = countOf(intents.all(), declarations, { site: site(), recentMs });
    await each(gone, async ({ name, lastGood }) => {
      await intents.update(name, (intent) => vanished({ since: at, from, of })(returned(intent)));
      const message = `no file declares it any more; it was in ${lastGood!.source.path}`;
      tell({ name, type: 'Warning', reason: 'FileGone', message });
    });
    await each(back, async ({ name, removedAt }) => {
      await intents.update(name, returned);
      if (removedAt) return;
      const message = `declared again in ${catalog.get(name)?.source.path}: its removal is called off`;
      tell({ name, type: 'Normal', reason: 'FileBack', message });
    });
  }

  const beginAnew = (): void => {
    for (const [name, known] of watches) watches.set(name, unwatched(known));
  };
  function watch(all: Intent[], clean: boolean, now: Moment): void {
    const names = new Set(all.map(({ name }) => name));
    for (const name of watches.keys()) if (!names.has(name)) watches.delete(name);
    if (!clean) return;
    for (const { name, tombstone } of all) watches.set(name, watched(watches.get(name), tombstone!, now));
  }

  /** The guard, over what is written. A source that is another is believed once nobody is missing in it. */
  function guard(): void {
    const strange = roots === undefined ? [] : strangeRoots(instance.get().roots ?? {}, roots);
    const facts = factsOf(intents.all(), catalog.all(), { site: site(), strange });
    const before = held;
    held = heldRemovals(facts, config.guard);
    if (held && held.hash !== before?.hash) tellHeld(held, before);
  }
  /** Of each once, however the list grows; the log has every list. */
  function tellHeld(list: HeldList, before: HeldList | undefined): void {
    const { hash, reason, items } = list;
    log.warn({ reason, workspaces: items.length, approve: `workdock approve ${hash}` }, 'removals are held');
    for (const { name } of items) {
      if (before?.items.some((each) => each.name === name)) continue;
      for (const note of noteOf(list, name)) {
        events.emit({ name, type: 'Warning', reason: 'DeletionHeld', message: heldText(note) });
      }
    }
  }
  async function trust(all: Intent[]): Promise<void> {
    const open = all.some(({ tombstone, lastGood }) => {
      const { ripeAt, approvedAt } = tombstone!;
      return !ripeAt && !approvedAt && !lastGood?.desired.deletionProtection;
    });
    if (roots === undefined || open) return;
    await trustNow(roots);
  }
  const trustNow = (now: Record<string, string>) =>
    instance
      .update((record) => ({ ...record, roots: now }))
      .catch((err: unknown) => log.warn({ err }, 'what the sources are could not be kept'));

  const advance = async (name: string, { tombstone }: Intent, { next }: Verdict): Promise<void> => {
    const { since } = tombstone!;
    const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
    const at = timestamp(now.wallMs);
    await intents.update(name, next === 'ripe' ? ripened(since, at) : expired(since, at));
    if (next === 'ripe') watches.set(name, { ...watches.get(name), ripe: ripeSince(at, now) });
    const gone = goneText({ since });
    const because = removalCauses(tombstone);
    if (next === 'ripe')
      tell({ name, type: 'Normal', reason: 'RemovalDue', message: `${gone}: it is stopped`, because });
    else
      tell({ name, type: 'Normal', reason: 'RemovalExpired', message: `${gone}: its container is removed`, because });
  };

  /** What is due is written; returns when the next look is. */
  async function decide(unclear: string | undefined, now: Moment): Promise<number | undefined> {
    const judging = { deletion: config.deletion, now, held, unclear };
    const here = site();
    const look = (intent: Intent) => judge(caseOf(intent, watches.get(intent.name), here), judging);
    const first = new Map(missing().map((intent) => [intent.name, { intent, verdict: look(intent) }]));
    const due = [...first.values()].filter(({ verdict }) => verdict.next);
    await each(due, ({ intent, verdict }) => advance(intent.name, intent, verdict));
    const rest = missing().map((intent) => {
      const known = first.get(intent.name);
      return { name: intent.name, verdict: known?.intent === intent ? known.verdict : look(intent) };
    });
    const names = new Set(rest.map(({ name }) => name));
    for (const name of absences.keys()) if (!names.has(name)) absences.delete(name);
    for (const { name, verdict } of rest) {
      const { reason, message } = verdict.absence;
      const told = absences.get(name);
      absences.set(name, verdict.absence);
      if (told?.message !== message) deps.changed(name, `its removal: ${reason}`);
    }
    if (rest.length === 0) return undefined;
    // Whoever waits for something else than time may be free at any moment.
    return Math.min(config.resyncMs, ...rest.flatMap(({ verdict }) => verdict.afterMs ?? []));
  }

  const lookAgain = (afterMs: number): void => {
    cancelTimer();
    cancelTimer = clock.timer(Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, afterMs)), deps.poke);
  };

  async function take(scan: Extract<Scan, { kind: 'settled' }>): Promise<void> {
    if (deps.dataProblem() !== undefined) return lookAgain(config.resyncMs);
    owed = false;
    const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
    const unclear = unclearIn(scan, catalog.unnamed());
    // Of a commit it is known what is in it, however long no newer one can be had.
    if (catalog.unnamed().length > 0 || scan.trouble?.reason === 'Unusable') beginAnew();
    roots = scan.roots;
    scanned = true;
    await note(scan.from);
    const all = missing();
    watch(all, unclear === undefined, now);
    guard();
    await trust(all);
    const nextMs = await decide(unclear, now);
    cancelTimer();
    if (nextMs !== undefined || owed) lookAgain(nextMs ?? config.resyncMs);
  }

  return {
    /** After the files of a scan were taken over. Never throws for what a later scan finds again. */
    afterScan: async (scan: Scan): Promise<void> => {
      if (scan.kind === 'settled') return take(scan);
      // Nobody was missed while nobody could look: the grace begins anew.
      if (scan.kind === 'unreadable') beginAnew();
      if (missing().length > 0) lookAgain(config.resyncMs);
    },
    /** What was judged of a name that no file declares. */
    absence: (name: string): Absence | undefined => absences.get(name),
    /** Removals that wait for a person, all or none. */
    held: (): HeldList | undefined => held,
    /**
     * Lets exactly the removals of the list through that has this hash now; their names, or undefined when the list
     * that is held is another one. A source that was held for being another is trusted from here on.
     * @throws NOT_PERSISTED
     */
    approve: async (hash: string): Promise<string[] | undefined> => {
      if (scanned) guard();
      const list = held;
      if (list === undefined || list.hash !== hash) return undefined;
      const at = timestamp(clock.now());
      const since = new Map(missing().map(({ name, tombstone }) => [name, tombstone!.since]));
      for (const { name } of list.items) {
        await intents.update(name, approved(since.get(name) ?? '', at));
        const message = `a person let its removal through: approve ${hash}`;
        tell({ name, type: 'Normal', reason: 'RemovalApproved', message });
      }
      if (roots !== undefined) await trustNow(roots);
      guard();
      deps.poke();
      return list.items.map(({ name }) => name);
    },
    /** A word of a person may change what it waits for. */
    asked: (name: string): void => {
      if (absences.has(name)) deps.poke();
    },
    stop: (): void => cancelTimer(),
  };
}
export type Removals = ReturnType<typeof makeRemovals>;

/** Why a settled scan says nothing about who is missing; undefined when it does. */
function unclearIn({ trouble }: Extract<Scan, { kind: 'settled' }>, unnamed: string[]): string | undefined {
  if (trouble) return `the specs cannot be read: ${trouble.message}`;
  return unnamed.length > 0 ? unreadText(unnamed) : undefined;
}

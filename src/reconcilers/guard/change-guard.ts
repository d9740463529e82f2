import { makeSemaphore } from '../../lib/async.ts';
import { type Clock, timestamp } from '../../lib/clock.ts';
import { sameJson } from '../../lib/json.ts';
import type { Log } from '../../lib/log.ts';
import type { Declaration, SourceRef } from '../../model/desired.ts';
import { type HeldList, heldText, isShown, noteOf } from '../../model/held.ts';
import type { Intent } from '../../model/intent.ts';
import type { EventLog, InstanceRecord, InstanceStore, IntentStore } from '../../model/store.ts';
import { digestOf } from '../workspace/intents.ts';
import { disruptionOf } from './disruptions.ts';
import { commitText, type Held, judge, type Pending, type Running } from './judge.ts';

type Valid = Extract<Declaration, { kind: 'valid' }>;
type Deps = {
  declarations: () => Iterable<Declaration>;
  intents: Pick<IntentStore, 'get' | 'update'>;
  instance: InstanceStore;
  events: Pick<EventLog, 'emit'>;
  log: Pick<Log, 'warn' | 'info'>;
  clock: Pick<Clock, 'now'>;
  /** Asks who runs; never fails. */
  running: (justBegun: boolean) => Promise<Running>;
  /** Whether an update of it waits for its next stop, as far as anybody knows. */
  waits: (name: string) => boolean;
  /** `guard.disruptions`. */
  share: number;
};

/** It ends with the change that it was for, also when that is taken back before anything of it was begun. */
const unapproved =
  (digest: string) =>
  (intent: Intent): Intent => {
    const { approved, ...rest } = intent;
    return approved && approved.digest !== digest ? rest : intent;
  };

/** For changes that end nothing, whoever runs. */
const nobody: Running = { count: 0, runs: () => false };

const approvedFor =
  (digest: string, at: string) =>
  (intent: Intent): Intent => ({ ...intent, approved: { digest, at } });

/**
 * Lets changes of specs through, or holds one that disrupts too many as a whole. What differs from what was accepted
 * last is let through by nobody until it was judged: each settled scan asks for that. New names are always free.
 */
export function makeChangeGuard(deps: Deps) {
  const { intents, instance, events, log, clock } = deps;
  const oneAtATime = makeSemaphore(1);
  /** Digests of what is let through and perhaps not accepted yet, by name. */
  let released = new Map<string, string>();
  let held: Held | undefined;
  let first = true;
  /** The commits that the files of each name were of when they were judged last. */
  let commits = new Map<string, string | undefined>();

  const known = (name: string) => {
    const intent = intents.get(name);
    return intent?.lastGood && { intent, before: intent.lastGood.desired };
  };
  const pendingOf = (declaration: Valid): Pending[] => {
    const { name, desired: after, source } = declaration;
    const [digest, old] = [digestOf(after), known(name)];
    if (!old || old.intent.digest === digest) return [];
    const before = commits.get(name) ?? old.intent.lastGood?.source.commit;
    // The same commit as before: what changed is somewhere else, as in a template that was not committed.
    const by = source.commit === before ? undefined : commitText(source);
    return [{ name, before: old.before, after, waits: deps.waits(name), from: old.intent.digest, digest, source, by }];
  };
  const isFree = ({ name, digest }: Pick<Pending, 'name' | 'digest'>): boolean =>
    released.get(name) === digest || intents.get(name)?.approved?.digest === digest;

  /** What cannot be written now is found again by the next judgement. */
  async function endApprovals(valid: readonly Valid[]): Promise<void> {
    const asked = valid.filter(({ name }) => intents.get(name)?.approved);
    const writes = asked.map(({ name, desired }) => intents.update(name, unapproved(digestOf(desired))));
    await Promise.all(writes).catch((err: unknown) => log.warn({ err }, 'an approval that is over could not be ended'));
  }

  const tellEnded = (name: string, message: string) =>
    events.emit({ name, type: 'Normal', reason: 'HoldEnded', message });

  /** One that is held stays so under another name. */
  function byNamesOfNow(record: InstanceRecord['heldChange'], declared: string[]): InstanceRecord['heldChange'] {
    if (!record) return undefined;
    const heirs = new Map(declared.flatMap((name) => [[intents.get(name)?.renamed?.from ?? '', name] as const]));
    const members = Object.entries(record.members).map(([name, member]) => {
      const heir = known(name) ? undefined : heirs.get(name);
      return [heir ?? name, member] as const;
    });
    return { ...record, members: Object.fromEntries(members) };
  }

  /** Also by a controller that finds approvals: the one before it may have ended with nothing told. */
  const tellApproved = (name: string, at: string) => {
    const message = `its change was let through by a person at ${at}`;
    events.emit({ name, type: 'Normal', reason: 'Approved', message });
  };

  /** A record that cannot be written now is written with a later judgement; the hold stands in memory meanwhile. */
  async function remember(heldChange: InstanceRecord['heldChange']): Promise<void> {
    if (sameJson(instance.get().heldChange, heldChange)) return;
    await instance
      .update(({ heldChange: _before, ...record }) => ({ ...record, ...(heldChange && { heldChange }) }))
      .catch((err: unknown) => log.warn({ err }, 'what is held could not be noted'));
  }

  /** `before`: what was told already, perhaps by the controller before this one. */
  function tellHeld(list: HeldList, before: string | undefined): void {
    const { hash, reason, items } = list;
    log.warn(
      { reason, workspaces: items.length, approve: `workdock approve ${hash}` },
      'a change of the specs is held',
    );
    if (hash === before) return;
    for (const { name } of items) {
      for (const note of noteOf(list, name)) {
        events.emit({ name, type: 'Warning', reason: 'DisruptionHeld', message: heldText(note) });
      }
    }
  }

  async function judgeNow(): Promise<string[]> {
    const valid = [...deps.declarations()].filter((each) => each.kind === 'valid');
    const declared = new Map(valid.map((each) => [each.name, each]));
    await endApprovals(valid);
    const changes = valid.flatMap(pendingOf);
    commits = new Map(valid.map(({ name, source }) => [name, source.commit]));
    const open = changes.filter((change) => !isFree(change));
    const record = byNamesOfNow(first ? instance.get().heldChange : held?.record, [...declared.keys()]);
    const running = open.some((change) => disruptionOf(change)) ? await deps.running(first) : nobody;
    const verdict = judge(open, {
      ...{ record, running, afresh: first, share: deps.share, now: timestamp(clock.now()) },
      stays: (name) => known(name) !== undefined && !declared.has(name),
    });
    const approved = changes.filter((change) => first && isFree(change));
    for (const { name } of approved) tellApproved(name, intents.get(name)?.approved?.at ?? '');
    first = false;
    const free = changes.filter((change) => isFree(change) || verdict.released.includes(change.name));
    released = new Map(free.map(({ name, digest }) => [name, digest]));
    const shownBefore = held && isShown(held.list) ? held.list.hash : undefined;
    ({ held } = verdict);
    await remember(held?.record);
    if (held && isShown(held.list) && held.list.hash !== shownBefore) tellHeld(held.list, record?.hash);
    const [was, is] = [record, held?.record].map((each) => Object.keys(each?.members ?? {})) as [string[], string[]];
    for (const name of was.filter((each) => !is.includes(each))) {
      const back = declared.has(name) && !changes.some((change) => change.name === name);
      if (back) tellEnded(name, 'the files say again what is in force');
      if (verdict.released.includes(name)) tellEnded(name, 'what is left of the change is few enough');
    }
    return [...new Set([...was, ...is, ...verdict.released])];
  }

  return {
    /** Whether a pass may take this over; what it may not keeps what was accepted last. */
    mayAccept: ({ name, desired }: Valid): boolean => {
      const digest = digestOf(desired);
      const old = known(name);
      return !old || old.intent.digest === digest || released.get(name) === digest;
    },
    held: (): HeldList[] => (held && isShown(held.list) ? [held.list] : []),
    /** The spec of a workspace that is held. */
    sourceOf: (name: string): SourceRef | undefined => held?.sources.get(name),
    /** Judges what the files say now. @returns names that are to be looked at because of it */
    judge: (): Promise<string[]> => oneAtATime(judgeNow),
    /**
     * Lets what is held under `hash` through: all of it is on disk before any of it is begun. Undefined when something
     * else is held by now.
     * @throws NOT_PERSISTED
     */
    approve: (hash: string): Promise<string[] | undefined> =>
      oneAtATime(async () => {
        if (held?.list.hash !== hash) return undefined;
        const { digests } = held;
        const at = timestamp(clock.now());
        await Promise.all([...digests].map(([name, digest]) => intents.update(name, approvedFor(digest, at))));
        released = new Map([...released, ...digests]);
        held = unreadOf(held);
        await remember(held?.record);
        for (const name of digests.keys()) tellApproved(name, at);
        log.info({ workspaces: digests.size, hash }, 'a held change was let through');
        return [...digests.keys()];
      }),
  };
}
/** Those whose file cannot be read at the moment are not on the list, and were not let through with it. */
function unreadOf({ list, record, digests }: Held): Held | undefined {
  const members = Object.entries(record.members).filter(([name]) => !digests.has(name));
  if (members.length === 0) return undefined;
  const { along: _along, ...rest } = list;
  return {
    list: { ...rest, items: [] },
    record: { ...record, members: Object.fromEntries(members) },
    digests: new Map(),
    sources: new Map(),
  };
}

export type ChangeGuard = ReturnType<typeof makeChangeGuard>;

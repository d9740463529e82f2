import type { IdlePolicy, IdleView } from '../../model/idle.ts';
import type { Intent } from '../../model/intent.ts';
import { withIdleView } from '../workspace/idle-view.ts';
import { cancelled } from './countdown.ts';
import { makeCourtesy } from './courtesy.ts';
import type { IdleDeps } from './deps.ts';
import type { Entry } from './entry.ts';
import { makeGlance } from './glance.ts';
import { makeLeaseWatch } from './lease-watch.ts';
import { makeLeases } from './leases.ts';
import { whyNotRest } from './may-rest.ts';
import { makePeek, type Peeked } from './peek.ts';
import { makeRest, type Outcome } from './rest.ts';
import type { Running, RunningOnes } from './running.ts';
import { tellKeptAwake, tellWouldStop } from './tell.ts';
import { cutShort, type Judgement, LEAST_LOOKS, type Rules, verdictOf } from './verdict.ts';
import { viewOf } from './view.ts';

/** During a countdown a key must be noticed soon. */
const COUNTDOWN_LOOK_MS = 1_000;
const SECOND_LOOK_MS = 2_000;
/** A remembered quiet stretch of this share of the timeout must not outlive its end on disk. */
const SOON_SHARE = 4;

type Deps = IdleDeps & { running: RunningOnes };

/** Looks at workspaces one by one, judges them, shows it, and puts those to rest that are idle. */
export function makeSampler(deps: Deps) {
  const { running: ones, runtime, world, intents, status, events, memories, clock, log, intervalMs } = deps;
  const leases = makeLeases(clock);
  const glance = makeGlance(deps);
  const watchLease = makeLeaseWatch({ ...deps, leases });
  const courtesy = makeCourtesy(deps);
  const entries = new Map<string, Entry>();

  /** Of this very run: what was known of another one is worth nothing. */
  const entryOf = (name: string, run: string): Entry => {
    const known = entries.get(name);
    if (known?.run === run) return known;
    const memory = memories.get(name);
    const past = memory?.run === run ? { memory, atMs: null, streams: 0, counters: [] } : null;
    const entry: Entry = { run, past, dark: { looks: 0, told: false } };
    entries.set(name, entry);
    return entry;
  };
  /** What is known of the present run. */
  const known = (name: string): Entry | undefined => {
    const entry = entries.get(name);
    return entry !== undefined && entry.run === ones.get(name)?.run ? entry : undefined;
  };
  const leftOf = (name: string, intent: Intent | undefined) => leases.leftMs(name, intent?.lease);
  const policyOf = (name: string) => intents.get(name)?.lastGood?.desired.idle;
  const rulesOf = (name: string, policy: IdlePolicy): Rules => {
    const limits = intents.get(name)?.lastGood?.desired.limits;
    return { policy, intervalMs, cpuLimit: limits ? limits.nanoCpus / 1e9 : Number.POSITIVE_INFINITY };
  };
  const blocked = (name: string, intent = intents.get(name)): string | undefined =>
    whyNotRest({
      ...{ intent, settled: world.settled(), declaration: world.declaration(name), status: status.get(name) },
      holds: world.holds(intent?.lastGood?.desired),
      running: ones.get(name),
      leaseLeftMs: leftOf(name, intent),
      nowMs: clock.now(),
    });
  const rest = makeRest({ ...deps, glance, leases, blocked });
  const peek = makePeek({ glance, blocked, clock });
  const asking = (name: string, entry: Entry, running: Running, policy: IdlePolicy) => ({
    ...{ entry, running, rules: rulesOf(name, policy) },
    leaseLeftMs: () => leftOf(name, intents.get(name)),
  });

  const forget = (name: string): void => {
    entries.delete(name);
    memories.forget(name);
  };
  const remember = (name: string, entry: Entry, found: Judgement, timeoutMs: number): void => {
    const before = memories.get(name);
    const lost = before !== undefined && before.watchedMs - before.quietFromMs > timeoutMs / SOON_SHARE;
    const ended = lost && found.past.memory.quietFromMs !== before.quietFromMs;
    Object.assign(entry, { past: found.past, found });
    memories.set(name, found.past.memory, ended);
  };
  function tell(
    name: string,
    entry: Entry,
    { found, policy, why }: { found: Judgement; policy: IdlePolicy; why?: string },
  ) {
    entry.dark.looks = found.unknown.length > 0 ? entry.dark.looks + 1 : 0;
    if (entry.dark.looks === 0) entry.dark.told = false;
    if (entry.dark.looks >= LEAST_LOOKS && !entry.dark.told) {
      entry.dark.told = true;
      tellKeptAwake({ events, name }, found);
    }
    const { memory } = found.past;
    if (!found.idle || policy.mode !== 'Observe' || memory.told || why !== undefined) return;
    tellWouldStop({ events, name }, found);
    entry.past = { ...found.past, memory: { ...memory, told: true } };
    memories.set(name, entry.past.memory, true);
  }
  function publish(name: string, entry: Entry, view: IdleView): void {
    const known = status.get(name);
    if (view !== entry.view && known) status.publish(withIdleView(known, view, clock.now()));
    entry.view = view;
  }
  function show(name: string, entry: Entry, { startedAt }: Running, why: string | undefined): void {
    const { found, verdict, view: before } = entry;
    if (!found || !verdict || found.first) return;
    publish(name, entry, viewOf({ found, verdict, blocked: why, startedAt, intervalMs, before }));
  }
  /** What led to the stop stays in the status while it rests. */
  function showRested(name: string, entry: Entry, { startedAt }: Running, { policy }: Rules): void {
    if (!entry.found) return;
    const { restsAt: _now, ...verdict } = verdictOf(entry.found, policy, { nowMs: clock.now() });
    entry.verdict = verdict;
    const input = { found: entry.found, verdict, blocked: undefined, startedAt, intervalMs, before: undefined };
    publish(name, entry, viewOf(input));
  }

  /** One look and what follows from it; gives the pause until the next one. */
  async function look(name: string): Promise<number | null> {
    const running = ones.get(name);
    if (!running) {
      forget(name);
      return null;
    }
    const policy = policyOf(name);
    if (!policy) return intervalMs;
    const entry = entryOf(name, running.run);
    // On its way down its processes are busy ending.
    if (entry.restSeq !== undefined && entry.restSeq === intents.get(name)?.mark?.seq) return intervalMs;
    if (policy.enabled)
      await watchLease(name, running).catch((err) => log.warn({ name, err }, 'a lease was not taken over'));
    const ask = asking(name, entry, running, policy);
    const { rules } = ask;
    const found = await glance(name, ask);
    remember(name, entry, found, policy.timeoutMs);
    if (!policy.enabled) {
      Object.assign(entry, { verdict: undefined, view: undefined, countdown: undefined });
      return pauseOf(entry, found, policy);
    }
    const why = blocked(name);
    tell(name, entry, { found, policy, ...(why !== undefined && { why }) });
    const leftMs = await courtesy(name, { entry, running, found, blocked: why }, rules);
    const { restsAt, ...verdict } = verdictOf(found, policy, { nowMs: clock.now(), waitMs: leftMs });
    entry.verdict = { ...verdict, ...(restsAt !== undefined && why === undefined && { restsAt }) };
    show(name, entry, running, why);
    const due = found.idle && leftMs === 0 && policy.mode === 'Enforce' && why === undefined;
    if (due) await tryRest(name, { entry, running, rules, trigger: 'idle' });
    return pauseOf(entry, found, policy);
  }

  async function tryRest(name: string, ask: Parameters<typeof rest>[1]): Promise<Outcome> {
    const outcome = await rest(name, ask).catch((err: unknown): Outcome => {
      log.warn({ name, err }, 'an idle workspace could not be put to rest');
      return { rested: false, why: String(err) };
    });
    if (outcome.rested) showRested(name, ask.entry, ask.running, ask.rules);
    if (!outcome.rested && ask.entry.countdown) {
      await runtime.tellTerminals(ask.running.container, cancelled(name, outcome.why)).catch(() => 0);
    }
    delete ask.entry.countdown;
    return outcome;
  }

  /** Sooner when a countdown runs, begins or ends before the next regular look. */
  function pauseOf(entry: Entry, found: Judgement, { timeoutMs, warnBeforeMs, mode }: IdlePolicy): number {
    // One look alone says nothing: people who ask are told something soon.
    if (found.first) return Math.min(SECOND_LOOK_MS, intervalMs);
    if (entry.countdown) return Math.min(COUNTDOWN_LOOK_MS, intervalMs);
    const untilMs = mode === 'Enforce' ? timeoutMs - warnBeforeMs - found.quietMs : Number.POSITIVE_INFINITY;
    return untilMs <= 0 ? intervalMs : Math.max(intervalMs / 2, Math.min(intervalMs, untilMs));
  }

  /** Looks at one workspace are made one after the other, whoever asks for them. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(name) ?? Promise.resolve()).then(act);
    turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };

  return {
    look: (name: string) => inTurn(name, () => look(name)),
    /** A person's clean-up: the same look and the same mark, with a timeout of its own. */
    tryRest: (name: string, policy: IdlePolicy, { dryRun }: { dryRun: boolean }) =>
      inTurn(name, () => judgeNow(name, policy, dryRun)),
    /**
     * Somebody uses it through us. The next look sees that anyhow; written down for a controller that begins before
     * it, because a use without a terminal leaves no other trace.
     */
    used: (name: string): void => {
      const memory = memories.get(name);
      if (memory) memories.set(name, cutShort(memory), true);
    },
    entry: known,
    /** Of this moment, as far as it runs and was looked at before; asking counts as nothing. */
    peek: async (name: string): Promise<Peeked> => {
      const [entry, running, policy] = [known(name), ones.get(name), policyOf(name)];
      return entry && running && policy ? peek(name, asking(name, entry, running, policy)) : {};
    },
    /** It runs no more: what was known of it is worth nothing. */
    forget,
    blocked,
    leaseLeftMs: (name: string) => leftOf(name, intents.get(name)),
  };

  async function judgeNow(name: string, policy: IdlePolicy, dryRun: boolean): Promise<Judged> {
    const running = ones.get(name);
    const why = blocked(name);
    if (!running || why !== undefined)
      return { found: undefined, outcome: { rested: false, why: why ?? 'it does not run' } };
    const entry = entryOf(name, running.run);
    const ask = asking(name, entry, running, policy);
    const found = await glance(name, ask, { kernels: 'fresh' });
    remember(name, entry, found, policy.timeoutMs);
    if (!found.idle || dryRun) return { found, outcome: { rested: false, why: '' } };
    const outcome = await tryRest(name, { entry, running, rules: ask.rules, trigger: 'cleanup by a person' });
    return { found: entry.found ?? found, outcome };
  }
}
type Judged = { found: Judgement | undefined; outcome: Outcome };
export type Sampler = ReturnType<typeof makeSampler>;

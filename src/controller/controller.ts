import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Lane, LoopState, LoopWatch } from '../model/loop.ts';
import type { Reconcile, Result } from '../model/result.ts';
import { makeAttempts } from './attempts.ts';
import { runPass } from './pass.ts';
import { makePassIds } from './pass-ids.ts';
import { makePlaces, type Place } from './places.ts';
import { type Item, makeQueue } from './queue.ts';
import { makeResync } from './resync.ts';

export type ControllerDeps = {
  reconcile: Reconcile;
  /** Passes at once. One that is away, or outlives its deadline, gives its place to others, and keeps its name. */
  parallel: number;
  clock: Clock;
  /** 0 <= r < 1. */
  random: () => number;
  resyncMs: number;
  /** Everything that exists, for the resync. */
  names: () => Iterable<string>;
  log: Log;
  /** Of one pass, without the time it is away. 10 min unless told. */
  deadlineMs?: number;
  watch?: LoopWatch;
};

/** `nextAt` is wall-clock milliseconds of the next look that is already planned. */
export type Inspection = {
  queued: boolean;
  inFlight: boolean;
  overdue: boolean;
  failures: number;
  nextAt: number | undefined;
};

type Flight = { abort: AbortController; news: AbortController; place: Place; overdue: boolean; startedMs: number };

const STOP_GRACE_MS = 10_000;
const UNWIND_MS = 1_000;

/**
 * The generic loop: names in, passes out, at most one in flight per name. Level-triggered: a trigger is for people, and
 * losing every call but `start` costs a resync period and nothing else.
 */
export function makeController(deps: ControllerDeps) {
  const { clock, watch, deadlineMs = 600_000 } = deps;
  const nextId = makePassIds(deps.random);
  const queue = makeQueue({ clock, ...(watch && { onQueued: watch.queued }) });
  const flights = new Map<string, Flight>();
  const idleWaiters: (() => void)[] = [];
  let phase: 'new' | 'started' | 'stopped' = 'new';
  let pumping = false;

  const attempts = makeAttempts({ clock, random: deps.random, wake: (name, trigger) => hint(name, 'event', trigger) });
  const look = (name: string): void => hint(name, 'resync', 'resync');
  const resync = makeResync({ clock, random: deps.random, resyncMs: deps.resyncMs, names: deps.names, look });

  const offer = (name: string, lane: Lane, trigger: string): void => {
    if (phase === 'stopped') return;
    queue.offer(name, lane, trigger);
    pumpSoon();
  };
  /** Hints wait for the end of a failed name's pause, or its own events would undo the backoff. */
  const hint = (name: string, lane: Lane, trigger: string): void => {
    if (phase === 'stopped') return;
    const blockedMs = attempts.blockedMs(name);
    if (blockedMs === 0 || queue.isInFlight(name)) offer(name, lane, trigger);
    else attempts.retryBy(name, blockedMs, trigger);
  };

  // Passes start from an immediate, so that 1,000 quick ones leave room for timers and sockets in between.
  const pumpSoon = (): void => {
    if (pumping || phase !== 'started') return;
    pumping = true;
    setImmediate(pump);
  };
  const places = makePlaces(deps.parallel, () => pumpSoon());
  const pump = (): void => {
    pumping = false;
    while (phase === 'started' && places.isFree()) {
      const item = queue.take();
      if (item === undefined) break;
      void fly(item);
    }
    if (queue.readyCount() === 0 && flights.size === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  };

  const fly = async (item: Item): Promise<void> => {
    const { name, trigger } = item;
    const startedMs = clock.monotonic();
    const flight: Flight = {
      ...{ abort: new AbortController(), news: new AbortController(), place: places.take() },
      ...{ overdue: false, startedMs },
    };
    watch?.taken(startedMs - item.queuedMs);
    const id = nextId();
    const log = deps.log.child({ name, pass: id });
    flights.set(name, flight);
    attempts.cancelRetry(name);
    const onOverdue = (): void => {
      flight.overdue = true;
      watch?.overdue();
      flight.place.leave();
      log.error({ trigger, deadlineMs }, 'a pass outlives its deadline');
    };
    const result = await runPass(item, {
      reconcile: deps.reconcile,
      clock,
      deadlineMs,
      abort: flight.abort,
      place: flight.place,
      pass: { id, log, news: flight.news.signal },
      onOverdue,
    });
    const ms = clock.monotonic() - startedMs;
    watch?.passed(result, ms);
    log.debug({ trigger, result: result.kind, ms: Math.round(ms) }, 'a pass ended');
    flight.place.leave();
    flights.delete(name);
    const again = queue.done(name);
    if (phase !== 'stopped') conclude(item, result, log);
    if (again?.lane === 'change') changed(name, again.trigger);
    else if (again) hint(name, again.lane, again.trigger);
    if (phase === 'started') pumpSoon();
    else pump();
  };

  const conclude = ({ name, trigger }: Item, result: Result, log: Log): void => {
    switch (result.kind) {
      case 'settled':
        attempts.succeeded(name);
        break;
      case 'again':
        attempts.succeeded(name);
        attempts.retryAfter(name, result.afterMs, result.why);
        if (result.afterMs > 0) watch?.planned();
        break;
      case 'failed': {
        const { pauseMs, news } = attempts.failed(name, result.error);
        if (pauseMs !== null) watch?.planned();
        const { code, hint: todo, message } = result.error;
        const facts = { trigger, code, message, hint: todo, pauseMs, failures: attempts.failures(name) };
        // A stack says something about our bugs only; an engine that is away is news of the host, not of each name.
        if (code === 'INTERNAL') log.error({ ...facts, err: result.error }, 'a pass failed');
        else if (news && code !== 'ENGINE_UNREACHABLE') log.warn(facts, 'a pass failed');
        else log.debug(facts, 'a pass failed');
      }
    }
  };

  const changed = (name: string, trigger: string): void => {
    attempts.forgive(name);
    flights.get(name)?.news.abort();
    offer(name, 'change', trigger);
  };

  const inMs = (times: number[]): number => Math.min(...times) - clock.monotonic();
  const inspect = (name: string): Inspection => {
    const times = [attempts.nextAtMs(name), resync.nextAtMs(name)].filter((time) => time !== undefined);
    return {
      queued: queue.isQueued(name),
      inFlight: flights.has(name),
      overdue: flights.get(name)?.overdue ?? false,
      failures: attempts.failures(name),
      // A hint that comes during a backoff waits for its end.
      nextAt: times.length === 0 ? undefined : clock.now() + Math.max(attempts.blockedMs(name), inMs(times)),
    };
  };

  const landed = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.timer(ms, resolve);
      idleWaiters.push(() => {
        cancel();
        resolve();
      });
      pump();
    });

  return {
    /** A changed spec or a person's word: goes first, and forgets earlier failures. */
    changed,
    /** The engine or a timer says "look". */
    event: (name: string, trigger: string): void => hint(name, 'event', trigger),
    resyncAll: (trigger: string): void => {
      for (const name of deps.names()) hint(name, 'resync', trigger);
    },
    /** Looks at the name after `ms`, whatever its passes ask for; the earliest such request wins. */
    after: (name: string, ms: number, trigger: string): void => {
      if (phase === 'stopped') return;
      attempts.askAfter(name, ms, trigger);
      watch?.planned();
    },
    /** Nothing runs before; what was asked for waits. */
    start: (): void => {
      phase = 'started';
      resync.start();
      pumpSoon();
    },
    /**
     * Starts nothing new, lets passes in flight end within `graceMs`, then fires their signals.
     * @returns names whose pass did not end even then.
     */
    stop: async (graceMs = STOP_GRACE_MS): Promise<string[]> => {
      phase = 'stopped';
      resync.stop();
      attempts.clear();
      queue.clear();
      for (const { news } of flights.values()) news.abort();
      await landed(graceMs);
      for (const { abort, place } of flights.values()) {
        abort.abort();
        place.leave();
      }
      if (flights.size > 0) await landed(UNWIND_MS);
      return [...flights.keys()];
    },
    /** Resolves when nothing is queued or in flight; alarms in the future do not count. */
    idle: (): Promise<void> =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        setImmediate(pump);
      }),
    inspect,
    state: (): LoopState => ({
      waiting: queue.waiting(),
      active: places.taken(),
      away: places.away(),
      inFlightMs: [...flights.values()].map((flight) => clock.monotonic() - flight.startedMs),
    }),
  };
}

export type Controller = ReturnType<typeof makeController>;
